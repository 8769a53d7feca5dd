import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http'
import { type RequestOptions, request as tlsRequest } from 'node:https'
import { isIP } from 'node:net'
import tls from 'node:tls'
import type { Environment } from '../core/runtime.ts'
import { proxyFor } from './proxy.ts'
import type { Trust } from './trust.ts'
import { openTunnel, proxyAuthorization } from './tunnel.ts'

export interface HttpRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly trust: Trust
}

export interface HttpResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** One request over the network, without any judgement of its answer. Rejects when there is none. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>

/** Milliseconds that an answer may take: without a sign of life, and from the connection to its last byte. */
interface Deadlines {
  readonly silence: number
  readonly whole: number
}

const patience: Deadlines = { silence: 20_000, whole: 90_000 }

/** No manifest, configuration or token is larger (the distribution project takes manifests up to 4 MiB). */
const largest = 16 * 1024 * 1024

/** Speaks HTTP as this environment wants it: through its proxies, with its certificates. */
export function openTransport(
  env: Environment,
  signal: AbortSignal,
  deadlines: Deadlines = patience,
): Transport {
  return async request => {
    const late = AbortSignal.timeout(deadlines.whole)
    const limit = { signal: AbortSignal.any([signal, late]), silence: deadlines.silence }
    try {
      return await exchange(request, await routeTo(request, proxyFor(request.url, env), limit.signal), limit)
    } catch (error) {
      if (late.aborted && !signal.aborted) throw timedOut(request.url, deadlines.whole)
      throw error
    }
  }
}

/** A plain request goes to an HTTP proxy as it is, with the whole URL as its path; all else goes through a tunnel. */
async function routeTo(
  { url, trust }: HttpRequest,
  proxy: URL | undefined,
  signal: AbortSignal,
): Promise<RequestOptions> {
  if (proxy === undefined) return {}
  if (url.protocol === 'http:' && proxy.protocol === 'http:') {
    const headers = { host: url.host, ...proxyAuthorization(proxy) }
    return { hostname: proxy.hostname, port: proxy.port, path: url.href, headers }
  }
  const socket = await openTunnel(url, proxy, signal)
  const secure = url.protocol === 'https:'
  return { createConnection: () => (secure ? tls.connect({ ...trust, ...serverName(url), socket }) : socket) }
}

/** The name that the certificate must be for; an address is never sent as one (RFC 6066, 3). */
function serverName({ hostname }: URL): tls.ConnectionOptions {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) ? { host } : { host, servername: host }
}

function exchange(
  { method, url, headers, body, trust }: HttpRequest,
  route: RequestOptions,
  { signal, silence }: { readonly signal: AbortSignal; readonly silence: number },
): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>()
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest
  const routed = { ...trust, ...route, headers: { ...headers, ...route.headers } }
  const sent = request(url, { ...routed, method, signal, timeout: silence }, response => {
    read(response).then(
      content => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content }),
      reject,
    )
  })
  sent.on('timeout', () => sent.destroy(timedOut(url, silence)))
  sent.on('error', reject)
  sent.end(body)
  return promise
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largest) throw new Error(`the answer is larger than ${largest} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const timedOut = (url: URL, milliseconds: number): Error =>
  Object.assign(new Error(`${url.host} did not answer within ${milliseconds / 1000} seconds`), {
    code: 'ETIMEDOUT',
  })
