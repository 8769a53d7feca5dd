import { Failure } from '../core/errors.ts'
import type { Digest } from '../image/digest.ts'
import { familiar, formatReference, type Reference, registryOf, repositoryName } from '../image/reference.ts'
import type { Client } from './client.ts'
import { digestOf, manifestOf } from './manifest.ts'

/** A tag that did not stand for what was pushed under it, and does now. */
export interface MendedTag {
  readonly tag: Reference
  /** What it stood for; undefined: nothing. */
  readonly before: Digest | undefined
}

/** Lets a tag stand for a digest that its repository has already: the manifest is put again, byte for byte. */
export async function putTag(client: Client, tag: Reference, digest: Digest): Promise<void> {
  const manifest = await manifestOf(client, { ...tag, digest })
  if (manifest === undefined) {
    throw new Failure('push', {
      cause: `\`${formatReference(tag)}\` cannot be moved to ${digest}, which its repository does not have.`,
      remedy: 'Check the digest, and that the login may read it.',
    })
  }
  const { status } = await client.send({
    method: 'PUT',
    registry: registryOf(tag),
    repository: tag.repository,
    path: `manifests/${tag.tag ?? 'latest'}`,
    actions: 'pull,push',
    headers: { 'content-type': manifest.mediaType },
    body: manifest.bytes,
  })
  if (status < 200 || status > 299) {
    throw new Failure('push', {
      cause: `The registry refused to move \`${formatReference(tag)}\` to ${digest} (HTTP status ${status}).`,
      remedy: 'Check that the login may write, and that the registry lets tags be moved.',
    })
  }
}

/**
 * Asks the registry for each tag whether it stands for the digest that was pushed, and puts right one that does not:
 * old buildx and engines leave a tag on one platform's manifest (docker/buildx#3023, moby/moby#49949).
 */
export async function verifyTags(
  client: Client,
  tags: readonly Reference[],
  digest: Digest,
): Promise<MendedTag[]> {
  const mended = await Promise.all(tags.map(tag => verifyTag(client, tag, digest)))
  return mended.filter(tag => tag !== undefined)
}

/** Nothing is moved yet: a tag can stand only for what its own repository has. */
export async function requireEverywhere(
  client: Client,
  tags: readonly Reference[],
  digest: Digest,
): Promise<void> {
  const repositories = [...new Map(tags.map(tag => [repositoryName(tag), tag])).values()]
  const found = await Promise.all(repositories.map(tag => digestOf(client, { ...tag, digest })))
  const problems = repositories
    .filter((_, place) => found[place] === undefined)
    .map(tag => ({
      input: 'tags',
      cause: `\`${repositoryName(tag)}\` does not have ${digest}, which \`${familiar(tag)}\` is to stand for.`,
      remedy:
        'With `build: false` a tag is moved inside its repository: let the run that builds push to each of them.',
    }))
  if (problems.length > 0) throw new Failure('push', problems)
}

async function verifyTag(client: Client, tag: Reference, digest: Digest): Promise<MendedTag | undefined> {
  const before = await digestOf(client, tag)
  if (before === digest) return undefined
  await putTag(client, tag, digest)
  const after = await digestOf(client, tag)
  if (after === digest) return { tag, before }
  throw new Failure('push', {
    cause: `\`${formatReference(tag)}\` stands for ${after ?? 'nothing'}, and not for ${digest}, which was pushed.`,
    remedy: 'Somebody else may have pushed the tag at the same time: let one workflow at a time push it.',
  })
}
