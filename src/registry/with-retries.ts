import { Failure } from '../core/errors.ts'
import { retry } from '../core/retry.ts'
import type { HttpResponse } from './transport.ts'

/** The registry gave no usable answer, however often it was asked. */
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

/** Repeats a request whose failure may pass (no connection, 408, 429, 5xx) after each of `waits` milliseconds; throws NoAnswer at last. */
export async function withRetries(
  registry: string,
  ask: () => Promise<HttpResponse>,
  waits: readonly number[],
  signal: AbortSignal,
): Promise<HttpResponse> {
  const attempt = async () => {
    const value = await ask().catch((error: unknown) => error as Error)
    signal.throwIfAborted()
    return mayPass(value) ? { value, again: reasonOf(value), least: askedPause(value) } : { value }
  }
  const ended = await retry<HttpResponse | Error>(attempt, () => undefined, { waits, signal })
  if (ended instanceof Failure) throw ended
  if (ended instanceof Error || isFault(ended.status)) throw new NoAnswer(registry, reasonOf(ended))
  return ended
}

const isFault = (status: number): boolean =>
  status === 408 || status === 429 || (status >= 500 && status !== 501)

/** What a name server or a certificate says, it says again. */
const mayPass = (ended: HttpResponse | Error): boolean =>
  ended instanceof Error
    ? !(ended instanceof Failure) &&
      !/ENOTFOUND|CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|refused to connect/.test(
        `${(ended as NodeJS.ErrnoException).code} ${ended.message}`,
      )
    : isFault(ended.status)

function askedPause(ended: HttpResponse | Error): number {
  const asked = ended instanceof Error ? 0 : Number(ended.headers['retry-after'] ?? 0) * 1000
  return Number.isFinite(asked) ? Math.min(asked, longest) : 0
}

function reasonOf(ended: HttpResponse | Error): string {
  if (!(ended instanceof Error)) return `HTTP status ${ended.status}`
  // Node collects the reason of each address in an error without a message.
  const reasons = ended instanceof AggregateError ? ended.errors.map(each => (each as Error).message) : []
  return ended.message || reasons.join('; ') || String(ended)
}
