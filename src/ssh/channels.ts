import { setTimeout as sleep } from 'node:timers/promises'

/** How often work that goes on alone may be refused: what was called off just before may not have ended there yet. */
const refusals = 3

/**
 * Lets at most so many pieces of work go on at once; the others wait. A server may allow fewer than we think
 * (MaxSessions of sshd is 10, but can be 1): work that it refuses beside others is done again when one has ended.
 */
export function atMost(limit: number, isFull: (error: unknown) => boolean, pause = 1000) {
  let most = limit
  let busy = 0
  const waiting: (() => void)[] = []
  const enter = async () => {
    while (busy >= most) await new Promise<void>(wake => waiting.push(wake))
    busy += 1
  }
  const leave = () => {
    busy -= 1
    waiting.shift()?.()
  }
  return async <T>(work: () => Promise<T>): Promise<T> => {
    for (let alone = 0; ; ) {
      await enter()
      const beside = busy > 1
      try {
        return await work()
      } catch (error) {
        if (!isFull(error) || (!beside && alone === refusals)) throw error
        most = Math.max(1, Math.min(most, busy - 1))
        if (!beside) await sleep(pause * ++alone)
      } finally {
        leave()
      }
    }
  }
}
