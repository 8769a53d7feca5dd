/** The whole transaction, in every shell that a server may have, on a simulated engine (engine.sh). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { settleTextOf } from '../../../../src/deploy/order.ts'
import { slowShells } from '../shells.ts'
import { cut, digestOf, openStand, type Parameters, service } from './stand.ts'

for (const shell of slowShells) {
  suite(`the transaction, in ${shell.join(' ')}`, () => {
    test('deploys a first release and a second one, and keeps the first for a rollback', () => {
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

    test('rolls back a release that fails, and removes a first release that fails', () => {
      using stand = openStand()
      stand.image('bad', 'exited 3')
      stand.image('one')
      const removed = stand.deploy([service('web', 'bad')], { shell })
      assert.equal(removed.verdict?.kind, 'removed', removed.log)
      assert.deepEqual(stand.containers('web'), [])
      assert.equal(stand.deploy([service('web', 'one')], { shell }).verdict?.kind, 'ok')
      const back = stand.deploy([service('web', 'bad')], { shell })
      assert.equal(back.verdict?.kind, 'rolled-back', back.log)
      assert.match(back.verdict?.reason ?? '', /exited with code 3/)
      const [web] = stand.containers('web')
      assert.deepEqual([web?.['image'], web?.['status']], [stand.image('one'), 'running'])
    })

    test('settles a change that was cut off, with its payload and the variable that sets the image', () => {
      using stand = openStand()
      stand.write('compose.yaml', 'web reg.example/app:${TAG} 1 unless-stopped\n')
      stand.write('.env', 'TAG=1\n')
      for (const name of ['one', 'two']) stand.image(name)
      const order = (image: string, tag: string): Parameters => [
        service('web', image, { reference: `reg.example/app:${tag}`, grace: 0 }),
        ['env-file', `${stand.directory}/.env`],
        ['env-set', `TAG=${tag}`],
        ['host-after', 'true'],
      ]
      const first = stand.deploy(order('one', '1'), { shell })
      assert.equal(first.verdict?.kind, 'ok', first.log)
      stand.once("*' up '*", cut)
      const files = { 'payload/whole': '', 'payload/files/conf': 'new\n', 'payload/settings/B': 'B=2' }
      const killed = stand.deploy(order('two', '2'), { shell, id: 'cut', files })
      assert.equal(killed.verdict, undefined, killed.log)
      assert.deepEqual([stand.read('.env'), stand.read('conf')], ['TAG=2\nB=2\n', 'new\n'])
      const settled = stand.run(settleTextOf(readFileSync(`${killed.run}/order`, 'utf8'), 'cut'), { shell })
      assert.equal(settled.verdict?.kind, 'rolled-back', settled.log)
      assert.equal(stand.read('.env'), 'TAG=1\n')
      assert.deepEqual(stand.list(), ['.env', 'compose.yaml'])
      assert.deepEqual(
        stand.containers('web').map(({ image, reference }) => [image, reference]),
        [[stand.imageOf('one'), 'reg.example/app:1']],
      )
    })

    test('changes nothing if the image cannot be pulled', () => {
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
