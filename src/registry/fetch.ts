import type { Runtime } from '../core/runtime.ts'
import { openTransport, type Transport } from './transport.ts'
import { isUntrusted, withSystem } from './trust.ts'

/** What the toolkit's GitHub client takes for `fetch`, over our own transport: its proxies and certificates hold. */
export function openFetch({ env }: Pick<Runtime, 'env'>): typeof globalThis.fetch {
  // Requests that report a cancelled job must still go out.
  const send = trustingSystem(openTransport(env, new AbortController().signal))
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const { status, headers, body } = await send({
      method: init.method ?? 'GET',
      url,
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(typeof init.body === 'string' ? { body: Buffer.from(init.body) } : {}),
      trust: {},
    })
    const lines = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    )
    const empty = status === 204 || status === 304
    return new Response(empty ? null : new Uint8Array(body), {
      status,
      headers: new Headers(lines as [string, string][]),
    })
  }
}

/** Asks once more with the machine's own list, where the first time failed for want of an authority. */
export const trustingSystem =
  (transport: Transport): Transport =>
  async request =>
    await transport(request).catch(async (error: unknown) => {
      if (!isUntrusted(error)) throw error
      return await transport({ ...request, trust: withSystem(request.trust) })
    })
