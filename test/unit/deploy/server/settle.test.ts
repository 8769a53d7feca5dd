/** Whether a change that was cut off goes forward or back. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { cut, look, openStand, type Parameters, service } from './stand.ts'

const settle: Parameters = [
  ['mode', 'settle'],
  ['after', 'cut'],
]
suite('a change that was cut off at the gate', () => {
  for (const { name, more, kind } of [
    { name: 'goes forward if its release is healthy', more: [], kind: 'ok' },
    {
      name: 'goes back if a command was still to run',
      more: [['host-after', 'true']],
      kind: 'rolled-back',
    },
    {
      name: 'goes back if the public check was still to run, and `check-on-lost` rolls back',
      more: [
        ['check-url', 'https://app.example/'],
        ['check-limit', '5'],
        ['on-lost', 'roll back'],
      ],
      kind: 'rolled-back',
    },
    {
      name: 'goes forward if `check-on-lost` keeps the release',
      more: [
        ['check-url', 'https://app.example/'],
        ['check-limit', '5'],
        ['on-lost', 'keep'],
      ],
      kind: 'ok',
    },
  ] as const) {
    test(name, () => {
      using stand = openStand()
      stand.image('one')
      stand.image('two')
      assert.equal(stand.deploy([service('web', 'one', { grace: 0 })]).verdict?.kind, 'ok')
      for (const { id } of stand.containers('web')) stand.change(id ?? '', 'grace', '0')
      stand.once(look, cut, 'gate')
      const first = stand.deploy([service('web', 'two', { grace: 0 }), ...more], { id: 'cut' })
      assert.equal(first.verdict, undefined, first.log)
      const { verdict, log } = stand.deploy([...settle, ['stability', '0']])
      assert.equal(verdict?.kind, kind, log)
      const [web] = stand.containers('web')
      assert.equal(web?.['image'], stand.image(kind === 'ok' ? 'two' : 'one'))
    })
  }

  test('goes back if a container is missing', () => {
    using stand = openStand()
    stand.write('compose.yaml', 'web reg.example/app:latest 2 unless-stopped\n')
    stand.image('one')
    stand.image('two')
    const two = (image: string) => service('web', image, { replicas: 2, grace: 0 })
    assert.equal(stand.deploy([two('one')]).verdict?.kind, 'ok')
    for (const { id } of stand.containers('web')) stand.change(id ?? '', 'grace', '0')
    stand.once(look, cut, 'gate')
    stand.deploy([two('two')], { id: 'cut' })
    stand.docker('rm', '-f', stand.containers('web')[0]?.['id'] ?? '')
    const { verdict, log } = stand.deploy(settle)
    assert.equal(verdict?.kind, 'rolled-back', log)
    assert.match(log, /some containers of web are missing/)
    assert.equal(stand.containers('web').length, 2)
  })

  test('is recorded as going back before anything is restored', () => {
    using stand = openStand()
    stand.image('one')
    stand.image('two')
    stand.deploy([service('web', 'one')])
    stand.once(look, cut, 'gate')
    stand.deploy([service('web', 'two'), ['host-after', 'true']], {
      id: 'cut',
      before: 'restore_services() { cat "$record/stage" >&6; kill -9 $$; }\n',
    })
    const { log } = stand.deploy(settle)
    assert.match(log, /^rollback$/m)
  })
})

suite('a restored release', () => {
  test('is watched as long as a stop in progress may take', () => {
    using stand = openStand()
    stand.image('one')
    stand.tag('reg.example/app:latest', 'one')
    stand.container('web', { image: stand.image('one'), reference: 'reg.example/app:latest', grace: '60' })
    const { log } = stand.call(`
      services="${service('web', 'one')[1]}$newline" stability=10
      take_lock && record_release || exit 3
      which=old; echo "held $(held_for)"; failed_stage=up; echo "held $(held_for)"
      which=new; echo "held $(held_for)"; echo "limit $(up_limit "$record")"`)
    assert.deepEqual(log.match(/(?:held|limit) .*/g), ['held 10', 'held 65', 'held 10', 'limit 190'])
  })
})
