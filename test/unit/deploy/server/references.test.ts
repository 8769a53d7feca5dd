/** Where the tags of a project point after a rollback, if the compose file names another tag than the old release. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openStand, type Stand, service } from './stand.ts'

/** Opens a stand on which `app:1` runs without a history, while the compose file names `app:2`. */
function open(): Stand {
  const stand = openStand()
  stand.write('compose.yaml', 'web reg.example/app:2 1 unless-stopped\n')
  stand.image('one')
  stand.image('bad', 'exited 3')
  stand.tag('reg.example/app:1', 'one')
  stand.container('web', { image: stand.image('one'), reference: 'reg.example/app:1', grace: '0' })
  return stand
}

suite('a compose file that names another tag than the running release', () => {
  test('does not prevent the rollback to the old image', () => {
    using stand = open()
    const { verdict, log } = stand.deploy([service('web', 'bad', { reference: 'reg.example/app:2' })])
    assert.equal(verdict?.kind, 'rolled-back', log)
    const [web] = stand.containers('web')
    assert.deepEqual([web?.['image'], web?.['status']], [stand.image('one'), 'running'])
    // A plain `docker compose up -d` does not recreate it.
    stand.docker('compose', '-p', 'test', 'up', '-d', 'web')
    assert.equal(stand.containers('web')[0]?.['id'], web?.['id'])
  })

  test('gets its tag back if the old container itself is restored', () => {
    using stand = open()
    const [before] = stand.containers('web')
    stand.image('two')
    stand.tag('reg.example/app:2', 'two')
    stand.once("*' up '*", 'exit 1')
    const { verdict, log } = stand.deploy([
      service('web', 'bad', { reference: 'reg.example/app:2', grace: 0 }),
    ])
    assert.equal(verdict?.kind, 'rolled-back', log)
    assert.deepEqual(stand.containers('web'), [before])
    assert.equal(
      stand.docker('image', 'inspect', '--format', '{{.ID}}', 'reg.example/app:2').trim(),
      stand.image('two'),
    )
  })
})
