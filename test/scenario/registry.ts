import { askRegistry } from '../rig/ask-registry.ts'
import type { Site } from './site.ts'

/** Returns the digest that a tag of the site's image points to, or undefined if there is no such tag. */
export async function digestIn(site: Site, tag: string): Promise<string | undefined> {
  const answer = await manifest(site, tag, 'HEAD')
  return answer.headers.get('docker-content-digest') ?? undefined
}

/** Returns the platforms of an index in the registry, without attestations. */
export async function platformsIn(site: Site, reference: string): Promise<string[]> {
  const index = (await (await manifest(site, reference, 'GET')).json()) as Index
  return index.manifests
    .map(({ platform: { os, architecture } }) => `${os}/${architecture}`)
    .filter(platform => platform !== 'unknown/unknown')
    .sort()
}

interface Index {
  readonly manifests: readonly { readonly platform: { readonly os: string; readonly architecture: string } }[]
}

const manifest = ({ rig, image }: Site, reference: string, method: 'HEAD' | 'GET'): Promise<Response> =>
  askRegistry(rig.registry, `${image.slice(rig.registry.host.length + 1)}/manifests/${reference}`, { method })
