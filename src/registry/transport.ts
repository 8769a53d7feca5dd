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

/** Sends one request and returns the response, whatever its status. Rejects if there is no response. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>

/** Time limits of a request, in milliseconds. */
interface Deadlines {
  /** The longest time without any byte. */
  readonly idle: number
  /** The longest time from the connection to the last byte. */
  readonly total: number
}

const defaultDeadlines: Deadlines = { idle: 20_000, total: 90_000 }

/** No manifest, configuration or token is larger (the distribution project accepts manifests of up to 4 MiB). */
const maxBytes = 16 * 1024 * 1024

/** Opens an HTTP transport that uses the proxies of this environment. */
export function openTransport(
  env: Environment,
  signal: AbortSignal,
  deadlines: Deadlines = defaultDeadlines,
): Transport {
  return async request => {
    const timeout = AbortSignal.timeout(deadlines.total)
    const limit = { signal: AbortSignal.any([signal, timeout]), idle: deadlines.idle }
    try {
      return await exchange(request, await routeTo(request, proxyFor(request.url, env), limit.signal), limit)
    } catch (error) {
      if (timeout.aborted && !signal.aborted) throw timedOut(request.url, deadlines.total)
      throw error
    }
  }
}

/** Returns the route to a host. An HTTP proxy gets plain requests with the full URL as path; all else uses a tunnel. */
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

/** Returns the name that the certificate must match. An IP address is never sent as server name (RFC 6066, 3). */
function serverName({ hostname }: URL): tls.ConnectionOptions {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) ? { host } : { host, servername: host }
}

function exchange(
  { method, url, headers, body, trust }: HttpRequest,
  route: RequestOptions,
  { signal, idle }: { readonly signal: AbortSignal; readonly idle: number },
): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>()
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest
  const options = { ...trust, ...route, headers: { ...headers, ...route.headers } }
  const sent = request(url, { ...options, method, signal, timeout: idle }, response => {
    read(response).then(
      content => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content }),
      reject,
    )
  })
  sent.on('timeout', () => sent.destroy(timedOut(url, idle)))
  sent.on('error', reject)
  sent.end(body)
  return promise
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const timedOut = (url: URL, milliseconds: number): Error =>
  Object.assign(new Error(`${url.host} did not answer within ${milliseconds / 1000} seconds`), {
    code: 'ETIMEDOUT',
  })
