import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as tlsConnect } from 'node:tls'
import type { CheckPlan } from './plan.ts'

/** Opens a stream to a host and port, seen from somewhere else than here. */
export type Dial = (host: string, port: number) => Promise<Duplex>

type CheckResult =
  | { readonly passed: true; readonly attempts: number }
  | { readonly passed: false; readonly attempts: number; readonly reason: string }

/** Between two attempts, and for one of them, in milliseconds. */
const pause = 1000
const patience = 10_000

/** Enough to find a text in; what a page has beyond it is not kept. */
const bodyLimit = 1_000_000

/**
 * Asks the URL until it answers as it should, or until the time is up: a front door may need a moment to notice
 * the new release. Redirects are answers, not followed.
 */
export async function check(
  plan: CheckPlan,
  tell: (reason: string) => void,
  signal: AbortSignal,
  dial?: Dial,
): Promise<CheckResult> {
  const deadline = Date.now() + plan.timeout * 1000
  let last = ''
  for (let attempts = 1; ; attempts++) {
    const reason = await attempt(plan, Math.min(patience, Math.max(deadline - Date.now(), 1)), dial)
    if (reason === undefined) return { passed: true, attempts }
    if (reason !== last) tell(reason)
    last = reason
    if (signal.aborted || Date.now() + pause >= deadline) return { passed: false, attempts, reason }
    await sleep(pause)
  }
}

/** Returns what is wrong with the answer; undefined if nothing is. */
async function attempt(
  plan: CheckPlan,
  timeout: number,
  dial: Dial | undefined,
): Promise<string | undefined> {
  try {
    const { status, body } = await get(plan.url, timeout, dial)
    if (!plan.status.some(([low, high]) => status >= low && status <= high)) return `it answers ${status}`
    if (!body.includes(plan.contains)) return `it answers ${status}, without ${JSON.stringify(plan.contains)}`
    return undefined
  } catch (error) {
    return `it does not answer: ${error instanceof Error ? error.message || error.name : String(error)}`
  }
}

interface Answer {
  readonly status: number
  readonly body: string
}

async function get(url: URL, timeout: number, dial: Dial | undefined): Promise<Answer> {
  const signal = AbortSignal.timeout(timeout)
  const stream = dial && (await dialled(url, dial, signal))
  return new Promise<Answer>((resolve, reject) => {
    const request = (url.protocol === 'https:' && stream === undefined ? tlsRequest : plainRequest)(
      url,
      {
        signal,
        headers: { 'user-agent': 'slipway', connection: 'close' },
        ...(stream === undefined ? { agent: false } : { createConnection: () => stream, protocol: 'http:' }),
      },
      async response => {
        let body = ''
        try {
          for await (const chunk of response.setEncoding('utf8')) if (body.length < bodyLimit) body += chunk
          resolve({ status: response.statusCode ?? 0, body })
        } catch (error) {
          reject(error as Error)
        }
      },
    )
    request.on('error', reject)
    request.end()
  })
}

/** The stream to the URL's host as the other machine sees it, with TLS on top of it where the URL asks for it. */
async function dialled(url: URL, dial: Dial, signal: AbortSignal): Promise<Duplex> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const socket = await inTime(dial(host, port), signal)
  if (url.protocol !== 'https:') return socket
  return tlsConnect({ socket, host, ...(isIP(host) === 0 ? { servername: host } : {}) })
}

/** Gives up with the signal: a port that drops packets would only time out after minutes. */
function inTime(stream: Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  stream.then(resolve, reject)
  signal.addEventListener('abort', () => {
    reject(signal.reason)
    // Nobody waits for a connection that comes too late.
    stream.then(
      late => late.destroy(),
      () => undefined,
    )
  })
  return promise
}
