import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openSession } from '../../../src/deploy/session.ts'
import { server } from './dropping.ts'

const command = { file: 'true', args: [] }
const print = () => undefined

suite('a session', () => {
  test('reconnects once for all commands that notice the same drop, and leaves no connection open', async () => {
    let drops = 1
    const { connect, dialled, open } = server(() => (drops-- > 0 ? 'drop' : {}))
    {
      await using session = openSession({ connect, print, reconnectTimeout: 60_000 })
      await session.once(command, print)
      const all = await Promise.all([1, 2, 3].map(() => session.run(command)))
      assert.deepEqual(
        all.map(({ code }) => code),
        [0, 0, 0],
      )
    }
    assert.deepEqual([dialled(), open()], [2, 0])
  })

  test('fails at once if the first connection fails', async () => {
    const { connect, dialled } = server(() => ({}), 1)
    await using session = openSession({ connect, print, reconnectTimeout: 60_000 })
    await assert.rejects(session.run(command), /It refuses/)
    assert.equal(dialled(), 1)
  })

  test('retries the first connection with a `firstTimeout`, when it continues the work of another process', async () => {
    const { connect, dialled } = server(() => ({}), 1)
    await using session = openSession({ connect, print, reconnectTimeout: 60_000, firstTimeout: 60_000 })
    assert.equal((await session.run(command)).code, 0)
    assert.equal(dialled(), 2)
  })

  test('gives up if every connection drops, and waits between the attempts', async () => {
    const { connect, dialled } = server(() => 'drop')
    await using session = openSession({ connect, print, reconnectTimeout: 2500 })
    await assert.rejects(session.run(command), /each one drops before any data arrives/)
    assert.equal(dialled(), 2)
  })
})
