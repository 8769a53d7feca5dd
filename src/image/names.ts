import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'
import { records } from '../inputs/lists.ts'
import { parseBoolean } from '../inputs/values.ts'
import { parseReference, type Reference, registryHost } from './reference.ts'

/** A repository that tags are made for. */
export interface ImageName {
  /** As it was written, in lower case, without tag and digest. */
  readonly name: string
  /** With the tag and the digest that were written. */
  readonly reference: Reference
}

/**
 * Parses `image` (or its alias `images`) into the images that are enabled; without either, the repository's own. The input
 * has lines, or one line of CSV, of names or of `name=…,enable=…`.
 */
export function parseImages(inputs: Inputs, context: Context, findings: Findings): ImageName[] {
  const input = chosen(inputs, findings)
  const given = records(inputs[input], input, findings, { comments: true })
  if (given.length === 0) return repositorysOwn(inputs.registry, context, findings)
  return given.flatMap(cells => readLine(cells, input, context, findings))
}

function repositorysOwn(registry: string, context: Context, findings: Findings): ImageName[] {
  const name = defaultImage(registry, context)
  if (context.repository !== '' && 'registry' in parseReference(name))
    return named(name, 'image', context, findings)
  const why =
    context.repository === ''
      ? 'this run has no repository to name it after'
      : `the name of this repository makes no image name (\`${name}\`)`
  findings.problems.push({
    input: 'image',
    cause: `\`image\` is not given, and ${why}.`,
    remedy: 'Give it: `image: ghcr.io/owner/name`.',
  })
  return []
}

/** The input that names the images. */
function chosen({ image, images }: Inputs, { problems }: Findings): 'image' | 'images' {
  if (image !== '' && images !== '') {
    problems.push({
      input: 'images',
      cause: '`image` and `images` are both given, and mean the same.',
      remedy: 'Give one of them.',
    })
  }
  return image === '' && images !== '' ? 'images' : 'image'
}

function readLine(
  cells: readonly string[],
  input: InputName,
  context: Context,
  findings: Findings,
): ImageName[] {
  const names: string[] = []
  let enabled = true
  for (const cell of cells.map(text => text.trim()).filter(text => text !== '')) {
    const [, key, value = ''] = /^([^=]*)=(.*)$/.exec(cell)?.map(part => part.trim()) ?? []
    if (key === undefined) names.push(cell)
    else if (key.toLowerCase() === 'name') names.push(value)
    else if (key.toLowerCase() === 'enable' && parseBoolean(value) !== undefined)
      enabled = parseBoolean(value) === true
    else refuseCell(cell, input, findings)
  }
  if (names.length === 0 || names.includes('')) refuseCell(cells.join(','), input, findings)
  return enabled ? names.flatMap(name => named(name, input, context, findings)) : []
}

function refuseCell(cell: string, input: InputName, { problems }: Findings): void {
  problems.push({
    input,
    cause: `\`${input}\` has \`${cell}\`, which is not understood.`,
    remedy: 'A line is a name (`ghcr.io/owner/name`), or `name=…,enable=true`.',
  })
}

function named(text: string, input: InputName, context: Context, findings: Findings): ImageName[] {
  const read = readName(text, input, context, findings)
  if (read === undefined) return []
  if (!read.reference.repository.endsWith('/binfmt') || /\/binfmt$/i.test(context.repository)) return [read]
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text}\`, which holds emulators.`,
    remedy: 'Name it as `qemu-image`: `image` is what is built here.',
  })
  return []
}

/** Parses a name, in lower case as registries want it, or reports what is wrong with it. */
export function readName(
  text: string,
  input: InputName,
  context: Context,
  findings: Findings,
): ImageName | undefined {
  // A tag may have upper-case letters; a colon before a slash belongs to a port.
  const [, given = text, ends = ''] = /^([^@]*?)((?::[^/:@]*)?(?:@.*)?)$/s.exec(text) ?? []
  const name = given.toLowerCase()
  const reference = parseReference(name + ends)
  if ('reason' in reference) {
    const { reason, remedy } =
      /^[^:]*:\/\//.test(name) || !name.split('/').includes('') ? reference : emptyPart
    findings.problems.push({ input, cause: `\`${input}\` has \`${text}\`: ${reason}.`, remedy })
    return undefined
  }
  const warning = `\`${input}\`: \`${given}\` is taken as \`${name}\`: the names of images are lower case.`
  if (isRespelt(given, context) && !findings.warnings.includes(warning)) findings.warnings.push(warning)
  return { name, reference }
}

/** An expression that gives nothing leaves its place in a name empty: `/app:latest`, `ghcr.io//app`, `:latest`. */
const emptyPart = {
  reason: 'a part of the name is empty',
  remedy:
    'Is the secret or variable that stands there set, and does this run get it? Forks get no secrets, and an environment has its own.',
}

/** `github.repository` has the letters that its owner chose, and a workflow has no way to lower them. */
function isRespelt(given: string, { repository }: Context): boolean {
  const theirs = repository.split('/')
  return given.split('/').some(part => /[A-Z]/.test(part) && !theirs.includes(part))
}

/**
 * Returns the default image, `owner/repository`, in the registry that the run logs in to, or else in that of the server
 * that hosts the repository.
 */
function defaultImage(registry: string, context: Context): string {
  const host = registry === '' ? serverRegistry(context) : registryHost(registry)
  return `${host}/${context.repository.toLowerCase()}`
}

/**
 * github.com has ghcr.io; GitHub Enterprise, Server and Cloud with data residency, `containers.` before its own name
 * (https://docs.github.com/packages/working-with-a-github-packages-registry/working-with-the-container-registry);
 * Gitea and Forgejo, whose API is `/api/v1`, have it under their own.
 */
function serverRegistry({ serverUrl, apiUrl }: Context): string {
  const host = URL.canParse(serverUrl) ? new URL(serverUrl).host : 'github.com'
  if (host === 'github.com') return 'ghcr.io'
  return /\/api\/v1\/?$/.test(apiUrl) ? host : `containers.${host}`
}
