import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { openDialler } from '../../../src/check/dial.ts'
import type { Connection } from '../../../src/ssh/connection.ts'

/** Connections that note what becomes of them; `drop` ends the latest. */
function server() {
  const made: { dropped: boolean; dials: number; closed: boolean }[] = []
  const make = (): Connection => {
    const state = { dropped: false, dials: 0, closed: false }
    made.push(state)
    return {
      dropped: () => state.dropped,
      dial: async () => {
        state.dials += 1
        return new PassThrough()
      },
      close: async () => {
        state.closed = true
      },
    } as unknown as Connection
  }
  return { made, make, drop: () => Object.assign(made.at(-1) ?? {}, { dropped: true }) }
}

test('every attempt goes through one connection, also after a drop, and what was opened is closed', async () => {
  const { made, make, drop } = server()
  const first = make()
  const dialler = openDialler(first, async () => make())
  await dialler.dial('a', 1)
  drop()
  await Promise.all([dialler.dial('a', 1), dialler.dial('a', 1)])
  await dialler.dial('a', 1)
  drop()
  await dialler.dial('a', 1)
  await dialler[Symbol.asyncDispose]()
  assert.deepEqual(
    made.map(({ dials, closed }) => [dials, closed]),
    [
      [1, false],
      [3, false],
      [1, true],
    ],
    'the first is another’s to close',
  )
})

test('a login that fails is tried again, and one that is under way at the end is given up', async () => {
  const { make, drop } = server()
  const first = make()
  drop()
  let tries = 0
  const dialler = openDialler(first, signal => {
    tries += 1
    if (tries === 1) return Promise.reject(new Error('refused'))
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  await assert.rejects(dialler.dial('a', 1), /refused/)
  const hanging = assert.rejects(dialler.dial('a', 1), { name: 'AbortError' })
  while (tries < 2) await new Promise(setImmediate)
  await dialler[Symbol.asyncDispose]()
  await hanging
})
