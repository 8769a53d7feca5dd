import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retry } from '../../../src/core/retry.ts'

/** An attempt that fails so many times before it succeeds. */
function failing(times: number) {
  let made = 0
  return {
    attempt: async () => (made++ < times ? { value: 'bad', again: 'It failed.' } : { value: 'good' }),
    made: () => made,
  }
}

const cases: readonly { name: string; times: number; waits: number[]; value: string; made: number }[] = [
  { name: 'at once', times: 0, waits: [1, 1], value: 'good', made: 1 },
  { name: 'at the last attempt', times: 2, waits: [1, 1], value: 'good', made: 3 },
  { name: 'never', times: 9, waits: [1, 1], value: 'bad', made: 3 },
  { name: 'without any patience', times: 1, waits: [], value: 'bad', made: 1 },
]

for (const { name, times, waits, value, made } of cases) {
  test(`retry: ${name}`, async () => {
    const said: string[] = []
    const work = failing(times)
    assert.equal(await retry(work.attempt, text => said.push(text), { waits }), value)
    assert.equal(work.made(), made)
    assert.equal(said.length, made - 1)
  })
}

test('retry: each wait is between three and five quarters of what was asked', async () => {
  const said: string[] = []
  await retry(failing(2).attempt, text => said.push(text), { waits: [400, 400], random: () => 0 })
  assert.deepEqual(said, [
    'It failed. Trying again in 0.3 s (1 of 2).',
    'It failed. Trying again in 0.3 s (2 of 2).',
  ])
})

test('retry: a cancel ends the wait', async () => {
  const cancel = new AbortController()
  const ended = retry(failing(9).attempt, () => cancel.abort(), { waits: [60_000], signal: cancel.signal })
  await assert.rejects(ended, { name: 'AbortError' })
})
