/** Which containers count toward the scale of a service, and which are restored. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openStand, type Parameters, type Stand, service } from './stand.ts'

type Container = Readonly<Record<string, string>>

const placed = (stand: Stand, containers: readonly Container[]): string[] =>
  containers.map((each, index) =>
    stand.container('web', {
      name: `test-web-${index + 1}`,
      image: stand.imageOf('one'),
      reference: 'reg.example/app:latest',
      grace: '0',
      ...each,
    }),
  )

suite('besides a running container,', () => {
  const table: readonly { name: string; beside: Container; replicas?: number; stays: number }[] = [
    { name: 'one that never started is removed', beside: { status: 'created' }, stays: 1 },
    {
      name: 'one of an interrupted recreate is removed',
      beside: { status: 'created', name: '0123456789ab_test-web-1' },
      stays: 1,
    },
    { name: 'one that has exited is removed', beside: { status: 'exited' }, stays: 1 },
    { name: 'one that runs counts', beside: {}, stays: 2 },
    {
      name: 'one that has exited counts if the compose file asks for two',
      beside: { status: 'exited' },
      replicas: 2,
      stays: 2,
    },
  ]
  for (const { name, beside, replicas = 1, stays } of table) {
    test(name, () => {
      using stand = openStand()
      stand.write('compose.yaml', `web reg.example/app:latest ${replicas} unless-stopped\n`)
      for (const image of ['one', 'two']) stand.image(image)
      placed(stand, [{}, beside])
      const { verdict, log } = stand.deploy([service('web', 'two', { replicas })])
      assert.equal(verdict?.kind, 'ok', log)
      assert.deepEqual(
        stand
          .containers('web')
          .map(each => `${each['status']} ${each['name']}`)
          .sort(),
        ['running test-web-1', 'running test-web-2'].slice(0, stays),
      )
    })
  }
})

test('an event of the script is not quoted as output of Compose', () => {
  using stand = openStand()
  stand.image('two')
  const text = `run=$run; printf 'before\\n' >"$run/log"; begin=$(log_size)
printf 'what Compose says\\n\\036stage up\\n' >>"$run/log"; last_logged "$begin" >&2
last_logged "$(log_size)" >&2`
  assert.match(stand.call(text).log, /^what Compose says\n$/m)
})

suite('a container that lost its network', () => {
  const bad: Parameters = [service('web', 'bad', { grace: 0 })]
  const lose = (id: string, networks: string) =>
    `printf '%s\\n' '${networks}' >"$here/containers/${id}/networks"; echo 'network has active endpoints' >&2; exit 1`

  for (const [name, networks, same] of [
    ['is recreated', '', false],
    ['is recreated if it is in another network of that name', 'app/net2/web', false],
    ['is restored as it is if it still has the network', 'app/net1/web', true],
  ] as const) {
    test(name, () => {
      using stand = openStand()
      for (const image of ['one', 'bad']) stand.image(image)
      stand.tag('reg.example/app:latest', 'one')
      const [id = ''] = placed(stand, [{}])
      stand.change(id, 'networks', `${id} app/net1/web`)
      stand.once("*' up '*", lose(id, `${id} ${networks}`.trim()))
      const { verdict, log } = stand.deploy(bad)
      assert.equal(verdict?.kind, 'rolled-back', log)
      const [now] = stand.containers('web')
      assert.equal(now?.['id'] === id, same)
      assert.equal(now?.['networks'], same ? `${id} app/net1/web` : `${now?.['id']} app/net1/web`)
    })
  }
})

test('a rollback does not run the old release of a failed one-shot service', () => {
  using stand = openStand()
  stand.write(
    'compose.yaml',
    'migrate reg.example/app:latest 1 no\nweb reg.example/app:latest 1 unless-stopped\n',
  )
  stand.image('one')
  stand.image('bad', 'exited 5')
  stand.tag('reg.example/app:latest', 'one')
  stand.container('migrate', {
    status: 'exited',
    name: 'test-migrate-1',
    image: stand.imageOf('one'),
    reference: 'reg.example/app:latest',
  })
  placed(stand, [{}])
  const { verdict, log } = stand.deploy([
    service('migrate', 'bad', { kind: 'one-shot', grace: 0 }),
    service('web', 'bad', { grace: 0 }),
    ['wave', 'migrate=ended'],
    ['wave', 'web=started'],
    ['wait-timeout', '60'],
  ])
  assert.equal(verdict?.kind, 'rolled-back', log)
  assert.match(verdict?.reason ?? '', /^migrate exited with code 5$/)
  assert.deepEqual(
    stand.containers('migrate').map(each => each['status']),
    ['created'],
  )
  assert.deepEqual(
    stand.containers('web').map(each => each['status']),
    ['running'],
  )
})
