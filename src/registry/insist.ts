import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../core/errors.ts'
import type { HttpResponse } from './transport.ts'

/** A registry gave no answer that says anything, however often it was asked. */
export class NoAnswer extends Failure {
  readonly reason: string

  constructor(registry: string, reason: string) {
    super('push', {
      cause: `The registry ${registry} did not answer this runner: ${reason}.`,
      remedy:
        'Check its name, the proxies (`HTTPS_PROXY`, `NO_PROXY`) and its certificate (`/etc/docker/certs.d`).',
    })
    this.reason = reason
  }
}

/** The longest that a registry may ask us to wait, in milliseconds. */
const longest = 30_000

/** Asks again when the fault may pass: no connection, too many requests, an error of the registry's own. */
export async function insist(
  registry: string,
  ask: () => Promise<HttpResponse>,
  waits: readonly number[],
  signal: AbortSignal,
): Promise<HttpResponse> {
  for (const wait of [...waits, undefined]) {
    const ended = await ask().catch((error: unknown) => error as Error)
    signal.throwIfAborted()
    if (!(ended instanceof Error) && !isFault(ended.status)) return ended
    if (wait === undefined || (ended instanceof Error && !mayPass(ended))) throw noAnswer(registry, ended)
    await delay(pause(wait, ended), undefined, { signal })
  }
  throw new NoAnswer(registry, 'it was not asked')
}

const isFault = (status: number): boolean =>
  status === 408 || status === 429 || (status >= 500 && status !== 501)

/** What a name server or a certificate says, it says again. */
const mayPass = (error: Error): boolean =>
  !/ENOTFOUND|CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|refused to connect/.test(
    `${(error as NodeJS.ErrnoException).code} ${error.message}`,
  )

function pause(wait: number, ended: HttpResponse | Error): number {
  const asked = ended instanceof Error ? 0 : Number(ended.headers['retry-after'] ?? 0) * 1000
  const jittered = wait * (0.75 + Math.random() / 2)
  return Math.min(Math.max(Number.isFinite(asked) ? asked : 0, jittered), longest)
}

function noAnswer(registry: string, ended: HttpResponse | Error): NoAnswer {
  if (!(ended instanceof Error)) return new NoAnswer(registry, `HTTP status ${ended.status}`)
  // Node says why each address failed in an error without a message of its own.
  const reasons = ended instanceof AggregateError ? ended.errors.map(each => (each as Error).message) : []
  return new NoAnswer(registry, ended.message || reasons.join('; ') || String(ended))
}
