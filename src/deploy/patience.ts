import { setTimeout as sleep } from 'node:timers/promises'

/** Waits between attempts that grow, and that no two runs share. */
export interface Patience {
  /** Something came of an attempt: waits are short again, and the time begins anew. */
  renew(): void
  /** The time would be over before the next attempt. */
  readonly over: boolean
  wait(): Promise<void>
}

/** For so many milliseconds. */
export function openPatience(milliseconds: number): Patience {
  let end = performance.now() + milliseconds
  let next = 1000
  return {
    renew() {
      end = performance.now() + milliseconds
      next = 1000
    },
    get over() {
      return performance.now() + next > end
    },
    async wait() {
      await sleep(next * (0.75 + Math.random() / 2))
      next = Math.min(next * 2, 15_000)
    },
  }
}
