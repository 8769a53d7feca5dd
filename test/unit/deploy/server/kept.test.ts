/** What is kept for a rollback, and who owns it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { suite, test } from 'node:test'
import { cut, digestOf, openStand, type Parameters, type Stand, service } from './stand.ts'

suite('old images', () => {
  /** Returns the names whose images are still on the engine. */
  const kept = (stand: Stand, names: readonly string[]) =>
    names.filter(name => stand.docker('image', 'inspect', '--format', '.', stand.imageOf(name)) !== '')

  test('are removed, except those of the last releases and of other services', () => {
    using stand = openStand()
    const names = ['one', 'two', 'three', 'four', 'five']
    for (const name of [...names, 'other']) stand.image(name)
    stand.write(
      'compose.yaml',
      'web reg.example/app:latest 1 unless-stopped\nweb.b reg.example/other:1 1 no\n',
    )
    const other = service('web.b', 'other', { reference: 'reg.example/other:1' })
    assert.equal(stand.deploy([other, ['keep-releases', '1']]).verdict?.kind, 'ok')
    for (const name of names) {
      const { verdict, log } = stand.deploy([service('web', name), ['keep-releases', '1']])
      assert.equal(verdict?.kind, 'ok', log)
    }
    assert.deepEqual(kept(stand, [...names, 'other']), ['four', 'five', 'other'])
    const back = stand.deploy([service('web', '-'), ['rollback-to', 'previous'], ['keep-releases', '1']])
    assert.deepEqual(back.verdict?.deployed, { web: digestOf('four') }, back.log)
  })

  test('stay if a container uses them, or the last release did', () => {
    using stand = openStand()
    const names = ['one', 'two', 'three', 'four']
    for (const name of names) stand.image(name)
    const keep: Parameters = [['keep-releases', '0']]
    assert.equal(stand.deploy([service('web', 'one'), ...keep]).verdict?.kind, 'ok')
    stand.container('by-hand', { image: stand.imageOf('one') })
    for (const name of names.slice(1)) stand.deploy([service('web', name), ...keep])
    assert.deepEqual(kept(stand, names), ['one', 'three', 'four'])
  })
})

test('a failed rollback is tried again by the next run, until it succeeds', () => {
  using stand = openStand()
  stand.image('one')
  stand.image('bad', 'exited 3')
  assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
  stand.image('one', 'exited 4')
  const broken = stand.deploy([service('web', 'bad')])
  assert.equal(broken.verdict?.kind, 'broken', broken.log)
  const settle: Parameters = [
    ['mode', 'settle'],
    ['after', 'x'],
  ]
  assert.match(stand.deploy(settle).log, /Settled the interrupted deploy: broken/)
  stand.image('one', 'running')
  const next = stand.deploy(settle)
  assert.match(next.log, /Settled the interrupted deploy: rolled-back/)
  const [web] = stand.containers('web')
  assert.deepEqual([web?.['image'], web?.['status']], [stand.imageOf('one'), 'running'])
  assert.doesNotMatch(stand.deploy(settle).log, /settled/)
})

const root = process.getuid?.() === 0
test('everything that root creates belongs to the owner of the directory', {
  skip: !root && 'only root can change owners',
}, () => {
  using stand = openStand()
  stand.image('one')
  stand.image('two')
  stand.write('.slipway/test/owner', '')
  execFileSync('chown', ['-R', '1234:1234', stand.directory])
  assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
  stand.once("*' up '*", cut)
  stand.deploy([service('web', 'two')])
  const foreign = execFileSync('find', ['lock', 'releases', 'record', '-type', 'd', '!', '-user', '1234'], {
    cwd: stand.state,
    encoding: 'utf8',
  })
  assert.equal(foreign, '')
})
