import assert from 'node:assert/strict'
import { test } from 'node:test'
import { growingWaits, retry } from '../../../src/core/retry.ts'

/** Returns an attempt that fails the given number of times before it succeeds. */
function failing(times: number) {
  let made = 0
  return {
    attempt: async () => (made++ < times ? { value: 'bad', retryReason: 'It failed.' } : { value: 'good' }),
    made: () => made,
  }
}

const cases: readonly { name: string; times: number; waits: number[]; value: string; made: number }[] = [
  { name: 'the first attempt succeeds', times: 0, waits: [1, 1], value: 'good', made: 1 },
  { name: 'the last attempt succeeds', times: 2, waits: [1, 1], value: 'good', made: 3 },
  { name: 'no attempt succeeds', times: 9, waits: [1, 1], value: 'bad', made: 3 },
  { name: 'no retry is allowed', times: 1, waits: [], value: 'bad', made: 1 },
]

for (const { name, times, waits, value, made } of cases) {
  test(`retry: ${name}`, async () => {
    const messages: string[] = []
    const work = failing(times)
    assert.equal(await retry(work.attempt, text => messages.push(text), { waits }), value)
    assert.equal(work.made(), made)
    assert.equal(messages.length, made - 1)
  })
}

test('retry: each wait is between 75 % and 125 % of the configured one', async () => {
  const messages: string[] = []
  await retry(failing(2).attempt, text => messages.push(text), { waits: [400, 400], random: () => 0 })
  assert.deepEqual(messages, [
    'It failed. Trying again in 0.3 s (1 of 2).',
    'It failed. Trying again in 0.3 s (2 of 2).',
  ])
})

test('retry: an abort ends the wait', async () => {
  const cancel = new AbortController()
  const ended = retry(failing(9).attempt, () => cancel.abort(), { waits: [60_000], signal: cancel.signal })
  await assert.rejects(ended, { name: 'AbortError' })
})

test('retry: growing waits start over after an attempt that made progress', async () => {
  const messages: string[] = []
  const waits: number[] = []
  let made = 0
  const cancel = new AbortController()
  const value = await retry(
    async () => {
      made += 1
      if (made === 6) cancel.abort()
      return { value: made, retryReason: 'It failed.', progress: made === 3 }
    },
    (text, _, milliseconds) => {
      messages.push(text)
      waits.push(milliseconds)
    },
    { waits: growingWaits(1, 4), timeLimit: 60_000, random: () => 0.5, signal: cancel.signal },
  )
  assert.equal(value, 6)
  assert.deepEqual(waits, [1, 2, 1, 2, 4])
  assert.equal(messages[0], 'It failed. Trying again in 0.0 s.')
})

test('retry: no attempt begins after the deadline', async () => {
  let made = 0
  const attempt = async () => ({ value: ++made, retryReason: 'It failed.' })
  assert.equal(await retry(attempt, () => undefined, { waits: growingWaits(1000), timeLimit: 0 }), 1)
})
