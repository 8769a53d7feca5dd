import { setTimeout as delay } from 'node:timers/promises'

/** How often to retry, and how many milliseconds to wait before each retry. */
export interface Patience {
  readonly waits: readonly number[]
  readonly signal?: AbortSignal
  /** Returns 0 to 1: jobs that failed at the same moment must not retry at the same moment. */
  readonly random?: () => number
}

/** For what a registry was given and does not show yet: half a minute together. */
export const lagWaits = [1_000, 2_000, 4_000, 8_000, 16_000] as const

export const registryWaits = [2_000, 6_000, 18_000] as const

/** The result of one attempt; `again` says why a retry may succeed. */
export interface Attempt<T> {
  readonly value: T
  readonly again?: string
  /** Milliseconds that the other side asks to be left alone for. */
  readonly least?: number
}

/** Retries until an attempt gives no reason to retry or the waits are used up, and returns the last value. */
export async function retry<T>(
  attempt: () => Promise<Attempt<T>>,
  say: (text: string) => void,
  { waits, signal, random = Math.random }: Patience,
): Promise<T> {
  for (const [place, wait] of waits.entries()) {
    const { value, again, least = 0 } = await attempt()
    if (again === undefined || signal?.aborted) return value
    const milliseconds = Math.max(least, wait * (0.75 + random() / 2))
    const seconds = (milliseconds / 1000).toFixed(1)
    say(`${again} Trying again in ${seconds} s (${place + 1} of ${waits.length}).`)
    await delay(milliseconds, undefined, signal ? { signal } : {})
  }
  return (await attempt()).value
}
