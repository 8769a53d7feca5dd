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

/** Parses the full references of `tags`. A reference without a tag gets `latest`, as with `docker build --tag`. */
export function fullReferences(texts: readonly string[], context: Context, findings: Findings): ImageName[] {
  return texts.flatMap(text => {
    const image = readName(text, 'tags', context, findings)
    if (image?.reference.digest !== undefined) {
      findings.problems.push({
        input: 'tags',
        cause: `\`tags\` has \`${text}\`, which contains a digest.`,
        remedy: 'Remove the digest, which is only known after the build.',
      })
      return []
    }
    return image === undefined
      ? []
      : [{ ...image, reference: { ...image.reference, tag: image.reference.tag ?? 'latest' } }]
  })
}

/**
 * Returns the version if every image has a fixed tag (`image: ghcr.io/owner/name:1.4`) or digest, so that no rules
 * apply. Undefined: the rules determine the version.
 */
export function fixedVersion(
  images: readonly ImageName[],
  inputs: Inputs,
  findings: Findings,
): Version | undefined {
  for (const { name, reference } of images) {
    if (reference.digest !== undefined && parseBoolean(inputs.build) !== false) rejectDigest(name, findings)
    if (reference.tag !== undefined && inputs.tags !== '') rejectBoth(name, reference.tag, findings)
  }
  if (images.length === 0 || !images.every(isFixed)) return undefined
  const tagNames = [...new Set(images.flatMap(({ reference: { tag } }) => tag ?? []))]
  return { main: tagNames[0] ?? '', tagNames }
}

/** Combines each image with the tags, and appends the full references. */
export function planTags(
  images: readonly ImageName[],
  { main, tagNames }: Version,
  full: readonly ImageName[],
  findings: Findings,
): PlannedTags {
  const combined = images.flatMap(image =>
    isFixed(image) ? tagged(image) : tagNames.map(tag => `${image.name}:${tag}`),
  )
  const tags = [...new Set([...combined, ...full.flatMap(tagged)])]
  const fullTags = full.map(({ reference: { tag = 'latest' } }) => tag)
  if (tags.length === 0 && !images.some(({ reference: { digest } }) => digest)) {
    findings.warnings.push(noTag(images, tagNames))
  }
  return {
    images: [...images, ...full].reduce<ImageName[]>(addRepository, []),
    tags,
    tagNames: tagNames.length > 0 ? tagNames : [...new Set(fullTags)],
    version: main === '' ? (fullTags[0] ?? '') : main,
  }
}

const isFixed = ({ reference: { tag, digest } }: ImageName): boolean =>
  tag !== undefined || digest !== undefined

const tagged = ({ name, reference: { tag } }: ImageName): string[] =>
  tag === undefined ? [] : [`${name}:${tag}`]

const addRepository = (images: ImageName[], image: ImageName): ImageName[] =>
  images.some(({ reference }) => sameRepository(reference, image.reference)) ? images : [...images, image]

function noTag(images: readonly ImageName[], tagNames: readonly string[]): string {
  if (tagNames.length > 0 && images.length === 0)
    return '`image`: no image is enabled, so Slipway tags nothing.'
  return '`tags`: no rule yields a tag for this run.'
}

function rejectDigest(name: string, { problems }: Findings): void {
  problems.push({
    input: 'image',
    cause: `\`image\` contains a digest of \`${name}\`, which is only known after the build.`,
    remedy: 'Remove the digest, or set `build: false` to deploy this existing image.',
  })
}

function rejectBoth(name: string, tag: string, { problems }: Findings): void {
  problems.push({
    input: 'image',
    cause: `\`image\` is \`${name}\` with the tag \`${tag}\`, and \`tags\` is set too.`,
    remedy: `Set \`image\` to \`${name}\`, and add \`${tag}\` as a line of \`tags\`.`,
  })
}
