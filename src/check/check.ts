import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as tlsConnect } from 'node:tls'
import { messageOf } from '../core/errors.ts'
import { isUnknownAuthority, type Trust, withSystemAuthorities } from '../registry/trust.ts'
import type { CheckPlan } from './plan.ts'

/** Opens a stream to a host and port from another machine. */
export type Dial = (host: string, port: number) => Promise<Duplex>

type CheckResult =
  | { readonly passed: true; readonly attempts: number }
  | { readonly passed: false; readonly attempts: number; readonly reason: string }

/** The time between two attempts and the timeout of one attempt, in milliseconds. */
const pause = 1000
const attemptTimeout = 10_000

/** The length up to which a response body is kept and searched. */
const bodyLimit = 1_000_000

/**
 * Requests the URL until the response is as expected or the timeout of the plan is over. It retries because a proxy may
 * need a moment to notice the new release. Redirects count as responses and are not followed. Calls `report` with the
 * reason of a failed attempt whenever the reason changes.
 */
export async function check(
  plan: CheckPlan,
  report: (reason: string) => void,
  signal: AbortSignal,
  dial?: Dial,
): Promise<CheckResult> {
  const deadline = Date.now() + plan.timeout * 1000
  let last = ''
  for (let attempts = 1; ; attempts++) {
    const reason = await attempt(plan, Math.min(attemptTimeout, Math.max(deadline - Date.now(), 1)), dial)
    if (reason === undefined) return { passed: true, attempts }
    if (reason !== last) report(reason)
    last = reason
    if (signal.aborted || Date.now() + pause >= deadline) return { passed: false, attempts, reason }
    await sleep(pause)
  }
}

/** Requests the URL once. Returns what is wrong with the response; undefined if it is as expected. */
async function attempt(
  plan: CheckPlan,
  timeout: number,
  dial: Dial | undefined,
): Promise<string | undefined> {
  try {
    const { status, body } = await getTrusting(plan, timeout, dial)
    if (!plan.status.some(([low, high]) => status >= low && status <= high)) return `it answers ${status}`
    if (!body.includes(plan.contains)) return `it answers ${status}, without ${JSON.stringify(plan.contains)}`
    return undefined
  } catch (error) {
    return `it does not answer: ${messageOf(error)}`
  }
}

interface CheckResponse {
  readonly status: number
  readonly body: string
}

/** Requests the URL, and once more with the machine's own authorities if Node's do not know the certificate. */
async function getTrusting(plan: CheckPlan, timeout: number, dial: Dial | undefined): Promise<CheckResponse> {
  try {
    return await get(plan, timeout, dial, {})
  } catch (error) {
    if (!isUnknownAuthority(error)) throw error
    return await get(plan, timeout, dial, withSystemAuthorities({}))
  }
}

async function get(
  { url, contains }: CheckPlan,
  timeout: number,
  dial: Dial | undefined,
  trust: Trust,
): Promise<CheckResponse> {
  const signal = AbortSignal.timeout(timeout)
  const stream = dial && (await openStream(url, dial, signal, trust))
  return new Promise<CheckResponse>((resolve, reject) => {
    let hasResponse = false
    const request = (url.protocol === 'https:' && stream === undefined ? tlsRequest : plainRequest)(
      url,
      {
        signal,
        headers: { 'user-agent': 'slipway', connection: 'close' },
        ...trust,
        ...(stream === undefined ? { agent: false } : { createConnection: () => stream, protocol: 'http:' }),
      },
      async response => {
        hasResponse = true
        const status = response.statusCode ?? 0
        let body = ''
        try {
          for await (const chunk of response.setEncoding('utf8')) {
            body += chunk
            if (body.length >= bodyLimit || (contains !== '' && body.includes(contains))) break
          }
          resolve({ status, body })
        } catch (error) {
          // A body can be endless (server-sent events): what has arrived in time decides.
          if (signal.aborted) resolve({ status, body })
          else reject(error as Error)
        }
      },
    )
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, body: '' })
    })
    request.on('error', error => {
      // After a response, reading its body reports the error.
      if (!hasResponse) reject(error)
    })
    request.end()
  })
}

/** Opens a stream to the URL's host from the other machine, with TLS if the URL has `https:`. */
async function openStream(url: URL, dial: Dial, signal: AbortSignal, trust: Trust): Promise<Duplex> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const socket = await inTime(dial(host, port), signal)
  if (url.protocol !== 'https:') return socket
  return tlsConnect({ socket, host, ...trust, ...(isIP(host) === 0 ? { servername: host } : {}) })
}

/** Rejects when the signal aborts: a connection to a port that drops packets would time out only after minutes. */
function inTime(stream: Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  stream.then(resolve, reject)
  signal.addEventListener('abort', () => {
    reject(signal.reason)
    // Close a connection that opens too late.
    stream.then(
      late => late.destroy(),
      () => undefined,
    )
  })
  return promise
}
