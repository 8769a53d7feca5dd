import { at } from '../core/context.ts'
import { Failure } from '../core/errors.ts'
import { parseJson } from '../core/json.ts'
import { type Digest, digestOfBytes, parseDigest } from '../image/digest.ts'
import { familiar, formatReference, type Reference, registryOf } from '../image/reference.ts'
import type { Client } from './client.ts'
import type { HttpResponse } from './transport.ts'

/** A manifest or an index, byte for byte as in the registry: the digest is that of these bytes. */
export interface Manifest {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Buffer
  readonly content: unknown
}

/** The image of a reference for one platform. */
export interface PlatformImage {
  /** `linux/amd64`, `linux/arm/v7` */
  readonly platform: string
  readonly digest: Digest
  /** The bytes to pull: the configuration and the compressed layers. */
  readonly size: number
}

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

const target = (reference: Reference) => ({
  registry: registryOf(reference),
  repository: reference.repository,
  path: `manifests/${reference.digest ?? reference.tag ?? 'latest'}`,
})

/** The result of a look-up: the registry has the reference, does not have it, or does not say. */
export type LookUp<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string }

/** Looks up the digest that a reference points to now. */
export async function lookUpDigest(client: Client, reference: Reference): Promise<LookUp<Digest>> {
  const request = { ...target(reference), actions: 'pull', headers: { accept } } as const
  const response = await client.send({ ...request, method: 'HEAD' })
  if (response.status !== 200) return notFound(response)
  const announced = parseDigest(response.headers['docker-content-digest'])
  if (announced !== undefined && announced === (reference.digest ?? announced))
    return { kind: 'found', value: announced }
  // The header is missing or names another digest, so the digest is computed from the body.
  const manifest = await lookUpManifest(client, reference)
  return manifest.kind === 'found' ? { kind: 'found', value: manifest.value.digest } : manifest
}

/** Looks up the manifest or the index that a reference points to now. */
export async function lookUpManifest(client: Client, reference: Reference): Promise<LookUp<Manifest>> {
  const request = { ...target(reference), actions: 'pull', headers: { accept } } as const
  const response = await client.send({ ...request, method: 'GET' })
  return response.status === 200
    ? { kind: 'found', value: readManifest(reference, response) }
    : notFound(response)
}

function notFound({ status, headers }: HttpResponse): Exclude<LookUp<never>, { kind: 'found' }> {
  if (status === 404) return { kind: 'absent' }
  const { location = '' } = headers
  const host = URL.canParse(location) ? ` to ${new URL(location).host}` : ''
  const redirect = status >= 300 && status < 400 ? `, a redirect${host} that is not followed` : ''
  return { kind: 'unreadable', why: `HTTP status ${status}${redirect}` }
}

/** Returns the digest that a reference points to now; undefined if the registry does not have it or hides it. */
export const digestOf = async (client: Client, reference: Reference): Promise<Digest | undefined> =>
  foundValue(await lookUpDigest(client, reference))

/** Returns the manifest or the index of a reference; undefined if the registry does not have it or hides it. */
export const manifestOf = async (client: Client, reference: Reference): Promise<Manifest | undefined> =>
  foundValue(await lookUpManifest(client, reference))

const foundValue = <T>(found: LookUp<T>): T | undefined => (found.kind === 'found' ? found.value : undefined)

/** Retries a look-up while the registry does not show yet what was pushed moments ago. */
export const lookUpWithRetries = async <T>(
  client: Client,
  reference: Reference,
  lookUp: (client: Client, reference: Reference) => Promise<LookUp<T>>,
): Promise<LookUp<T>> =>
  await client.retryStale<LookUp<T>>(async () => {
    const value = await lookUp(client, reference)
    if (value.kind !== 'absent') return { value }
    return { value, retryReason: `The registry does not show \`${familiar(reference)}\` yet.` }
  })

