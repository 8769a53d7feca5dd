import type { InsecureRegistries } from '../docker/docker.ts'
import { apiHost } from './hosts.ts'
import type { HttpRequest, HttpResponse, Transport } from './transport.ts'
import {
  dockerTrust,
  isCertificateError,
  isInsecure,
  isNotTls,
  isUnknownAuthority,
  type Trust,
  withSystemAuthorities,
} from './trust.ts'

/** Sends a request with the trust settings of its host. */
export type Send = (request: Omit<HttpRequest, 'trust'>) => Promise<HttpResponse>

const maxRedirects = 5

/**
 * Sends a request, and follows redirects as docker does. The `Authorization` header goes only to the original host, or
 * to the same host with TLS. A redirect from TLS to plain HTTP is not followed.
 */
export async function follow(send: Send, request: Parameters<Send>[0]): Promise<HttpResponse> {
  const { authorization, ...others } = request.headers
  let { url } = request
  let authorized = authorization !== undefined
  for (let hops = 0; ; hops++) {
    const headers = authorized && authorization !== undefined ? { ...others, authorization } : others
    const response = await send({ ...request, url, headers })
    const next = redirectOf(response, url)
    if (next === undefined || hops >= maxRedirects) return response
    const sameHost = isSameHost(url, next)
    if (request.body !== undefined && !sameHost) return response
    authorized &&= sameHost
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
  /** Returns the base URL of a registry's API: `https://ghcr.io`. */
  readonly base: (registry: string) => Promise<string>
  readonly send: Send
}

/**
 * Finds out, once per host, whether the host uses TLS and which certificates it needs. `insecure` may be a promise,
 * because most registries never need it.
 */
export function openEndpoints(
  transport: Transport,
  insecure: InsecureRegistries | Promise<InsecureRegistries>,
): Endpoints {
  const trusts = new Map<string, Promise<Trust>>()
  const bases = new Map<string, Promise<string>>()
  const send: Send = async request => {
    const { host } = request.url
    const trust = await cached(trusts, host, () => dockerTrust(host))
    return await transport({ ...request, trust }).catch(async error => {
      const lenient = isCertificateError(error) && isInsecure(host, await insecure)
      if (!lenient && !isUnknownAuthority(error)) throw error
      const wider = lenient ? { ...trust, rejectUnauthorized: false as const } : withSystemAuthorities(trust)
      const response = await transport({ ...request, trust: wider })
      trusts.set(host, Promise.resolve(wider))
      return response
    })
  }
  const base = (registry: string) =>
    cached(bases, registry, async () => {
      const host = apiHost(registry)
      const tlsError = tryTls(host, send)
      const lenient = Promise.resolve(insecure).then(registries => isInsecure(host, registries))
      // If TLS works, the race ends without waiting for docker's list of insecure registries.
      const lenientIfNeeded = tlsError.then(error => error !== undefined && lenient)
      const error = (await Promise.race([lenient, lenientIfNeeded])) ? await tlsError : undefined
      if (error === undefined) return `https://${host}`
      if (isNotTls(error)) return `http://${host}`
      throw error
    })
  return { base, send }
}

/**
 * Returns the error of a TLS request to the host, undefined if it succeeds. Like docker, Slipway tries TLS first even
 * for an insecure registry, so that a password never goes out unencrypted without need.
 */
const tryTls = (host: string, send: Send): Promise<Error | undefined> =>
  send({ method: 'GET', url: new URL(`https://${host}/v2/`), headers: {} }).then(
    () => undefined,
    (error: unknown) => error as Error,
  )

/** Returns the cached result, or computes and caches it. A failure is not cached. */
function cached<T>(cache: Map<string, Promise<T>>, key: string, compute: () => Promise<T>): Promise<T> {
  const result = cache.get(key) ?? compute()
  cache.set(key, result)
  result.catch(() => cache.delete(key))
  return result
}
