import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Rig } from '../rig/rig.ts'

/** Stands in front of the rig's registry, and gets in the way. */
export interface Front extends AsyncDisposable {
  /** `address:port`, as a reference begins with. */
  readonly host: string
  /** How often it got in the way. */
  readonly faults: () => number
}

/** What is done with a request instead of handing it on; undefined: it is handed on. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => void

export const status =
  (code: number): Fault =>
  (_, response) =>
    response.writeHead(code).end()

export const reset: Fault = incoming => incoming.socket.resetAndDestroy()

/** Never answers, and never hangs up. */
export const silence: Fault = incoming => void incoming.resume()

export interface FrontOptions {
  readonly fault: Fault
  /** How long it lasts from the first request that it befalls. */
  readonly seconds: number
  /** Which requests. */
  readonly on: (request: IncomingMessage) => boolean
}

export async function faultyFront(
  { registry, place }: Rig,
  { fault, seconds, on }: FrontOptions,
): Promise<Front> {
  let faults = 0
  let end = Number.POSITIVE_INFINITY
  const server = createServer((incoming, response) => {
    if (!on(incoming) || Date.now() > end) return handOn(incoming, response, registry.host)
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

/** With the host that was asked for, so that the registry's answers lead back to the front. */
export function handOn(incoming: IncomingMessage, response: ServerResponse, upstream: string): void {
  const [host, port] = upstream.split(':')
  const { method, url: path, headers } = incoming
  const onward = request({ host, port, method, path, headers }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  incoming.on('error', () => onward.destroy())
  incoming.pipe(onward)
}
