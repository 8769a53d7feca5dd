import type { InsecureRegistries } from '../docker/docker.ts'
import { apiHost } from './hosts.ts'
import type { HttpRequest, HttpResponse, Transport } from './transport.ts'
import { dockerTrust, isDistrust, isInsecure, isPlain, isUntrusted, type Trust, withSystem } from './trust.ts'

/** A request whose host decides by itself whom to believe. */
export type Send = (request: Omit<HttpRequest, 'trust'>) => Promise<HttpResponse>

export interface Endpoints {
  /** Where the API of a registry begins: `https://ghcr.io`. */
  readonly base: (registry: string) => Promise<string>
  readonly send: Send
}

/**
 * Finds out, once for each host, whether and how TLS is spoken there. Which registries docker is lenient with may be
 * known later: most never need it.
 */
export function openEndpoints(
  transport: Transport,
  insecure: InsecureRegistries | Promise<InsecureRegistries>,
): Endpoints {
  const trusts = new Map<string, Promise<Trust>>()
  const bases = new Map<string, Promise<string>>()
  const send: Send = async request => {
    const { host } = request.url
    const trust = await remembered(trusts, host, () => dockerTrust(host))
    return await transport({ ...request, trust }).catch(async error => {
      const lenient = isDistrust(error) && isInsecure(host, await insecure)
      if (!lenient && !isUntrusted(error)) throw error
      const wider = lenient ? { ...trust, rejectUnauthorized: false as const } : withSystem(trust)
      const response = await transport({ ...request, trust: wider })
      trusts.set(host, Promise.resolve(wider))
      return response
    })
  }
  const base = (registry: string) =>
    remembered(bases, registry, async () => {
      const host = apiHost(registry)
      const failed = tryTls(host, send)
      const lenient = Promise.resolve(insecure).then(known => isInsecure(host, known))
      const unsure = failed.then(error => error !== undefined && lenient)
      const error = (await Promise.race([lenient, unsure])) ? await failed : undefined
      if (error === undefined) return `https://${host}`
      if (isPlain(error)) return `http://${host}`
      throw error
    })
  return { base, send }
}

/**
 * Why TLS with a certificate that is believed cannot be had there; undefined when it can. docker tries it first at an
 * insecure registry too, and so never sends a password in the clear without need.
 */
const tryTls = (host: string, send: Send): Promise<Error | undefined> =>
  send({ method: 'GET', url: new URL(`https://${host}/v2/`), headers: {} }).then(
    () => undefined,
    (error: unknown) => error as Error,
  )

/** What was found out once; a failure is forgotten. */
function remembered<T>(known: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? find()
  known.set(key, found)
  found.catch(() => known.delete(key))
  return found
}
