/**
 * Lets at most so many pieces of work go on at once; the others wait. A server may allow fewer than we think
 * (MaxSessions of sshd is 10, but can be 1): work that it refuses while others go on waits until one of those ends.
 */
export function atMost(limit: number, isFull: (error: unknown) => boolean) {
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
    for (;;) {
      await enter()
      try {
        return await work()
      } catch (error) {
        if (!isFull(error) || busy === 1) throw error
        most = busy - 1
      } finally {
        leave()
      }
    }
  }
}