function readManifest(reference: Reference, { headers, body }: HttpResponse): Manifest {
  const digest = digestOfBytes(body)
  const expected = reference.digest ?? parseDigest(headers['docker-content-digest']) ?? digest
  if (digest !== expected) throw wrongBytes(formatReference(reference), expected, digest)
  const content = parseJson(body.toString('utf8'))
  const mediaType = String(headers['content-type'] ?? at(content, 'mediaType') ?? '').split(';')[0] ?? ''
  return { digest, mediaType, bytes: body, content }
}

/** Builds the error for content that does not match its digest: something changed it in transit or in the registry. */
const wrongBytes = (name: string, expected: Digest, actual: Digest): Failure =>
  new Failure('push', {
    cause: `The registry sent the wrong bytes for \`${name}\`: their digest is ${actual}, not ${expected}.`,
    remedy: 'Look for a proxy or a cache between this runner and the registry that changes responses.',
  })

/** Returns the platforms of a reference with their sizes, without attestations; empty if there is no such image. */
export async function platformsOf(client: Client, reference: Reference): Promise<PlatformImage[]> {
  const manifest = await manifestOf(client, reference)
  if (manifest === undefined) return []
  const children = at(manifest.content, 'manifests')
  if (!Array.isArray(children)) return [await single(client, reference, manifest)]
  const images = children.filter(child => at(child, 'platform', 'os') !== 'unknown')
  return (await Promise.all(images.map(child => ofIndex(client, reference, child)))).flat()
}

async function ofIndex(client: Client, reference: Reference, child: unknown): Promise<PlatformImage[]> {
  const digest = parseDigest(at(child, 'digest'))
  if (digest === undefined) return []
  const manifest = await manifestOf(client, { ...reference, digest })
  return [{ platform: platformName(at(child, 'platform')), digest, size: sizeOf(manifest?.content) }]
}

async function single(client: Client, reference: Reference, manifest: Manifest): Promise<PlatformImage> {
  const config = await configOf(client, reference, manifest)
  return { platform: platformName(config), digest: manifest.digest, size: sizeOf(manifest.content) }
}

/** Returns the labels of a reference (of its first platform); empty if the registry has no such image. */
export async function labelsOf(client: Client, reference: Reference): Promise<Record<string, string>> {
  const manifest = await manifestOf(client, reference)
  const digest = parseDigest(at(manifest?.content, 'manifests', '0', 'digest'))
  const image = digest === undefined ? manifest : await manifestOf(client, { ...reference, digest })
  const labels = at(image && (await configOf(client, reference, image)), 'config', 'Labels')
  const entries = Object.entries(typeof labels === 'object' && labels !== null ? labels : {})
  return Object.fromEntries(entries.filter(([, value]) => typeof value === 'string'))
}

async function configOf(client: Client, reference: Reference, { content }: Manifest): Promise<unknown> {
  const digest = parseDigest(at(content, 'config', 'digest'))
  if (digest === undefined) return undefined
  const request = { ...target(reference), path: `blobs/${digest}`, actions: 'pull', method: 'GET' } as const
  const { status, body } = await client.send(request)
  if (status !== 200) return undefined
  const actual = digestOfBytes(body)
  if (actual !== digest) throw wrongBytes(`${formatReference(reference)}, configuration`, digest, actual)
  return parseJson(body.toString('utf8'))
}

/** Returns `os/architecture[/variant]`. Drops any part with other characters, because it goes into a summary table. */
function platformName(platform: unknown): string {
  const parts = ['os', 'architecture', 'variant'].map(key => at(platform, key))
  return parts.filter(part => typeof part === 'string' && /^[\w.-]+$/.test(part)).join('/')
}

/** Returns the size of a manifest's configuration and layers, in bytes. */
function sizeOf(content: unknown): number {
  const layers = at(content, 'layers')
  const parts = [at(content, 'config'), ...(Array.isArray(layers) ? layers : [])]
  return parts.map(part => at(part, 'size')).reduce<number>((sum, size) => sum + bytesOf(size), 0)
}

const bytesOf = (size: unknown): number => (Number.isSafeInteger(size) ? Number(size) : 0)
