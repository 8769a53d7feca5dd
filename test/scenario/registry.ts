import type { Site } from './site.ts'

/** The digest that a tag of the site's image stands for; undefined when there is none. */
export async function digestIn({ rig, image }: Site, tag: string): Promise<string | undefined> {
  const { host, username, password } = rig.registry
  const answer = await fetch(`http://${host}/v2/${image.slice(host.length + 1)}/manifests/${tag}`, {
    method: 'HEAD',
    headers: {
      accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json',
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    },
  })
  return answer.headers.get('docker-content-digest') ?? undefined
}
