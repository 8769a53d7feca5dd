import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http'
import { type RequestOptions, request as tlsRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import tls from 'node:tls'
import type { Environment } from '../core/runtime.ts'
import { proxyFor } from './proxy.ts'
import type { Trust } from './trust.ts'

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

/** Milliseconds without a sign of life. */
const patience = 20_000

/** No manifest, configuration or token is larger (the distribution project takes manifests up to 4 MiB). */
const largest = 16 * 1024 * 1024

/** Speaks HTTP as this environment wants it: through its proxies, with its certificates. */
export function openTransport(env: Environment, signal: AbortSignal): Transport {
  return async request => {
    const { url, trust } = request
    const proxy = proxyFor(url, env)
    if (proxy === undefined) return await exchange(request, {}, signal)
    if (url.protocol === 'http:') return await exchange(request, throughProxy(url, proxy), signal)
    const socket = await tunnel(url, proxy, signal)
    const createConnection = () => tls.connect({ ...trust, ...serverName(url), socket })
    return await exchange(request, { createConnection }, signal)
  }
}

/** The name that the certificate must be for; an address is never sent as one (RFC 6066, 3). */
function serverName({ hostname }: URL): tls.ConnectionOptions {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) ? { host } : { host, servername: host }
}

function exchange(
  { method, url, headers, body, trust }: HttpRequest,
  route: RequestOptions,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>()
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest
  const routed = { ...trust, ...route, headers: { ...headers, ...route.headers } }
  const sent = request(url, { ...routed, method, signal, timeout: patience }, response => {
    read(response).then(
      content => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content }),
      reject,
    )
  })
  sent.on('timeout', () => sent.destroy(silence(url)))
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

const silence = (url: URL): Error =>
  Object.assign(new Error(`${url.host} did not answer within ${patience / 1000} seconds`), {
    code: 'ETIMEDOUT',
  })

/** A plain request goes to the proxy as it is, with the whole URL as its path. */
function throughProxy(url: URL, proxy: URL): RequestOptions {
  return {
    hostname: proxy.hostname,
    port: proxy.port,
    path: url.href,
    headers: { host: url.host, ...proxyAuthorization(proxy) },
  }
}

/** Has the proxy connect to the host of a URL; the socket given is then as good as one to the host itself. */
function tunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const request = proxy.protocol === 'https:' ? tlsRequest : plainRequest
  const host = `${url.hostname}:${url.port || '443'}`
  const headers = { host, ...proxyAuthorization(proxy) }
  const connect = request(proxy, {
    method: 'CONNECT',
    path: host,
    headers,
    agent: false,
    timeout: patience,
    signal,
  })
  connect.on('connect', (response, socket) => {
    if (response.statusCode === 200) return resolve(socket)
    socket.destroy()
    reject(new Error(`the proxy ${proxy.host} refused to connect to ${host} (${response.statusCode})`))
  })
  connect.on('response', response => {
    response.resume()
    reject(new Error(`the proxy ${proxy.host} refused to connect to ${host} (${response.statusCode})`))
  })
  connect.on('timeout', () => connect.destroy(silence(proxy)))
  connect.on('error', reject)
  connect.end()
  return promise
}

function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}
