import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Calls `poll` until it returns a value, which it returns. Throws with the message of `failure` after `milliseconds`.
 */
export async function until<T>(
  poll: () => Promise<T | undefined> | T | undefined,
  failure: () => string | Promise<string>,
  milliseconds = 30_000,
): Promise<T> {
  const end = Date.now() + milliseconds
  for (let pause = 10; ; pause = Math.min(pause * 1.5, 250)) {
    const result = await poll()
    if (result !== undefined) return result
    if (Date.now() > end) throw new Error(await failure())
    await sleep(pause)
  }
}
