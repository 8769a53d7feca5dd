import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again until `ask` gives something, or fails with `otherwise` after so many milliseconds. */
export async function until<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  otherwise: () => string | Promise<string>,
  milliseconds = 30_000,
): Promise<T> {
  const end = Date.now() + milliseconds
  for (let pause = 10; ; pause = Math.min(pause * 1.5, 250)) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > end) throw new Error(await otherwise())
    await sleep(pause)
  }
}
