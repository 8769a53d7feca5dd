import { Failure, messageOf } from '../core/errors.ts'
import { retry } from '../core/retry.ts'
import { retryAfter } from './retry-after.ts'
import type { HttpResponse } from './transport.ts'

/** The registry gave no usable answer, even after retries. */
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

/**
 * Sends a request and retries it after each of `waits` milliseconds, if its failure may pass (no connection, 408, 429,
 * 5xx). Throws NoAnswer if the last retry fails, too.
 */
export async function withRetries(
  registry: string,
  ask: () => Promise<HttpResponse>,
  waits: readonly number[],
  signal: AbortSignal,
): Promise<HttpResponse> {
  const attempt = async () => {
    const value = await ask().catch((error: unknown) => error as Error)
    signal.throwIfAborted()
    return mayPass(value)
      ? { value, retryReason: reasonOf(value), minimumWait: retryAfter(retryAfterOf(value), Date.now()) }
      : { value }
  }
  const result = await retry<HttpResponse | Error>(attempt, () => undefined, { waits, signal })
  if (result instanceof Failure) throw result
  if (result instanceof Error || isFault(result.status)) throw new NoAnswer(registry, reasonOf(result))
  return result
}

const isFault = (status: number): boolean =>
  status === 408 || status === 429 || (status >= 500 && status !== 501)

/** Reports whether a retry may help: not after an unknown host name, a wrong certificate or a proxy's refusal. */
const mayPass = (result: HttpResponse | Error): boolean =>
  result instanceof Error
    ? !(result instanceof Failure) &&
      !/ENOTFOUND|CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|refused to connect/.test(
        `${(result as NodeJS.ErrnoException).code} ${result.message}`,
      )
    : isFault(result.status)

const retryAfterOf = (result: HttpResponse | Error): string | undefined =>
  result instanceof Error ? undefined : result.headers['retry-after']

const reasonOf = (result: HttpResponse | Error): string =>
  result instanceof Error ? messageOf(result) : `HTTP status ${result.status}`
