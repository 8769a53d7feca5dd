/** One-shot services, several services, and services with dependencies. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { cut, openStand, type Parameters, type Stand, service } from './stand.ts'

const worker = 'worker reg.example/app:latest 1 unless-stopped\n'

suite('a one-shot service', () => {
  test('passes the gate at its first deploy', () => {
    using stand = openStand()
    stand.write(
      'compose.yaml',
      'migrate reg.example/jobs:1 1 no\nweb reg.example/app:latest 1 unless-stopped\n',
    )
    stand.image('jobs', 'exited 0')
    stand.image('one')
    const { verdict, log } = stand.deploy([
      service('migrate', 'jobs', { reference: 'reg.example/jobs:1', kind: 'one-shot' }),
      service('web', 'one'),
      ['wave', 'migrate=ended'],
      ['wave', 'web=started'],
    ])
    assert.equal(verdict?.kind, 'ok', log)
  })

  for (const { code, kind } of [
    { code: 0, kind: 'ok' },
    { code: 5, kind: 'removed' },
  ])
    test(`that is deployed alone ends with ${code} before the verdict is ${kind}`, () => {
      using stand = openStand()
      stand.write('compose.yaml', 'migrate reg.example/jobs:1 1 no\n')
      stand.image('jobs')
      const end = `for each in ${stand.engine}/containers/*; do echo exited >"$each/status"; echo ${code} >"$each/exit"; done`
      const { verdict, log } = stand.deploy(
        [
          service('migrate', 'jobs', { reference: 'reg.example/jobs:1', kind: 'one-shot' }),
          ['wave', 'migrate=ended'],
        ],
        { before: `nap() { set +f; ${end}; set -f; }\n` },
      )
      assert.equal(verdict?.kind, kind, log)
      if (code === 0) assert.equal(stand.containers('migrate')[0]?.['status'], 'exited')
      else assert.match(verdict?.reason ?? '', /^migrate exited with code 5$/)
    })

  test('is not a service that was stopped by hand', () => {
    using stand = openStand()
    stand.image('one')
    stand.image('bad', 'exited 0')
    stand.tag('reg.example/app:latest', 'one')
    stand.container('web', {
      status: 'exited',
      exit: '0',
      image: stand.image('one'),
      reference: 'reg.example/app:latest',
    })
    const { verdict, log } = stand.deploy([service('web', 'bad')])
    assert.equal(verdict?.kind, 'rolled-back', log)
    assert.equal(stand.containers('web')[0]?.['status'], 'created')
  })
})

test('services in waves keep their scale', () => {
  using stand = openStand()
  stand.write('compose.yaml', `web reg.example/app:latest 1 unless-stopped\n${worker}`)
  stand.image('one')
  stand.image('two')
  const waves: Parameters = [
    ['wave', 'worker=started'],
    ['wave', 'web=started'],
  ]
  const both = (image: string): Parameters => [service('web', image), service('worker', image), ...waves]
  assert.equal(stand.deploy(both('one')).verdict?.kind, 'ok')
  stand.docker('compose', '-p', 'test', 'up', '-d', '--scale', 'web=3', 'web')
  const before = stand.calls().length
  const { verdict, log } = stand.deploy(both('two'))
  const asked = stand.calls().slice(before)
  assert.equal(
    asked.filter(call => call.endsWith(' config')).length,
    1,
    'Compose resolves once for all of them',
  )
  assert.equal(verdict?.kind, 'ok', log)
  assert.deepEqual([stand.containers('web').length, stand.containers('worker').length], [3, 1])
})

suite('a dependency of a release', () => {
  const open = (): Stand => {
    const stand = openStand()
    stand.write(
      'compose.yaml',
      'web reg.example/app:latest 1 unless-stopped\ndb reg.example/db:1\ncache reg.example/db:1\n',
    )
    stand.image('db')
    stand.tag('reg.example/db:1', 'db')
    stand.image('one')
    stand.image('bad', 'exited 3')
    stand.container('cache', {
      name: 'test-cache-1',
      status: 'exited',
      image: stand.image('db'),
      reference: 'reg.example/db:1',
    })
    return stand
  }
  const needs: Parameters = [
    ['dependency', 'db started reg.example/db:1'],
    ['dependency', 'cache started reg.example/db:1'],
  ]
  const states = (stand: Stand) => [stand.containers('db').length, stand.containers('cache')[0]?.['status']]

  test('is started, and stays', () => {
    using stand = open()
    const { verdict, log } = stand.deploy([service('web', 'one'), ...needs])
    assert.equal(verdict?.kind, 'ok', log)
    assert.deepEqual(verdict?.created, ['db', 'cache'])
    assert.deepEqual(states(stand), [1, 'running'])
    assert.ok(stand.calls().some(call => call.includes('--no-deps --no-recreate')))
  })

  for (const { name, more, kind } of [
    { name: 'a command before the change fails', more: ['host-before', 'exit 1'], kind: 'unchanged' },
    { name: 'the release fails, and is the first one', more: ['tags', 'x'], kind: 'removed' },
  ] as const) {
    test(`is removed or stopped again if ${name}`, () => {
      using stand = open()
      const { verdict, log } = stand.deploy([service('web', 'bad'), ...needs, more])
      assert.equal(verdict?.kind, kind, log)
      assert.deepEqual(states(stand), [0, 'exited'])
    })
  }

  test('that cannot be started is reported with the output of Compose', () => {
    using stand = open()
    stand.once("*' --no-recreate '*", 'exit 1')
    const { verdict, log } = stand.deploy([service('web', 'one'), ...needs], {
      before: "last_logged() { echo 'No such image: reg.example/db:1'; }\n",
    })
    assert.deepEqual(
      [verdict?.kind, verdict?.stage, verdict?.code, verdict?.reason],
      [
        'unchanged',
        'dependencies',
        'image-missing',
        'Compose failed (exit code 1): No such image: reg.example/db:1',
      ],
      log,
    )
  })

  for (const [name, order] of [
    ['after one that is still starting', ['db ended reg.example/db:1', 'job ended reg.example/job:1']],
    ['before one that is still starting', ['job ended reg.example/job:1', 'db ended reg.example/db:1']],
  ] as const) {
    test(`that has failed is reported at once, ${name}`, () => {
      using stand = open()
      stand.write('compose.yaml', `${stand.read('compose.yaml')}job reg.example/job:1\n`)
      stand.image('job', 'exited 5')
      stand.tag('reg.example/job:1', 'job')
      const { verdict, log } = stand.deploy([
        service('web', 'one'),
        ...order.map(each => ['dependency', each] as const),
      ])
      assert.deepEqual(
        [verdict?.kind, verdict?.code, verdict?.reason],
        ['unchanged', 'dependency-failed', 'job exited with code 5'],
        log,
      )
    })
  }

  test('is removed or stopped again after a cut, too', () => {
    using stand = open()
    stand.once(
      "*' --no-recreate '*db*",
      `compose_up_all() { shift; compose "$@"; }; compose_up_all "$@"; ${cut}`,
    )
    stand.deploy([service('web', 'one'), ...needs], { id: 'cut' })
    assert.deepEqual(states(stand), [1, 'running'])
    const next = stand.deploy([
      ['mode', 'settle'],
      ['after', 'cut'],
    ])
    assert.equal(next.verdict?.kind, 'unchanged', next.log)
    assert.deepEqual(states(stand), [0, 'exited'])
  })
})

test('a rollback restores containers that ran different images, each with its own', () => {
  using stand = openStand()
  stand.image('one')
  stand.image('older')
  stand.image('bad', 'exited 3')
  stand.tag('reg.example/app:latest', 'one')
  const more = { reference: 'reg.example/app:latest', grace: '0' }
  stand.container('web', { ...more, image: stand.image('one') })
  stand.container('web', { ...more, name: 'test-web-2', image: stand.image('older') })
  const before = stand.containers('web')
  // The deploy fails before Compose has touched them.
  stand.once("*' up '*", 'exit 1')
  const { verdict, log } = stand.deploy([service('web', 'bad', { replicas: 2, grace: 0 })])
  assert.equal(verdict?.kind, 'rolled-back', log)
  assert.deepEqual(stand.containers('web'), before)
})

suite('a rollback that creates a container without starting it, because', () => {
  const open = (): Stand => {
    const stand = openStand()
    stand.write('compose.yaml', 'web reg.example/app:latest 1 no\ndb reg.example/db:1\n')
    stand.tag('reg.example/db:1', 'db')
    stand.container('db', { image: stand.image('db'), reference: 'reg.example/db:1' })
    stand.image('bad', 'exited 3')
    stand.tag('reg.example/app:latest', 'one')
    const web = { image: stand.image('one'), reference: 'reg.example/app:latest', status: 'exited' }
    stand.container('web', web)
    return stand
  }
  // Up to 2.29, Compose creates the dependencies together with the container.
  for (const version of ['2.26.1', '2.40.3'])
    for (const { name, kind } of [
      { name: 'the service was stopped by hand', kind: '-' },
      { name: 'the service is a one-shot', kind: 'one-shot' },
    ])
      test(`${name}, succeeds with Compose ${version}`, () => {
        using stand = open()
        const { verdict, log } = stand.deploy([
          service('web', 'bad', { kind }),
          ['compose-version', version],
          ['dependency', 'db started reg.example/db:1'],
        ])
        assert.equal(verdict?.kind, 'rolled-back', log)
        const [web, ...others] = stand.containers('web')
        assert.deepEqual([web?.['image'], web?.['status'], others], [stand.imageOf('one'), 'created', []])
        const created = stand.calls().filter(call => call.includes('--no-start'))
        assert.equal(created.length, version === '2.26.1' ? 4 : 1, 'with and without the dependencies')
      })
})

test('a container that disappears while the record is written does not end the deploy', () => {
  using stand = openStand()
  stand.image('one')
  stand.image('two')
  assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
  stand.once("*'networks {{'*", 'exit 1')
  const { verdict, log } = stand.deploy([service('web', 'two')])
  assert.equal(verdict?.kind, 'ok', log)
})
