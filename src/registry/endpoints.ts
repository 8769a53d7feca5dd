import type { InsecureRegistries } from '../build/docker.ts'
import { apiHost } from './hosts.ts'
import type { HttpRequest, HttpResponse, Transport } from './transport.ts'
import { dockerTrust, isInsecure, isPlain, isUntrusted, type Trust, withSystem } from './trust.ts'

/** A request whose host decides by itself whom to believe. */
export type Send = (request: Omit<HttpRequest, 'trust'>) => Promise<HttpResponse>

export interface Endpoints {
  /** Where the API of a registry begins: `https://ghcr.io`. */
  readonly base: (registry: string) => Promise<string>
  readonly send: Send
}

/** Finds out, once for each host, whether and how TLS is spoken there. */
export function openEndpoints(transport: Transport, insecure: InsecureRegistries): Endpoints {
  const trusts = new Map<string, Promise<Trust>>()
  const bases = new Map<string, Promise<string>>()
  const trustOf = (host: string) =>
    remembered(trusts, host, async () => ({
      ...(await dockerTrust(host)),
      ...(isInsecure(host, insecure) ? { rejectUnauthorized: false as const } : {}),
    }))
  const send: Send = async request => {
    const { host } = request.url
    const trust = await trustOf(host)
    return await transport({ ...request, trust }).catch(async error => {
      if (!isUntrusted(error)) throw error
      const wider = withSystem(trust)
      const response = await transport({ ...request, trust: wider })
      trusts.set(host, Promise.resolve(wider))
      return response
    })
  }
  const base = (registry: string) =>
    remembered(bases, registry, async () => {
      const host = apiHost(registry)
      return isInsecure(host, insecure) ? await probe(host, send) : `https://${host}`
    })
  return { base, send }
}

/** docker tries TLS first at an insecure registry too, and so never sends a password in the clear without need. */
async function probe(host: string, send: Send): Promise<string> {
  try {
    await send({ method: 'GET', url: new URL(`https://${host}/v2/`), headers: {} })
    return `https://${host}`
  } catch (error) {
    if (isPlain(error)) return `http://${host}`
    throw error
  }
}

/** What was found out once; a failure is forgotten. */
function remembered<T>(known: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? find()
  known.set(key, found)
  found.catch(() => known.delete(key))
  return found
}
