/** A transaction that is killed half-way, and the next one, which settles it. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { settleTextOf } from '../../../../src/deploy/order.ts'
import { cut, digestOf, openStand, service } from './stand.ts'

/** Leaves the state of an interrupted Compose: the old container is gone, the new one has a temporary name. */
const halfRenamed =
  'rm -r "$here/containers"/*; create web 0123456789ab_test-web-1 reg.example/app:latest "$(image_of reg.example/app:latest)" x no; ' +
  'is "$id" status created'

suite('a change that was cut off', () => {
  test('leaves no container with a temporary name after the rollback', () => {
    using stand = openStand()
    stand.image('one')
    stand.image('two', 'exited 3')
    assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
    stand.once("*' up '*", `${halfRenamed}; ${cut}`)
    assert.equal(stand.deploy([service('web', 'two')], { id: 'cut' }).verdict, undefined)
    const next = stand.deploy([
      ['mode', 'settle'],
      ['after', 'cut'],
    ])
    assert.equal(next.verdict?.kind, 'rolled-back', next.log)
    assert.deepEqual(next.verdict?.deployed, { web: digestOf('one') })
    assert.match(next.log, /Removed 0123456789ab_test-web-1, which never started/)
    assert.deepEqual(
      stand.containers('web').map(({ name, status, image }) => [name, status, image]),
      [['test-web-1', 'running', stand.image('one')]],
    )
  })

  test('is never reported as unchanged while it is unsettled', () => {
    using stand = openStand()
    stand.image('one')
    stand.image('two')
    assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
    stand.once("*' up '*", cut)
    stand.deploy([service('web', 'two')], { id: 'cut' })
    // As if the lock could not be taken.
    const { verdict, log } = stand.call('reason="gave up waiting"; settled_verdict cut')
    assert.equal(verdict, undefined, log)
    assert.match(log, /gave up waiting/)
  })

  test('is settled by a run that waits longer for the lock than a deploy does', () => {
    using stand = openStand()
    const { log } = stand.call(
      'lock_timeout=1; take_lock() { echo "waits $lock_timeout"; return 1; }; settle_only cut',
    )
    assert.match(log, /waits 3600/)
  })

  test('is settled even on a full disk', () => {
    using stand = openStand()
    stand.image('one')
    stand.image('two', 'exited 3')
    stand.deploy([service('web', 'one')])
    stand.once("*' up '*", cut)
    stand.deploy([service('web', 'two')], { id: 'cut' })
    const { verdict, log } = stand.call('head() { return 1; }; settle_only cut')
    assert.equal(verdict?.kind, 'rolled-back', log)
  })

  test('leaves no payload in the directory of the dead run', () => {
    using stand = openStand()
    stand.image('one')
    stand.once('pull*', cut)
    const files = { 'payload/whole': '', 'payload/files/.env': 'SECRET=1\n', 'payload.77/part': 'SECRET=1\n' }
    const { run } = stand.deploy([service('web', 'one')], { id: 'cut', files })
    const next = stand.deploy([
      ['mode', 'settle'],
      ['after', 'cut'],
    ])
    assert.equal(next.verdict?.kind, 'unchanged', next.log)
    assert.deepEqual(
      readdirSync(run).filter(name => name.startsWith('payload')),
      [],
    )
    assert.deepEqual(stand.list(), ['compose.yaml'])
  })

  test('is settled from the order that the run has saved, which holds no command and no value', () => {
    using stand = openStand()
    stand.image('one')
    stand.image('two', 'exited 3')
    stand.deploy([service('web', 'one')])
    stand.once("*' up '*", cut)
    const { run } = stand.deploy([service('web', 'two'), ['host-after', 'echo hidden']], { id: 'cut' })
    const order = readFileSync(`${run}/order`, 'utf8')
    assert.doesNotMatch(order, /hidden/)
    const next = stand.run(settleTextOf(order, 'cut'))
    assert.equal(next.verdict?.kind, 'rolled-back', next.log)
  })
})

suite('the directory of a run', () => {
  test('stays while the run is alive, and is removed when it has ended', () => {
    using stand = openStand()
    const { log } = stand.call(
      '(vacate) || echo stays; ls "$run"; rm -f "$run/alive"; vacate; ls "$run" 2>&1',
    )
    assert.match(log, /stays[\s\S]*alive[\s\S]*No such file/)
  })

  test('is not used by a run that starts after the runner has given up', () => {
    using stand = openStand()
    const { verdict } = stand.deploy([service('web', 'one')], { files: { cancel: '' } })
    assert.equal(verdict?.kind, 'unchanged')
  })

  test('is not reported as gone while its run is about to start', () => {
    using stand = openStand()
    const { log } = stand.call(
      `rm "$run/alive"; (sleep 1; put "$run/verdict" 'kind ok' end) & exec 9>&-; follow 0`,
    )
    assert.match(log, /kind ok/)
  })
})
