/** No step waits forever. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openStand, service } from './stand.ts'

suite('a deadline', () => {
  test('ends a pull that hangs, with nothing changed', () => {
    using stand = openStand()
    stand.image('one')
    stand.once('pull*', 'exec sleep 60')
    const { verdict, log } = stand.deploy([service('web', 'one'), ['pull-timeout', '1']])
    assert.equal(verdict?.kind, 'unchanged', log)
    assert.match(
      verdict?.reason ?? '',
      /the pull of reg\.example\/app@sha256:[0-9a-f]{64} did not finish within 1 s/,
    )
  })

  test('ends a pull whose end is never reported', () => {
    using stand = openStand()
    const { log } = stand.call(`
      pull_timeout=-29 began=$(seconds); echo 1 >"$run/pull.pid"
      kill() { echo "ends $1"; }
      watch_pull "$began" app@sha256:1 || echo "$reason"`)
    assert.match(log, /ends 1\n.*pull of app@sha256:1 did not finish/)
  })

  test('is never 0, which would mean no limit', () => {
    using stand = openStand()
    const { log } = stand.call(
      'pull_timeout=5; time_left $(($(seconds) - 5)); time_left $(($(seconds) - 60))',
    )
    assert.equal(log, '1\n1\n')
  })

  test('ends an `up` that hangs, and the previous release is restored', () => {
    using stand = openStand()
    stand.image('one')
    stand.image('two')
    assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
    const before = stand.containers('web').map(({ id }) => id)
    stand.once("*' up '*", 'exec sleep 60')
    const { verdict, log } = stand.deploy([service('web', 'two')], {
      before: 'up_limit() { echo 1; }\nheld_for() { echo 0; }\n',
    })
    assert.equal(verdict?.kind, 'rolled-back', log)
    assert.match(verdict?.reason ?? '', /Compose did not finish within 1 s/)
    assert.deepEqual(
      stand.containers('web').map(({ id }) => id),
      before,
    )
  })

  for (const { name, call, more, kind } of [
    { name: 'an `up`', call: "*' up '*", more: [], kind: 'rolled-back' },
    {
      name: 'the start of a dependency',
      call: "*' --no-recreate '*",
      more: [['dependency', 'db started reg.example/db:1'] as const],
      kind: 'unchanged',
    },
  ])
    test(`is not what ended ${name} that something killed`, () => {
      using stand = openStand()
      for (const image of ['one', 'two', 'db']) stand.image(image)
      stand.tag('reg.example/db:1', 'db')
      stand.write('compose.yaml', `${stand.read('compose.yaml')}db reg.example/db:1\n`)
      assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
      stand.once(call, 'exit 137')
      const { verdict, log } = stand.deploy([service('web', 'two'), ...more], {
        before: 'held_for() { echo 0; }\n',
      })
      assert.deepEqual([verdict?.kind, verdict?.code], [kind, 'compose-failed'], log)
      assert.match(verdict?.reason ?? '', /^Compose failed \(exit code 137\)/)
    })

  for (const { name, image, kind } of [
    { name: 'starts again', image: 'two', kind: 'ok' },
    { name: 'does not start again', image: 'once', kind: 'rolled-back' },
  ] as const)
    test(`does not apply if the engine restarts after the gate without its containers: the release ${name}`, () => {
      using stand = openStand()
      for (const each of ['one', 'two', 'once']) stand.image(each)
      assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
      // The engine restarts in the stage `keep`.
      stand.once(
        "*' config'",
        'for each in "$here"/containers/*; do echo exited >"$each/status"; done; ' +
          `echo 'exited 3' >"$here/behave/${stand.imageOf('once')}"; ` +
          ': >"$here/down"; (sleep 2; rm "$here/down") >/dev/null 2>&1 9>&- & exit 1',
      )
      const { verdict, log } = stand.deploy([service('web', image), ['engine-timeout', '60']])
      assert.match(log, /answers again/)
      assert.equal(verdict?.kind, kind, log)
      const [web] = stand.containers('web')
      assert.deepEqual(
        [web?.['status'], web?.['image']],
        ['running', stand.imageOf(kind === 'ok' ? image : 'one')],
      )
    })

  test('ends the wait for an engine that does not answer', () => {
    using stand = openStand()
    stand.image('one')
    stand.image('before')
    stand.tag('reg.example/app:latest', 'before')
    stand.once('pull*', ': >"$here/down"; exit 1')
    const { verdict, log } = stand.deploy([service('web', 'one'), ['engine-timeout', '1']])
    assert.match(log, /did not answer for 1 s/)
    assert.equal(verdict?.kind, 'unchanged', log)
  })
})
