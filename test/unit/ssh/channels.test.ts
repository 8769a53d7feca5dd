import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { atMost } from '../../../src/ssh/remote-run.ts'

/** A server that takes so many at once, and refuses more. */
function server(capacity: number) {
  let busy = 0
  let most = 0
  return {
    most: () => most,
    async work() {
      if (busy >= capacity) throw new Error('full')
      busy += 1
      most = Math.max(most, busy)
      await sleep(5)
      busy -= 1
      return 'done'
    },
  }
}

const isFull = (error: unknown) => (error as Error).message === 'full'

suite('work that goes on at once', () => {
  const table = [
    { name: 'no more than the limit', limit: 8, capacity: 10, expected: 8 },
    { name: 'no more than the server takes, if that is less', limit: 8, capacity: 3, expected: 3 },
    { name: 'one at a time', limit: 8, capacity: 1, expected: 1 },
  ]
  for (const { name, limit, capacity, expected } of table) {
    test(name, async () => {
      const { work, most } = server(capacity)
      const within = atMost(limit, isFull, 1)
      const results = await Promise.all(Array.from({ length: 40 }, () => within(work)))
      assert.deepEqual(results, Array(40).fill('done'))
      assert.equal(most(), expected)
    })
  }

  test('refused though alone: an error, in the end', async () => {
    let tries = 0
    const within = atMost(8, isFull, 1)
    await assert.rejects(
      within(async () => {
        tries += 1
        throw new Error('full')
      }),
      /full/,
    )
    assert.equal(tries, 4)
  })

  test('another error comes through at once, and gives its place free', async () => {
    const within = atMost(1, isFull, 1)
    await assert.rejects(
      within(() => Promise.reject(new Error('other'))),
      /other/,
    )
    assert.equal(await within(async () => 'next'), 'next')
  })
})
