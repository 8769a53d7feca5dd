import { setTimeout as delay } from 'node:timers/promises'

/** How often to retry, and for how long. */
interface Patience {
  /** Milliseconds to wait before each retry. */
  readonly waits: Iterable<number>
  /** Milliseconds after which no retry begins; no limit, if nothing is said. */
  readonly within?: number
  readonly signal?: AbortSignal | undefined
  /** Returns 0 to 1: jobs that failed at the same moment must not retry at the same moment. */
  readonly random?: () => number
}

/** For what a registry was given and does not show yet: half a minute together. */
export const lagWaits = [1_000, 2_000, 4_000, 8_000, 16_000] as const

export const registryWaits = [2_000, 6_000, 18_000] as const

/** For a server that is away; without an end, which `within` has to give. */
export const growingWaits = (first = 1000, longest = 15_000): Iterable<number> => ({
  *[Symbol.iterator]() {
    for (let wait = first; ; wait = Math.min(wait * 2, longest)) yield wait
  },
})

/** The result of one attempt; `again` says why a retry may succeed. */
export interface Attempt<T> {
  readonly value: T
  readonly again?: string
  /** Milliseconds that the other side asks to be left alone for. */
  readonly least?: number
  /** There was progress: the waits and the deadline start over. */
  readonly progress?: boolean
}

/** Called before each wait with the sentence for the log, and its parts. */
type Say = (text: string, again: string, milliseconds: number) => void

/** Retries until an attempt gives no reason to retry or the patience is used up, and returns the last value. */
export async function retry<T>(
  attempt: () => Promise<Attempt<T>>,
  say: Say,
  { waits, within = Number.POSITIVE_INFINITY, signal, random = Math.random }: Patience,
): Promise<T> {
  const begin = () => ({ left: waits[Symbol.iterator](), end: performance.now() + within, made: 0 })
  let round = begin()
  for (;;) {
    const { value, again, least = 0, progress } = await attempt()
    if (again === undefined || signal?.aborted) return value
    if (progress) round = begin()
    const next = round.left.next()
    if (next.done || performance.now() + next.value > round.end) return value
    const milliseconds = Math.max(least, next.value * (0.75 + random() / 2))
    round.made += 1
    const count = Array.isArray(waits) ? ` (${round.made} of ${waits.length})` : ''
    say(`${again} Trying again in ${(milliseconds / 1000).toFixed(1)} s${count}.`, again, milliseconds)
    await pause(milliseconds, signal)
  }
}

/** Waits; rejects with the reason of the signal. */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal ? { signal } : {})
  } catch {
    signal?.throwIfAborted()
  }
}
