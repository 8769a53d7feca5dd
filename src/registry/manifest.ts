import { at } from '../core/context.ts'
import { Failure } from '../core/errors.ts'
import { parseJson } from '../core/json.ts'
import { type Digest, digestOfBytes, parseDigest } from '../image/digest.ts'
import { familiar, formatReference, type Reference, registryOf } from '../image/reference.ts'
import type { Client } from './client.ts'
import type { HttpResponse } from './transport.ts'

/** A manifest or an index as the registry has it, byte for byte: its digest is that of the bytes. */
export interface Manifest {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Buffer
  readonly content: unknown
}

/** What a reference means in one platform. */
export interface PlatformImage {
  /** `linux/amd64`, `linux/arm/v7` */
  readonly platform: string
  readonly digest: Digest
  /** Bytes to pull: the configuration and the layers, compressed. */
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

/** What a registry says of a reference: that it is there, that it is not, or neither. */
export type LookUp<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string }

/** Looks up the digest that a reference stands for now. */
export async function lookUpDigest(client: Client, reference: Reference): Promise<LookUp<Digest>> {
  const request = { ...target(reference), actions: 'pull', headers: { accept } } as const
  const response = await client.send({ ...request, method: 'HEAD' })
  if (response.status !== 200) return notFound(response)
  const announced = parseDigest(response.headers['docker-content-digest'])
  if (announced !== undefined && announced === (reference.digest ?? announced))
    return { kind: 'found', value: announced }
  // The body tells what a header does not say, or says of something else.
  const manifest = await lookUpManifest(client, reference)
  return manifest.kind === 'found' ? { kind: 'found', value: manifest.value.digest } : manifest
}

/** Looks up the manifest or the index that a reference stands for now. */
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

/** The digest that a reference stands for now; undefined when the registry has no such thing, or does not show it. */
export const digestOf = async (client: Client, reference: Reference): Promise<Digest | undefined> =>
  shownOf(await lookUpDigest(client, reference))

/** The manifest or the index that a reference stands for; undefined when the registry has none, or does not show it. */
export const manifestOf = async (client: Client, reference: Reference): Promise<Manifest | undefined> =>
  shownOf(await lookUpManifest(client, reference))

const shownOf = <T>(found: LookUp<T>): T | undefined => (found.kind === 'found' ? found.value : undefined)

/** Retries while a registry does not show yet what was pushed moments ago. */
export const soon = async <T>(
  client: Client,
  reference: Reference,
  lookUp: (client: Client, reference: Reference) => Promise<LookUp<T>>,
): Promise<LookUp<T>> =>
  await client.again<LookUp<T>>(async () => {
    const value = await lookUp(client, reference)
    if (value.kind !== 'absent') return { value }
    return { value, again: `The registry does not show \`${familiar(reference)}\` yet.` }
  })

function readManifest(reference: Reference, { headers, body }: HttpResponse): Manifest {
  const digest = digestOfBytes(body)
  const expected = reference.digest ?? parseDigest(headers['docker-content-digest']) ?? digest
  if (digest !== expected) throw otherBytes(formatReference(reference), expected, digest)
  const content = parseJson(body.toString('utf8'))
  const mediaType = String(headers['content-type'] ?? at(content, 'mediaType') ?? '').split(';')[0] ?? ''
  return { digest, mediaType, bytes: body, content }
}

/** Rejects content that does not have its digest: something changed it on the way, or in the registry. */
const otherBytes = (name: string, expected: Digest, actual: Digest): Failure =>
  new Failure('push', {
    cause: `The registry sent other bytes for \`${name}\`: their digest is ${actual}, and not ${expected}.`,
    remedy:
      'Look for a proxy or a cache between this runner and the registry that changes what it passes on.',
  })

/** The platforms of a reference with their sizes; what attests them is left out. Empty when it is not there. */
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

/** The labels of a reference (of its first platform); empty when it is not there. */
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
  if (actual !== digest) throw otherBytes(`${formatReference(reference)}, configuration`, digest, actual)
  return parseJson(body.toString('utf8'))
}

/** Its parts are names, and stand in a table of the summary. */
function platformName(platform: unknown): string {
  const parts = ['os', 'architecture', 'variant'].map(key => at(platform, key))
  return parts.filter(part => typeof part === 'string' && /^[\w.-]+$/.test(part)).join('/')
}

function sizeOf(content: unknown): number {
  const layers = at(content, 'layers')
  const parts = [at(content, 'config'), ...(Array.isArray(layers) ? layers : [])]
  return parts.map(part => at(part, 'size')).reduce<number>((sum, size) => sum + wholeOf(size), 0)
}

const wholeOf = (size: unknown): number => (Number.isSafeInteger(size) ? Number(size) : 0)
