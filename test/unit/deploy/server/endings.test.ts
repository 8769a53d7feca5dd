/** The whole transaction, by every shell that a server may have, on an engine of files. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { shells } from '../shells.ts'
import { digestOf, openStand, service } from './stand.ts'

for (const shell of shells) {
  suite(`the transaction, by ${shell.join(' ')}`, () => {
    test('brings up a first release, and another, and keeps what it needs to go back', () => {
      using stand = openStand()
      stand.image('one')
      stand.image('two')
      const first = stand.deploy([service('web', 'one')], { shell })
      assert.equal(first.verdict?.kind, 'ok', first.log)
      const second = stand.deploy([service('web', 'two')], { shell })
      assert.equal(second.verdict?.kind, 'ok', second.log)
      assert.deepEqual(second.verdict?.previous, { web: digestOf('one') })
      const back = stand.deploy([service('web', '-'), ['rollback-to', 'previous']], { shell })
      assert.deepEqual(
        [back.verdict?.kind, back.verdict?.deployed],
        ['ok', { web: digestOf('one') }],
        back.log,
      )
    })

    test('takes back a release that fails, and one that had none before it', () => {
      using stand = openStand()
      stand.image('bad', 'exited 3')
      stand.image('one')
      const removed = stand.deploy([service('web', 'bad')], { shell })
      assert.equal(removed.verdict?.kind, 'removed', removed.log)
      assert.deepEqual(stand.containers('web'), [])
      assert.equal(stand.deploy([service('web', 'one')], { shell }).verdict?.kind, 'ok')
      const back = stand.deploy([service('web', 'bad')], { shell })
      assert.equal(back.verdict?.kind, 'rolled-back', back.log)
      assert.match(back.verdict?.reason ?? '', /exit code 3/)
      const [web] = stand.containers('web')
      assert.deepEqual([web?.['image'], web?.['status']], [stand.image('one'), 'running'])
    })

    test('leaves all as it was where the image cannot be pulled', () => {
      using stand = openStand()
      stand.image('one')
      stand.deploy([service('web', 'one')], { shell })
      const before = stand.containers('web')
      const { verdict, log } = stand.deploy([service('web', 'none')], { shell })
      assert.equal(verdict?.kind, 'unchanged', log)
      assert.deepEqual(stand.containers('web'), before)
      assert.deepEqual(verdict?.deployed, { web: digestOf('one') })
    })
  })
}
