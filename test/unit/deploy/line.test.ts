import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openLine } from '../../../src/deploy/line.ts'
import { server } from './dropping.ts'

const command = { file: 'true', args: [] }
const tell = () => undefined

suite('a line', () => {
  test('dials once for all who see the same drop, and leaves no connection behind', async () => {
    let drops = 1
    const { connect, dialled, open } = server(() => (drops-- > 0 ? 'drop' : {}))
    {
      await using line = openLine({ connect, tell, patience: 60_000 })
      await line.once(command, tell)
      const all = await Promise.all([1, 2, 3].map(() => line.run(command)))
      assert.deepEqual(
        all.map(({ code }) => code),
        [0, 0, 0],
      )
    }
    assert.deepEqual([dialled(), open()], [2, 0])
  })

  test('fails at once where the first connection cannot be made', async () => {
    const { connect, dialled } = server(() => ({}), 1)
    await using line = openLine({ connect, tell, patience: 60_000 })
    await assert.rejects(line.run(command), /It refuses/)
    assert.equal(dialled(), 1)
  })

  test('tries for the first one too, where it is another process’s that was lost', async () => {
    const { connect, dialled } = server(() => ({}), 1)
    await using line = openLine({ connect, tell, patience: 60_000, atFirst: 60_000 })
    assert.equal((await line.run(command)).code, 0)
    assert.equal(dialled(), 2)
  })

  test('gives up where each connection drops, and does not hurry until then', async () => {
    const { connect, dialled } = server(() => 'drop')
    await using line = openLine({ connect, tell, patience: 2500 })
    await assert.rejects(line.run(command), /each one drops before any data arrives/)
    assert.equal(dialled(), 2)
  })
})
