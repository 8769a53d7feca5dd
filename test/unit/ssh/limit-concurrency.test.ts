import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { limitConcurrency } from '../../../src/ssh/remote-run.ts'

/** Returns a server that accepts `capacity` pieces of work at once, and refuses more. */
function server(capacity: number) {
  let running = 0
  let max = 0
  return {
    max: () => max,
    async work() {
      if (running >= capacity) throw new Error('full')
      running += 1
      max = Math.max(max, running)
      await sleep(5)
      running -= 1
      return 'done'
    },
  }
}

const isFull = (error: unknown) => (error as Error).message === 'full'

suite('limitConcurrency', () => {
  const table = [
    { name: 'runs at most `limit` at once', limit: 8, capacity: 10, expected: 8 },
    { name: 'runs fewer if the server accepts fewer', limit: 8, capacity: 3, expected: 3 },
    { name: 'runs one at a time', limit: 8, capacity: 1, expected: 1 },
  ]
  for (const { name, limit, capacity, expected } of table) {
    test(name, async () => {
      const { work, max } = server(capacity)
      const limited = limitConcurrency(limit, isFull, 1)
      const results = await Promise.all(Array.from({ length: 40 }, () => limited(work)))
      assert.deepEqual(results, Array(40).fill('done'))
      assert.equal(max(), expected)
    })
  }

  test('fails if the only piece of work is still refused after three retries', async () => {
    let tries = 0
    const limited = limitConcurrency(8, isFull, 1)
    await assert.rejects(
      limited(async () => {
        tries += 1
        throw new Error('full')
      }),
      /full/,
    )
    assert.equal(tries, 4)
  })

  test('passes on any other error immediately, and releases its slot', async () => {
    const limited = limitConcurrency(1, isFull, 1)
    await assert.rejects(
      limited(() => Promise.reject(new Error('other'))),
      /other/,
    )
    assert.equal(await limited(async () => 'next'), 'next')
  })
})
