import { at } from '../core/context.ts'
import { Failure } from '../core/errors.ts'
import type { Digest } from '../image/digest.ts'
import { familiar, formatReference, type Reference, registryOf, repositoryName } from '../image/reference.ts'
import type { Client } from './client.ts'
import { type LookUp, lookUpDigest, lookUpManifest, type Manifest, soon } from './manifest.ts'
import { NoAnswer } from './with-retries.ts'

/** The result for a tag that did not point to the digest, or that could not be read. */
type TagChange =
  /** It points to the digest now; `before` is what it pointed to, if anything. */
  | { readonly kind: 'moved'; readonly tag: Reference; readonly before: Digest | undefined }
  | { readonly kind: 'unreadable'; readonly tag: Reference; readonly why: string }

/** Lets a tag stand for a digest that its repository has already: the manifest is put again, byte for byte. */
export async function putTag(client: Client, tag: Reference, digest: Digest): Promise<void> {
  const manifest = await soon(client, { ...tag, digest }, lookUpManifest)
  if (manifest.kind !== 'found') throw cannotMove(tag, digest, manifest)
  const { mediaType, bytes } = manifest.value
  const { status } = await client.send({
    method: 'PUT',
    registry: registryOf(tag),
    repository: tag.repository,
    path: `manifests/${tag.tag ?? 'latest'}`,
    actions: 'pull,push',
    headers: { 'content-type': mediaType },
    body: bytes,
  })
  if (status < 200 || status > 299) {
    throw new Failure('push', {
      cause: `The registry refused to move \`${formatReference(tag)}\` to ${digest} (HTTP status ${status}).`,
      remedy: 'Check that the login may write, and that the registry lets tags be moved.',
    })
  }
}

function cannotMove(tag: Reference, digest: Digest, manifest: LookUp<Manifest>): Failure {
  const lacks = 'which its repository does not have'
  const why = manifest.kind === 'unreadable' ? `which cannot be read: ${manifest.why}` : lacks
  return new Failure('push', {
    cause: `\`${formatReference(tag)}\` cannot be moved to ${digest}, ${why}.`,
    remedy: 'Check the digest, and that the login may read it.',
  })
}

/**
 * Asks the registry for each tag whether it stands for the digest that was just pushed under it. A registry may be
 * seconds behind, so it is asked again before a tag is put once more; old buildx and engines leave a tag on one
 * platform's manifest (docker/buildx#3023, moby/moby#49949), which no time mends.
 */
export async function verifyTags(
  client: Client,
  tags: readonly Reference[],
  digest: Digest,
): Promise<TagChange[]> {
  const changes = tags.map(tag =>
    verifyTag(client, tag, digest).catch((error: unknown) => {
      // docker may reach a registry that this process does not.
      if (error instanceof NoAnswer) return { kind: 'unreadable', tag, why: error.reason } as const
      throw error
    }),
  )
  return (await Promise.all(changes)).filter(change => change !== undefined)
}

async function verifyTag(client: Client, tag: Reference, digest: Digest): Promise<TagChange | undefined> {
  const index = async () => await lookUpManifest(client, { ...tag, digest })
  const before = await awaitTag(client, tag, digest, async found => isPlatformOf(found, await index()))
  if (stands(before, digest)) return undefined
  return before.kind === 'unreadable' ? { ...before, tag } : await moveTag(client, tag, digest, before)
}

/** Moves tags to a digest that their repositories have. */
export async function moveTags(
  client: Client,
  tags: readonly Reference[],
  digest: Digest,
): Promise<TagChange[]> {
  const changes = tags.map(async tag => {
    const before = await lookUpDigest(client, tag)
    return stands(before, digest) ? undefined : await moveTag(client, tag, digest, before)
  })
  return (await Promise.all(changes)).filter(change => change !== undefined)
}

async function moveTag(
  client: Client,
  tag: Reference,
  digest: Digest,
  before: LookUp<Digest>,
): Promise<TagChange> {
  await putTag(client, tag, digest)
  const after = await awaitTag(client, tag, digest)
  if (after.kind === 'unreadable') return { ...after, tag }
  if (stands(after, digest))
    return { kind: 'moved', tag, before: before.kind === 'found' ? before.value : undefined }
  const other = after.kind === 'found' ? after.value : 'nothing'
  throw new Failure('push', {
    cause: `\`${formatReference(tag)}\` points to ${other}, not to the pushed ${digest}.`,
    remedy: 'Somebody else may have pushed the tag at the same time: let one workflow at a time push it.',
  })
}

const stands = (found: LookUp<Digest>, digest: Digest): boolean =>
  found.kind === 'found' && found.value === digest

const awaitTag = async (
  client: Client,
  tag: Reference,
  digest: Digest,
  isFinal: (found: LookUp<Digest>) => Promise<boolean> = () => Promise.resolve(false),
): Promise<LookUp<Digest>> =>
  await client.again(async () => {
    const value = await lookUpDigest(client, tag)
    if (stands(value, digest) || value.kind === 'unreadable' || (await isFinal(value))) return { value }
    return { value, again: `The registry does not show \`${familiar(tag)}\` as it was pushed yet.` }
  })

/** Whether a tag was left on the manifest of one platform of an index. */
function isPlatformOf(found: LookUp<Digest>, index: LookUp<Manifest> | undefined): boolean {
  if (found.kind !== 'found' || index?.kind !== 'found') return false
  const platforms = at(index.value.content, 'manifests')
  return Array.isArray(platforms) && platforms.some(platform => at(platform, 'digest') === found.value)
}

/** Checks, before any tag is moved, that its repository has the digest. */
export async function requireEverywhere(
  client: Client,
  tags: readonly Reference[],
  digest: Digest,
): Promise<void> {
  const repositories = [...new Map(tags.map(tag => [repositoryName(tag), tag])).values()]
  const found = await Promise.all(repositories.map(tag => soon(client, { ...tag, digest }, lookUpDigest)))
  const problems = repositories.flatMap((tag, place) => lackOf(tag, digest, found[place]))
  if (problems.length > 0) throw new Failure('push', problems)
}

function lackOf(tag: Reference, digest: Digest, found: LookUp<Digest> | undefined) {
  if (found?.kind === 'found') return []
  const name = repositoryName(tag)
  if (found?.kind === 'unreadable')
    return [
      {
        input: 'tags',
        cause: `It is unknown whether \`${name}\` has ${digest}, which \`${familiar(tag)}\` is to stand for: ${found.why}.`,
        remedy: `Give a login that may read and write \`${name}\`.`,
      },
    ]
  return [
    {
      input: 'tags',
      cause: `\`${name}\` does not have ${digest}, which \`${familiar(tag)}\` is to stand for.`,
      remedy:
        'With `build: false` a tag is moved inside its repository: let the run that builds push to each of them.',
    },
  ]
}
