import { at } from '../core/context.ts'
import { Failure } from '../core/errors.ts'
import type { Digest } from '../image/digest.ts'
import { familiar, formatReference, type Reference, registryOf, repositoryName } from '../image/reference.ts'
import type { Client } from './client.ts'
import { type LookUp, lookUpDigest, lookUpManifest, lookUpWithRetries, type Manifest } from './manifest.ts'
import { NoAnswer } from './with-retries.ts'

/** The result for a tag that did not point to the digest, or that could not be read. */
type TagChange =
  /** The tag points to the digest now; `before` is the digest that it pointed to, if any. */
  | { readonly kind: 'moved'; readonly tag: Reference; readonly before: Digest | undefined }
  | { readonly kind: 'unreadable'; readonly tag: Reference; readonly why: string }

/** Points a tag to a digest that its repository already has, by putting the same manifest, byte for byte. */
export async function putTag(client: Client, tag: Reference, digest: Digest): Promise<void> {
  const manifest = await lookUpWithRetries(client, { ...tag, digest }, lookUpManifest)
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
      remedy: 'Check that the login may write, and that tags in this registry are not immutable.',
    })
  }
}

function cannotMove(tag: Reference, digest: Digest, manifest: LookUp<Manifest>): Failure {
  const absent = 'which its repository does not have'
  const why = manifest.kind === 'unreadable' ? `which cannot be read: ${manifest.why}` : absent
  return new Failure('push', {
    cause: `\`${formatReference(tag)}\` cannot be moved to ${digest}, ${why}.`,
    remedy: 'Check the digest, and that the login may read it.',
  })
}

/**
 * Checks that each tag points to the digest that was just pushed, and moves the tags that do not. A registry may show a
 * push only seconds later, so the check retries before it moves a tag. It does not retry for a tag on one platform's
 * manifest, where old buildx and engines leave it for good (docker/buildx#3023, moby/moby#49949).
 */
export async function verifyTags(
  client: Client,
  tags: readonly Reference[],
  digest: Digest,
): Promise<TagChange[]> {
  const changes = tags.map(tag =>
    verifyTag(client, tag, digest).catch((error: unknown) => {
      // Docker may reach a registry that this process cannot.
      if (error instanceof NoAnswer) return { kind: 'unreadable', tag, why: error.reason } as const
      throw error
    }),
  )
  return (await Promise.all(changes)).filter(change => change !== undefined)
}

async function verifyTag(client: Client, tag: Reference, digest: Digest): Promise<TagChange | undefined> {
  const index = async () => await lookUpManifest(client, { ...tag, digest })
  const before = await awaitTag(client, tag, digest, async found => isPlatformOf(found, await index()))
  if (pointsTo(before, digest)) return undefined
  return before.kind === 'unreadable' ? { ...before, tag } : await moveTag(client, tag, digest, before)
}

/** Moves tags to a digest that their repositories already have; returns the tags that changed. */
export async function moveTags(
  client: Client,
  tags: readonly Reference[],
  digest: Digest,
): Promise<TagChange[]> {
  const changes = tags.map(async tag => {
    const before = await lookUpDigest(client, tag)
    return pointsTo(before, digest) ? undefined : await moveTag(client, tag, digest, before)
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
  if (pointsTo(after, digest))
    return { kind: 'moved', tag, before: before.kind === 'found' ? before.value : undefined }
  const other = after.kind === 'found' ? after.value : 'nothing'
  throw new Failure('push', {
    cause: `\`${formatReference(tag)}\` points to ${other}, not to the pushed ${digest}.`,
    remedy:
      'Another workflow may have pushed the tag at the same time: let only one workflow push it at a time.',
  })
}

const pointsTo = (found: LookUp<Digest>, digest: Digest): boolean =>
  found.kind === 'found' && found.value === digest

/** Looks up a tag until it points to the digest, cannot be read, or `isFinal` says that waiting will not help. */
const awaitTag = async (
  client: Client,
  tag: Reference,
  digest: Digest,
  isFinal: (found: LookUp<Digest>) => Promise<boolean> = () => Promise.resolve(false),
): Promise<LookUp<Digest>> =>
  await client.retryStale(async () => {
    const value = await lookUpDigest(client, tag)
    if (pointsTo(value, digest) || value.kind === 'unreadable' || (await isFinal(value))) return { value }
    return { value, retryReason: `The registry does not show the pushed \`${familiar(tag)}\` yet.` }
  })

/** Reports whether a tag points to the manifest of one platform instead of the index. */
function isPlatformOf(found: LookUp<Digest>, index: LookUp<Manifest> | undefined): boolean {
  if (found.kind !== 'found' || index?.kind !== 'found') return false
  const platforms = at(index.value.content, 'manifests')
  return Array.isArray(platforms) && platforms.some(platform => at(platform, 'digest') === found.value)
}

/** Checks, before any tag is moved, that the repository of every tag has the digest. */
export async function requireDigest(
  client: Client,
  tags: readonly Reference[],
  digest: Digest,
): Promise<void> {
  const repositories = [...new Map(tags.map(tag => [repositoryName(tag), tag])).values()]
  const found = await Promise.all(
    repositories.map(tag => lookUpWithRetries(client, { ...tag, digest }, lookUpDigest)),
  )
  const problems = repositories.flatMap((tag, index) => missingDigest(tag, digest, found[index]))
  if (problems.length > 0) throw new Failure('push', problems)
}

function missingDigest(tag: Reference, digest: Digest, found: LookUp<Digest> | undefined) {
  if (found?.kind === 'found') return []
  const name = repositoryName(tag)
  if (found?.kind === 'unreadable')
    return [
      {
        input: 'tags',
        cause: `\`${familiar(tag)}\` cannot be moved to ${digest}: Slipway cannot tell whether \`${name}\` has it (${found.why}).`,
        remedy: `Give a login that may read and write \`${name}\`.`,
      },
    ]
  return [
    {
      input: 'tags',
      cause: `\`${familiar(tag)}\` cannot be moved to ${digest}: \`${name}\` does not have it.`,
      remedy:
        '`build: false` moves tags only inside a repository: let the run that builds push to every repository.',
    },
  ]
}
