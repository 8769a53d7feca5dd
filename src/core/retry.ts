import { setTimeout as delay } from 'node:timers/promises'

/** How often to retry, and for how long. */
interface RetryLimits {
  /** Milliseconds to wait before each retry. */
  readonly waits: Iterable<number>
  /** Milliseconds after which no retry begins. Default: no limit. */
  readonly timeLimit?: number
  readonly signal?: AbortSignal | undefined
  /** Returns 0 to 1 for the jitter: jobs that failed at the same moment must not retry at the same moment. */
  readonly random?: () => number
}

/** The waits until a registry shows what was just pushed: 31 s in total. */
export const lagWaits = [1_000, 2_000, 4_000, 8_000, 16_000] as const

export const registryWaits = [2_000, 6_000, 18_000] as const

/**
 * Returns endless waits that double up to `longest`, for an unreachable server. The caller sets `timeLimit` as the limit.
 */
export const growingWaits = (first = 1000, longest = 15_000): Iterable<number> => ({
  *[Symbol.iterator]() {
    for (let wait = first; ; wait = Math.min(wait * 2, longest)) yield wait
  },
})

/** The result of one attempt. */
export interface Attempt<T> {
  readonly value: T
  /** The reason to retry, as a sentence for the log; undefined if `value` is final. */
  readonly retryReason?: string
  /** The minimum wait in milliseconds, as the other side asks for (`Retry-After`). */
  readonly minimumWait?: number
  /** True if the attempt made progress: the waits and the deadline then start over. */
  readonly progress?: boolean
}

/** Called before each wait with the sentence for the log, and its parts. */
type OnRetry = (text: string, retryReason: string, milliseconds: number) => void

/** Retries until an attempt gives no reason to retry or the limits are reached, and returns the last value. */
export async function retry<T>(
  attempt: () => Promise<Attempt<T>>,
  onRetry: OnRetry,
  { waits, timeLimit = Number.POSITIVE_INFINITY, signal, random = Math.random }: RetryLimits,
): Promise<T> {
  const begin = () => ({
    waits: waits[Symbol.iterator](),
    deadline: performance.now() + timeLimit,
    retries: 0,
  })
  let round = begin()
  for (;;) {
    const { value, retryReason, minimumWait = 0, progress } = await attempt()
    if (retryReason === undefined || signal?.aborted) return value
    if (progress) round = begin()
    const next = round.waits.next()
    if (next.done || performance.now() + next.value > round.deadline) return value
    const milliseconds = Math.max(minimumWait, next.value * (0.75 + random() / 2))
    round.retries += 1
    const count = Array.isArray(waits) ? ` (${round.retries} of ${waits.length})` : ''
    onRetry(
      `${retryReason} Trying again in ${(milliseconds / 1000).toFixed(1)} s${count}.`,
      retryReason,
      milliseconds,
    )
    await pause(milliseconds, signal)
  }
}

/** Waits. Rejects with the abort reason if the signal is aborted. */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal ? { signal } : {})
  } catch {
    signal?.throwIfAborted()
  }
}
