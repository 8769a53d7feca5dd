import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy between client and server that can cut their connections. */
export interface Proxy extends AsyncDisposable {
  readonly port: number
  /**
   * Cuts all connections. `fin` closes both ends; `rst` resets the client's end; `silence` drops all data without
   * closing anything; `garbage` sends random bytes to the client.
   */
  readonly cut: (how: 'fin' | 'rst' | 'silence' | 'garbage') => void
  /** Returns how many connections there have been. */
  readonly count: () => number
}

export interface ProxyOptions {
  /** The number of connections that are reset before any data gets through. */
  readonly cutsFirst?: number
}

export async function startProxy(target: number, { cutsFirst = 0 }: ProxyOptions = {}): Promise<Proxy> {
  const pairs: { client: Socket; server: Socket }[] = []
  let silent = false
  const pass = (from: Socket, to: Socket) => {
    from.on('data', chunk => {
      if (!silent) to.write(chunk)
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }
  const listener = createServer({ noDelay: true }, client => {
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true })
    pairs.push({ client, server })
    if (pairs.length <= cutsFirst) client.resetAndDestroy()
    pass(client, server)
    pass(server, client)
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    cut(how) {
      silent = how === 'silence'
      for (const { client, server } of pairs) {
        if (how === 'fin') client.end()
        if (how === 'rst') client.resetAndDestroy()
        if (how === 'garbage') client.write(Buffer.alloc(1000, 0x5a))
        if (how === 'fin' || how === 'rst') server.destroy()
      }
    },
    count: () => pairs.length,
    async [Symbol.asyncDispose]() {
      for (const { client, server } of pairs) {
        client.destroy()
        server.destroy()
      }
      listener.close()
      await once(listener, 'close')
    },
  }
}
