import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { parseBoolean } from '../inputs/values.ts'
import { type ImageName, readName } from './names.ts'
import { sameRepository } from './reference.ts'
import type { Version } from './version.ts'

/** The names of the image. */
export interface PlannedTags {
  readonly images: readonly ImageName[]
  readonly tags: readonly string[]
  readonly tagNames: readonly string[]
  readonly version: string
}

/** Parses the full references of `tags`. One without a tag gets `latest`, as with `docker build --tag`. */
export function fullReferences(texts: readonly string[], context: Context, findings: Findings): ImageName[] {
  return texts.flatMap(text => {
    const read = readName(text, 'tags', context, findings)
    if (read?.reference.digest !== undefined) {
      findings.problems.push({
        input: 'tags',
        cause: `\`tags\` has \`${text}\`, which names a digest.`,
        remedy: 'A digest is what comes of a build: leave it out.',
      })
      return []
    }
    return read === undefined
      ? []
      : [{ ...read, reference: { ...read.reference, tag: read.reference.tag ?? 'latest' } }]
  })
}

/**
 * Returns the version of images that name their tag (`image: ghcr.io/owner/name:1.4`), for which no rule makes another.
 * `undefined`: the rules make the version.
 */
export function ownVersion(
  images: readonly ImageName[],
  inputs: Inputs,
  findings: Findings,
): Version | undefined {
  for (const { name, reference } of images) {
    if (reference.digest !== undefined && parseBoolean(inputs.build) !== false) refuseDigest(name, findings)
    if (reference.tag !== undefined && inputs.tags !== '') refuseBoth(name, reference.tag, findings)
  }
  if (images.length === 0 || !images.every(isFixed)) return undefined
  const tagNames = [...new Set(images.flatMap(({ reference: { tag } }) => tag ?? []))]
  return { main: tagNames[0] ?? '', tagNames }
}

/** Combines names and tags, image by image, and appends the full references. */
export function planTags(
  images: readonly ImageName[],
  { main, tagNames }: Version,
  full: readonly ImageName[],
  findings: Findings,
): PlannedTags {
  const made = images.flatMap(image =>
    isFixed(image) ? tagged(image) : tagNames.map(tag => `${image.name}:${tag}`),
  )
  const tags = [...new Set([...made, ...full.flatMap(tagged)])]
  const own = full.map(({ reference: { tag = 'latest' } }) => tag)
  if (tags.length === 0 && !images.some(({ reference: { digest } }) => digest)) {
    findings.warnings.push(noTag(images, tagNames))
  }
  return {
    images: [...images, ...full].reduce<ImageName[]>(addRepository, []),
    tags,
    tagNames: tagNames.length > 0 ? tagNames : [...new Set(own)],
    version: main === '' ? (own[0] ?? '') : main,
  }
}

const isFixed = ({ reference: { tag, digest } }: ImageName): boolean =>
  tag !== undefined || digest !== undefined

const tagged = ({ name, reference: { tag } }: ImageName): string[] =>
  tag === undefined ? [] : [`${name}:${tag}`]

const addRepository = (found: ImageName[], image: ImageName): ImageName[] =>
  found.some(({ reference }) => sameRepository(reference, image.reference)) ? found : [...found, image]

function noTag(images: readonly ImageName[], tagNames: readonly string[]): string {
  if (tagNames.length > 0 && images.length === 0) return '`image`: none is enabled, so nothing is tagged.'
  return '`tags`: no rule made a tag for this run.'
}

function refuseDigest(name: string, { problems }: Findings): void {
  problems.push({
    input: 'image',
    cause: `\`image\` names a digest of \`${name}\`.`,
    remedy: 'A digest is what comes of a build: leave it out, or set `build: false` to deploy what is there.',
  })
}

function refuseBoth(name: string, tag: string, { problems }: Findings): void {
  problems.push({
    input: 'image',
    cause: `\`image\` is \`${name}\` with the tag \`${tag}\`, and \`tags\` is given too.`,
    remedy: `Name it \`${name}\`, and move \`${tag}\` to \`tags\`, as a line.`,
  })
}
