import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { connect, type Socket } from 'node:net'

/** Opens a socket to the host of a URL through a proxy. */
export async function openTunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  switch (proxy.protocol) {
    case 'http:':
    case 'https:':
      return await throughHttp(`${url.hostname}:${port}`, proxy, signal)
    case 'socks5:':
    case 'socks5h:':
      return await throughSocks(host, port, proxy, signal)
    default:
      throw new Error(
        `the proxy ${proxy.protocol}//${proxy.host} is not \`http://\`, \`https://\` or \`socks5://\`: refused to connect`,
      )
  }
}

function throughHttp(host: string, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const request = proxy.protocol === 'https:' ? tlsRequest : plainRequest
  const headers = { host, ...proxyAuthorization(proxy) }
  const sent = request(proxy, { method: 'CONNECT', path: host, headers, agent: false, signal })
  const refuse = (status: number | undefined) =>
    reject(new Error(`the proxy ${proxy.host} refused to connect to ${host} (${status})`))
  sent.on('connect', (response, socket) => {
    if (response.statusCode === 200) return resolve(socket)
    socket.destroy()
    refuse(response.statusCode)
  })
  sent.on('response', response => {
    response.resume()
    refuse(response.statusCode)
  })
  sent.on('error', reject)
  sent.end()
  return promise
}

const loginOf = ({ username, password }: URL) => ({
  username: decodeURIComponent(username),
  password: decodeURIComponent(password),
})

export function proxyAuthorization(proxy: URL): Record<string, string> {
  const { username, password } = loginOf(proxy)
  if (username === '') return {}
  return { 'proxy-authorization': `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

/** Opens a SOCKS 5 tunnel (RFC 1928 and 1929). As in Go, the proxy resolves the host name. */
async function throughSocks(host: string, port: number, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: proxy.hostname.replace(/^\[|\]$/g, ''), port: Number(proxy.port || 1080) })
  const abort = () => socket.destroy(new Error('aborted'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    const read = openReader(socket)
    const { username, password } = loginOf(proxy)
    const methods = username === '' ? [0] : [0, 2]
    socket.write(Buffer.from([5, methods.length, ...methods]))
    const [, method] = await read(2)
    if (method === 2 && username !== '') {
      socket.write(Buffer.from([1, ...lengthPrefixed(username), ...lengthPrefixed(password)]))
      const [, denied] = await read(2)
      if (denied !== 0) throw new Error(`the proxy ${proxy.host} refused its login: refused to connect`)
    } else if (method !== 0) throw new Error(`the proxy ${proxy.host} requires a login: refused to connect`)
    socket.write(Buffer.from([5, 1, 0, 3, ...lengthPrefixed(host), port >> 8, port & 255]))
    const [, code, , kind = 0] = await read(4)
    if (code !== 0) throw new Error(`the proxy ${proxy.host} refused to connect to ${host}:${port} (${code})`)
    const addressLength = kind === 1 ? 4 : kind === 4 ? 16 : ((await read(1))[0] ?? 0)
    await read(addressLength + 2)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Encodes a text as its bytes, preceded by their count. */
function lengthPrefixed(text: string): number[] {
  const bytes = [...Buffer.from(text)]
  return [bytes.length, ...bytes]
}

/** Reads exactly `count` bytes from a socket: the bytes after them belong to the host. */
const openReader = (socket: Socket) => async (count: number) => {
  for (;;) {
    const bytes = socket.read(count) as Buffer | null
    if (bytes !== null) return bytes
    if (socket.readableEnded || socket.destroyed) throw socket.errored ?? new Error('the proxy hung up')
    await new Promise<void>(resolve => {
      const events = ['readable', 'end', 'close', 'error'] as const
      const wake = () => {
        for (const event of events) socket.off(event, wake)
        resolve()
      }
      for (const event of events) socket.on(event, wake)
    })
  }
}
