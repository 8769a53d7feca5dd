import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Rig } from '../rig/rig.ts'

/** A proxy in front of the rig's registry that injects faults. */
export interface FaultyProxy extends AsyncDisposable {
  /** `address:port`, the beginning of an image reference. */
  readonly host: string
  /** Returns the number of injected faults. */
  readonly faults: () => number
}

/** Handles a request instead of forwarding it. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => void

export const status =
  (code: number): Fault =>
  (_, response) =>
    response.writeHead(code).end()

export const reset: Fault = incoming => incoming.socket.resetAndDestroy()

/** Never answers and never closes the connection. */
export const silence: Fault = incoming => void incoming.resume()

export interface FaultyProxyOptions {
  readonly fault: Fault
  /** How long faults are injected, from the first one on. */
  readonly seconds: number
  /** Selects the requests that get a fault. */
  readonly on: (request: IncomingMessage) => boolean
}

export async function faultyProxy(
  { registry, place }: Rig,
  { fault, seconds, on }: FaultyProxyOptions,
): Promise<FaultyProxy> {
  let faults = 0
  let end = Number.POSITIVE_INFINITY
  const server = createServer((incoming, response) => {
    if (!on(incoming) || Date.now() > end) return forward(incoming, response, registry.host)
    if (faults++ === 0) end = Date.now() + seconds * 1000
    return fault(incoming, response)
  })
  await new Promise<void>(resolve => server.listen(0, `${place.network}.1`, resolve))
  return {
    host: `${place.network}.1:${(server.address() as AddressInfo).port}`,
    faults: () => faults,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Forwards a request with the client's Host header, so that the URLs in the registry's answers lead to the proxy. */
export function forward(incoming: IncomingMessage, response: ServerResponse, upstream: string): void {
  const [host, port] = upstream.split(':')
  const { method, url: path, headers } = incoming
  const forwarded = request({ host, port, method, path, headers }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  forwarded.on('error', () => response.destroy())
  incoming.on('error', () => forwarded.destroy())
  incoming.pipe(forwarded)
}
