import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { openDialler } from '../../../src/check/dial.ts'
import type { Connection } from '../../../src/ssh/connection.ts'

/** A server that records its connections; `drop` drops the latest one. */
function server() {
  const connections: { dropped: boolean; dials: number; closed: boolean }[] = []
  const connect = (): Connection => {
    const state = { dropped: false, dials: 0, closed: false }
    connections.push(state)
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
  return { connections, connect, drop: () => Object.assign(connections.at(-1) ?? {}, { dropped: true }) }
}

test('all attempts share one connection, also after a drop, and the dialler closes its own connection', async () => {
  const { connections, connect, drop } = server()
  const first = connect()
  const dialler = openDialler(first, async () => connect())
  await dialler.dial('a', 1)
  drop()
  await Promise.all([dialler.dial('a', 1), dialler.dial('a', 1)])
  await dialler.dial('a', 1)
  drop()
  await dialler.dial('a', 1)
  await dialler[Symbol.asyncDispose]()
  assert.deepEqual(
    connections.map(({ dials, closed }) => [dials, closed]),
    [
      [1, false],
      [3, false],
      [1, true],
    ],
    'the caller closes the first connection',
  )
})

test('a failed login is retried, and a pending login is aborted when the dialler is disposed', async () => {
  const { connect, drop } = server()
  const first = connect()
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
