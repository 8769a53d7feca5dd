import type { Digest } from '../image/digest.ts'
import { commitTag, revisionOf } from '../image/labels.ts'
import { parseReference, type Reference, repositoryName } from '../image/reference.ts'
import type { Plan } from '../plan/plan.ts'
import type { Client } from '../registry/client.ts'
import { digestOf, labelsOf, platformsOf } from '../registry/manifest.ts'

/**
 * Returns the digest of this commit's image if every repository has it for every platform of the plan; undefined if the
 * image must be built. Finds the image by the tag of the commit, and checks its revision label, because a tag can move.
 */
export async function findBuilt({ image, build }: Plan, client: Client): Promise<Digest | undefined> {
  const reference = commitTag(image)
  if (reference === undefined) return undefined
  const digest = await digestOf(client, reference)
  if (digest === undefined) return undefined
  const pinned = { ...reference, digest }
  const [labels, platforms, others] = await Promise.all([
    labelsOf(client, pinned),
    platformsOf(client, pinned),
    Promise.all(otherRepositories(image.tags, reference).map(each => digestOf(client, { ...each, digest }))),
  ])
  const present = new Set(platforms.map(({ platform }) => platform))
  const complete = build.platforms.every(platform => present.has(platform)) && !others.includes(undefined)
  return labels['org.opencontainers.image.revision'] === revisionOf(image) && complete ? digest : undefined
}

function otherRepositories(tags: readonly string[], first: Reference): Reference[] {
  const found = tags.map(parseReference).filter((each): each is Reference => 'registry' in each)
  const all = new Map(found.map(each => [repositoryName(each), each]))
  all.delete(repositoryName(first))
  return [...all.values()]
}
