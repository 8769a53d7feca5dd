import { createHash } from 'node:crypto'
import { at } from '../core/context.ts'
import type { Reference } from '../image/reference.ts'
import { registryOf } from '../image/reference.ts'
import type { Client } from './client.ts'
import type { HttpResponse } from './transport.ts'

/** A manifest or an index as the registry has it, byte for byte: its digest is that of the bytes. */
export interface Manifest {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Buffer
  readonly content: unknown
}

/** What a reference means in one platform. */
export interface PlatformImage {
  /** `linux/amd64`, `linux/arm/v7` */
  readonly platform: string
  readonly digest: string
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

/** The digest that a reference stands for now; undefined when the registry has no such thing, or does not show it. */
export async function digestOf(client: Client, reference: Reference): Promise<string | undefined> {
  const request = { ...target(reference), actions: 'pull', headers: { accept } } as const
  const { status, headers } = await client.send({ ...request, method: 'HEAD' })
  const digest = headers['docker-content-digest']
  if (status === 200 && typeof digest === 'string') return digest
  return status === 200 ? (await manifestOf(client, reference))?.digest : undefined
}

/** The manifest or the index that a reference stands for; undefined when the registry has none, or does not show it. */
export async function manifestOf(client: Client, reference: Reference): Promise<Manifest | undefined> {
  const request = { ...target(reference), actions: 'pull', headers: { accept } } as const
  const response = await client.send({ ...request, method: 'GET' })
  return response.status === 200 ? readManifest(response) : undefined
}

function readManifest({ headers, body }: HttpResponse): Manifest {
  const content = JSON.parse(body.toString('utf8')) as unknown
  const mediaType = String(headers['content-type'] ?? at(content, 'mediaType') ?? '').split(';')[0] ?? ''
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`
  return { digest, mediaType, bytes: body, content }
}

/** The platforms of a reference with their sizes; what attests them is left out. Empty when it is not there. */
export async function platformsOf(client: Client, reference: Reference): Promise<PlatformImage[]> {
  const manifest = await manifestOf(client, reference)
  if (manifest === undefined) return []
  const children = at(manifest.content, 'manifests')
  if (!Array.isArray(children)) return [await single(client, reference, manifest)]
  const images = children.filter(child => at(child, 'platform', 'os') !== 'unknown')
  return await Promise.all(images.map(child => ofIndex(client, reference, child)))
}

async function ofIndex(client: Client, reference: Reference, child: unknown): Promise<PlatformImage> {
  const digest = String(at(child, 'digest'))
  const manifest = await manifestOf(client, { ...reference, digest })
  return { platform: platformName(at(child, 'platform')), digest, size: sizeOf(manifest?.content) }
}

async function single(client: Client, reference: Reference, manifest: Manifest): Promise<PlatformImage> {
  const config = await configOf(client, reference, manifest)
  return { platform: platformName(config), digest: manifest.digest, size: sizeOf(manifest.content) }
}

/** The labels of a reference (of its first platform); empty when it is not there. */
export async function labelsOf(client: Client, reference: Reference): Promise<Record<string, string>> {
  const manifest = await manifestOf(client, reference)
  const first = at(manifest?.content, 'manifests', '0', 'digest')
  const image =
    typeof first === 'string' ? await manifestOf(client, { ...reference, digest: first }) : manifest
  const config = image && (await configOf(client, reference, image))
  return (at(config, 'config', 'Labels') ?? {}) as Record<string, string>
}

async function configOf(client: Client, reference: Reference, { content }: Manifest): Promise<unknown> {
  const digest = at(content, 'config', 'digest')
  if (typeof digest !== 'string') return undefined
  const request = { ...target(reference), path: `blobs/${digest}`, actions: 'pull', method: 'GET' } as const
  const { status, body } = await client.send(request)
  return status === 200 ? (JSON.parse(body.toString('utf8')) as unknown) : undefined
}

function platformName(platform: unknown): string {
  const parts = ['os', 'architecture', 'variant'].map(key => at(platform, key))
  return parts.filter(part => typeof part === 'string' && part !== '').join('/')
}

function sizeOf(content: unknown): number {
  const layers = at(content, 'layers')
  const parts = [at(content, 'config'), ...(Array.isArray(layers) ? layers : [])]
  return parts.reduce<number>((sum, part) => sum + Number(at(part, 'size') ?? 0), 0)
}
