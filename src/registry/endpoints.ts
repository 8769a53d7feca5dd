import type { InsecureRegistries } from '../docker/docker.ts'
import { apiHost } from './hosts.ts'
import type { HttpRequest, HttpResponse, Transport } from './transport.ts'
import { dockerTrust, isDistrust, isInsecure, isPlain, isUntrusted, type Trust, withSystem } from './trust.ts'

/** A request whose host decides by itself whom to believe. */
export type Send = (request: Omit<HttpRequest, 'trust'>) => Promise<HttpResponse>

/** How often a redirect is followed. */
const farthest = 5

/**
 * Sends a request, and follows redirects as docker does. What says who asks goes to the host that it was meant for,
 * or to the same host with TLS, and nowhere else; nothing leads from TLS to where there is none.
 */
export async function follow(send: Send, request: Parameters<Send>[0]): Promise<HttpResponse> {
  const { authorization, ...others } = request.headers
  let { url } = request
  let known = authorization !== undefined
  for (let hops = 0; ; hops++) {
    const headers = known && authorization !== undefined ? { ...others, authorization } : others
    const response = await send({ ...request, url, headers })
    const next = redirectOf(response, url)
    if (next === undefined || hops >= farthest) return response
    const trusted = isSameHost(url, next)
    if (request.body !== undefined && !trusted) return response
    known &&= trusted
    url = next
  }
}

function redirectOf({ status, headers: { location = '' } }: HttpResponse, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === '') return undefined
  if (!URL.canParse(location, from.href)) return undefined
  const to = new URL(location, from)
  return to.protocol === 'https:' || to.protocol === from.protocol ? to : undefined
}

const isSameHost = (from: URL, to: URL): boolean =>
  from.origin === to.origin ||
  (from.protocol === 'http:' && to.protocol === 'https:' && from.hostname === to.hostname)

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

/** Returns the known result, or finds and keeps it; a failure is not kept. */
function remembered<T>(known: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? find()
  known.set(key, found)
  found.catch(() => known.delete(key))
  return found
}
