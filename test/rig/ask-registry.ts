import type { Registry } from './registry.ts'
import { until } from './until.ts'

interface Request {
  readonly method?: 'GET' | 'HEAD' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const kinds = [
  'oci.image.index.v1',
  'oci.image.manifest.v1',
  'docker.distribution.manifest.list.v2',
  'docker.distribution.manifest.v2',
]

/** Accepts every manifest format. Without it, a registry converts manifests to the oldest format. */
const accept = kinds.map(kind => `application/vnd.${kind}+json`).join()

/**
 * Sends a request for `path` below `/v2/` to a registry of the rig, as its user. Retries on 5xx: when a manifest is
 * pushed again under another tag, this registry (distribution 2.8 with its filesystem driver) truncates the link to it
 * before writing the same link again, and answers 500 to everyone who reads the manifest at that moment.
 */
export async function askRegistry(
  { url, username, password }: Registry,
  path: string,
  { headers = {}, ...request }: Request = {},
): Promise<Response> {
  const login = Buffer.from(`${username}:${password}`).toString('base64')
  const authorization = username === '' ? {} : { authorization: `Basic ${login}` }
  let last = ''
  return await until(
    async () => {
      const answer = await fetch(`${url}/v2/${path}`, {
        ...request,
        headers: { accept, ...authorization, ...headers },
      })
      if (answer.status < 500) return answer
      last = `${answer.status} ${await answer.text()}`
      return undefined
    },
    () => `${url}/v2/${path}: ${last}`,
  )
}
