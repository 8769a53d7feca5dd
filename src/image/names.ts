import type { Context } from '../core/context.ts'
import { type Findings, noFindings } from '../core/findings.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'
import { records } from '../inputs/lists.ts'
import { parseBoolean } from '../inputs/values.ts'
import { parseReference, type Reference, registryHost } from './reference.ts'

/** A repository that gets tags. */
export interface ImageName {
  /** The name from the input, in lower case, without tag and digest. */
  readonly name: string
  /** The parsed name, with the tag and digest from the input. */
  readonly reference: Reference
}

/**
 * Parses `image` (or its alias `images`) and returns the enabled images. The default is the image of this repository.
 * The input has one entry per line, or one line of CSV; an entry is a name or `name=…,enable=…`.
 */
export function parseImages(inputs: Inputs, context: Context, findings: Findings): ImageName[] {
  const input = imageInput(inputs, findings)
  const lines = records(inputs[input], input, findings, { comments: true })
  if (lines.length === 0) return repositoryImage(inputs.registry, context, findings)
  return lines.flatMap(cells => {
    const { names, enabled } = readLine(cells, input, findings)
    return enabled ? names.flatMap(name => buildableImage(name, input, context, findings)) : []
  })
}

/** Returns the names that `image` has for other runs: those that are not enabled in this one. */
export function disabledImages(inputs: Inputs): Reference[] {
  const input = imageInput(inputs, noFindings())
  return records(inputs[input], input, noFindings(), { comments: true })
    .map(cells => readLine(cells, input, noFindings()))
    .flatMap(({ names, enabled }) => (enabled ? [] : names.map(name => parseReference(name.toLowerCase()))))
    .filter((each): each is Reference => 'registry' in each)
}

function repositoryImage(registry: string, context: Context, findings: Findings): ImageName[] {
  const name = defaultImage(registry, context)
  if (context.repository !== '' && 'registry' in parseReference(name))
    return buildableImage(name, 'image', context, findings)
  const why =
    context.repository === ''
      ? 'this run has no repository to derive a name from'
      : `the name of this repository is not a valid image name (\`${name}\`)`
  findings.problems.push({
    input: 'image',
    cause: `\`image\` is not set, and ${why}.`,
    remedy: 'Set it: `image: ghcr.io/owner/name`.',
  })
  return []
}

/** Returns the input that sets the images. */
function imageInput({ image, images }: Inputs, { problems }: Findings): 'image' | 'images' {
  if (image !== '' && images !== '') {
    problems.push({
      input: 'images',
      cause: '`image` and `images` are both set; they are the same input.',
      remedy: 'Set only one of them.',
    })
  }
  return image === '' && images !== '' ? 'images' : 'image'
}

function readLine(
  cells: readonly string[],
  input: InputName,
  findings: Findings,
): { readonly names: readonly string[]; readonly enabled: boolean } {
  const names: string[] = []
  let enabled = true
  for (const cell of cells.map(text => text.trim()).filter(text => text !== '')) {
    const [, key, value = ''] = /^([^=]*)=(.*)$/.exec(cell)?.map(part => part.trim()) ?? []
    if (key === undefined) names.push(cell)
    else if (key.toLowerCase() === 'name') names.push(value)
    else if (key.toLowerCase() === 'enable' && parseBoolean(value) !== undefined)
      enabled = parseBoolean(value) === true
    else rejectCell(cell, input, findings)
  }
  if (names.length === 0 || names.includes('')) rejectCell(cells.join(','), input, findings)
  return { names, enabled }
}

function rejectCell(cell: string, input: InputName, { problems }: Findings): void {
  problems.push({
    input,
    cause: `\`${input}\` has \`${cell}\`, which is not valid.`,
    remedy: 'Each line is a name (`ghcr.io/owner/name`) or `name=…,enable=true`.',
  })
}

/**
 * Parses a name. Rejects an image of emulators (`…/binfmt`), which docker/setup-qemu-action takes as `image`.
 */
function buildableImage(text: string, input: InputName, context: Context, findings: Findings): ImageName[] {
  const image = readName(text, input, context, findings)
  if (image === undefined) return []
  const isBinfmt = image.reference.repository.endsWith('/binfmt')
  if (!isBinfmt || /\/binfmt$/i.test(context.repository)) return [image]
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text}\`, which contains emulators.`,
    remedy: 'Set it as `qemu-image`; `image` is the image to build.',
  })
  return []
}

/** Parses a name, converted to lower case for the registry. Reports an invalid name and returns undefined. */
export function readName(
  text: string,
  input: InputName,
  context: Context,
  findings: Findings,
): ImageName | undefined {
  // Only the name is converted: a tag may have upper-case letters. A colon before a slash belongs to a port.
  const [, original = text, tagAndDigest = ''] = /^([^@]*?)((?::[^/:@]*)?(?:@.*)?)$/s.exec(text) ?? []
  const name = original.toLowerCase()
  const reference = parseReference(name + tagAndDigest)
  if ('reason' in reference) {
    const { reason, remedy } =
      /^[^:]*:\/\//.test(name) || !name.split('/').includes('') ? reference : emptyPart
    findings.problems.push({ input, cause: `\`${input}\` has \`${text}\`: ${reason}.`, remedy })
    return undefined
  }
  const warning = `\`${input}\`: Slipway uses \`${name}\` for \`${original}\`, because image names are lower case.`
  if (hasUpperCase(original, context) && !findings.warnings.includes(warning)) findings.warnings.push(warning)
  return { name, reference }
}

/** The result of an expression without a value inside a name: `/app:latest`, `ghcr.io//app`, `:latest`. */
const emptyPart = {
  reason: 'a part of the name is empty',
  remedy:
    'Check that the secret or variable in its place is set and available to this run: forks get no secrets, and environments have secrets of their own.',
}

/**
 * Reports whether a name has upper-case letters that do not come from `github.repository`. Those are ignored, because a
 * workflow cannot convert them to lower case.
 */
function hasUpperCase(name: string, { repository }: Context): boolean {
  const repositoryParts = repository.split('/')
  return name.split('/').some(part => /[A-Z]/.test(part) && !repositoryParts.includes(part))
}

/**
 * Returns the default image, `owner/repository`. Its registry is `registry`, or that of the server that hosts the
 * repository.
 */
function defaultImage(registry: string, context: Context): string {
  const host = registry === '' ? serverRegistry(context) : registryHost(registry)
  return `${host}/${context.repository.toLowerCase()}`
}

/**
 * Returns the registry of the server that hosts the repository. For github.com it is ghcr.io; for GitHub Enterprise
 * (Server, and Cloud with data residency) it is `containers.` and the host name
 * (https://docs.github.com/packages/working-with-a-github-packages-registry/working-with-the-container-registry);
 * for Gitea and Forgejo, whose API is `/api/v1`, it is the host itself.
 */
function serverRegistry({ serverUrl, apiUrl }: Context): string {
  const host = URL.canParse(serverUrl) ? new URL(serverUrl).host : 'github.com'
  if (host === 'github.com') return 'ghcr.io'
  return /\/api\/v1\/?$/.test(apiUrl) ? host : `containers.${host}`
}
