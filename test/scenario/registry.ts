import type { Site } from './site.ts'

/** The digest that a tag of the site's image stands for; undefined when there is none. */
export async function digestIn(site: Site, tag: string): Promise<string | undefined> {
  const answer = await manifest(site, tag, 'HEAD')
  return answer.headers.get('docker-content-digest') ?? undefined
}

/** The platforms of an index in the registry, without what attests them. */
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

async function manifest({ rig, image }: Site, reference: string, method: 'HEAD' | 'GET'): Promise<Response> {
  const { host, username, password } = rig.registry
  return await fetch(`http://${host}/v2/${image.slice(host.length + 1)}/manifests/${reference}`, {
    method,
    headers: {
      accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json',
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    },
  })
}
