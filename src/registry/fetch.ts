import type { Runtime } from '../core/runtime.ts'
import { openTransport, type Transport } from './transport.ts'
import { isUnknownAuthority, withSystemAuthorities } from './trust.ts'

/** Returns a `fetch` for the toolkit's GitHub client, over our own transport with its proxies and certificates. */
export function openFetch({ env }: Pick<Runtime, 'env'>): typeof globalThis.fetch {
  // A signal that never aborts: requests that report a cancelled job must still go out.
  const send = withSystemRetry(openTransport(env, new AbortController().signal))
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

/** Retries a request once with the machine's own list of authorities, if the first attempt met an unknown authority. */
export const withSystemRetry =
  (transport: Transport): Transport =>
  async request =>
    await transport(request).catch(async (error: unknown) => {
      if (!isUnknownAuthority(error)) throw error
      return await transport({ ...request, trust: withSystemAuthorities(request.trust) })
    })
