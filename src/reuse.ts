import type { Context } from './github/context.ts'
import { parseReference, type Reference } from './image/reference.ts'
import type { Plan } from './plan.ts'
import type { Client } from './registry/client.ts'
import { digestOf, labelsOf, platformsOf } from './registry/manifest.ts'

/**
 * The digest of this commit's image, when it was pushed before with every platform that is asked for; undefined when
 * it has to be built. It is found by its `sha-…` tag, and known by its revision label: a tag can be moved.
 */
export async function findBuilt(
  { image, build }: Plan,
  { sha }: Context,
  client: Client,
): Promise<string | undefined> {
  const first = parseReference(image.tags[0] ?? '')
  if ('reason' in first || sha === '') return undefined
  const reference: Reference = { ...first, tag: `sha-${sha.slice(0, 7)}` }
  const digest = await digestOf(client, reference)
  if (digest === undefined) return undefined
  const pinned = { ...reference, digest }
  const [labels, platforms] = await Promise.all([labelsOf(client, pinned), platformsOf(client, pinned)])
  const there = new Set(platforms.map(({ platform }) => platform))
  const whole = build.platforms.every(platform => there.has(platform))
  return labels['org.opencontainers.image.revision'] === sha && whole ? digest : undefined
}
