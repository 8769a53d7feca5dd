import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { CopyFacts } from '../../../../src/compose/config.ts'
import { strategyLines } from '../../../../src/report/deployed.ts'
import type { ServiceFacts } from '../../../../src/target/compose-host/facts.ts'
import { chooseStrategies } from '../../../../src/target/compose-host/strategy.ts'
import { server, service } from './preflight/facts.ts'

const port = { address: undefined, published: '8080', target: 80, protocol: 'tcp' }
const copies = (parts: Partial<CopyFacts> = {}): CopyFacts => ({
  ports: [port],
  writes: [],
  fixedAddress: false,
  volumesFrom: [],
  ...parts,
})
const web = (parts: Partial<ServiceFacts> = {}) => service('web', { copies: copies(), ...parts })
const data = { source: 'app_data', target: '/data' }

interface Case {
  readonly name: string
  readonly web: ServiceFacts
  readonly composeVersion?: string
  readonly overlap?: readonly string[]
  /** Why it is recreated; undefined if it is relayed. */
  readonly expected?: RegExp
}

const cases: readonly Case[] = [
  { name: 'a published TCP port', web: web() },
  { name: 'Compose v1', web: web(), composeVersion: '1.29.2', expected: /Compose v1/ },
  { name: 'no ports', web: web({ copies: copies({ ports: [] }) }), expected: /publishes no ports/ },
  {
    name: 'an additional UDP port',
    web: web({ copies: copies({ ports: [port, { ...port, published: '53', protocol: 'udp' }] }) }),
    expected: /it publishes `53\/udp`/,
  },
  {
    name: 'a port that the engine chooses',
    web: web({ copies: copies({ ports: [{ ...port, published: '' }] }) }),
    expected: /the engine chooses the port of `80\/tcp`/,
  },
  ...['0', '0-1'].map(published => ({
    name: `a port that the engine chooses, ${published}`,
    web: web({ copies: copies({ ports: [{ ...port, published }] }), replicas: published.split('-').length }),
    expected: /the engine chooses the port of `80\/tcp`/,
  })),
  {
    name: 'a range with fewer replicas',
    web: web({ copies: copies({ ports: [{ ...port, published: '8080-8082' }] }), replicas: 2 }),
    expected: /the range `8080-8082\/tcp`/,
  },
  {
    name: 'a range with as many replicas',
    web: web({ copies: copies({ ports: [{ ...port, published: '8080-8081' }] }), replicas: 2 }),
  },
  {
    name: 'the network of the host',
    web: web({ networkMode: 'host' }),
    expected: /`network_mode` is `host`/,
  },
  {
    name: 'the network of another service',
    web: web({ networkMode: 'service:vpn' }),
    expected: /`service:vpn`/,
  },
  {
    name: 'a side-car in its network',
    web: web({ sideCars: ['log'] }),
    expected: /`log` uses its network/,
  },
  {
    name: 'a fixed address',
    web: web({ copies: copies({ fixedAddress: true }) }),
    expected: /fixed IP or MAC/,
  },
  {
    name: 'volumes_from',
    web: web({ copies: copies({ volumesFrom: ['db'] }) }),
    expected: /`volumes_from` with `db`/,
  },
  {
    name: 'volumes that another service mounts with volumes_from',
    web: web({ volumeSharers: ['job'] }),
    expected: /with `job`/,
  },
  {
    name: 'a volume that it writes to',
    web: web({ copies: copies({ writes: [data] }) }),
    expected: /it writes to `app_data` at `\/data`/,
  },
  {
    name: 'a volume that `overlap` names',
    web: web({ copies: copies({ writes: [data] }) }),
    overlap: ['app_data'],
  },
  {
    name: 'a path in the container that `overlap` names',
    web: web({ copies: copies({ writes: [data] }) }),
    overlap: ['/data'],
  },
  {
    name: 'a bind that `overlap` names from the project',
    web: web({ copies: copies({ writes: [{ source: '/srv/app/up', target: '/up' }] }) }),
    overlap: ['./up'],
  },
  {
    name: 'an anonymous volume',
    web: web({ copies: copies({ writes: [{ source: undefined, target: '/cache' }] }) }),
    expected: /the anonymous volume at `\/cache`/,
  },
  { name: 'a one-shot container', web: web({ oneShot: true }), expected: /a one-shot service/ },
]

suite('the strategy of a service with', () => {
  for (const { name, web: given, composeVersion = '2.40.3', overlap = [], expected } of cases) {
    const facts = server({ tools: { composeVersion }, services: [given] })
    test(name, () => {
      const named = chooseStrategies({ strategy: 'relay', overlap }, facts)
      const [chosen] = named.strategies
      assert.equal(chosen?.strategy, expected === undefined ? 'relay' : 'recreate')
      assert.match(chosen?.reason ?? '', expected ?? /^$/)
      assert.equal(named.problems.length, expected === undefined ? 0 : 1)
      assert.match(named.problems[0]?.cause ?? '', expected ?? /^$/)
      // Without ports, `auto` means another strategy.
      if (given.copies.ports.length === 0) return
      const auto = chooseStrategies({ strategy: 'auto', overlap }, facts)
      assert.deepEqual(auto.problems, [])
      assert.deepEqual(auto.strategies, named.strategies)
      const [asIs] = chooseStrategies({ strategy: 'recreate', overlap }, facts).strategies
      assert.deepEqual(
        [asIs?.strategy, asIs?.possible, asIs?.ports],
        ['recreate', expected === undefined ? 'relay' : undefined, []],
      )
    })
  }

  const behind = (parts: Partial<ServiceFacts> = {}) =>
    service('web', { copies: copies({ ports: [] }), hasHealthcheck: true, ...parts })
  const startFirst: readonly Case[] = [
    { name: 'a healthcheck and no ports', web: behind() },
    {
      name: 'ports',
      web: behind({ copies: copies() }),
      expected: /it publishes ports, which two containers cannot share/,
    },
    {
      name: 'a container_name',
      web: behind({ containerName: 'app' }),
      expected: /`container_name` is `app`/,
    },
    { name: 'no healthcheck', web: behind({ hasHealthcheck: false }), expected: /no healthcheck/ },
    { name: 'Compose v1', web: behind(), composeVersion: '1.29.2', expected: /Compose v1/ },
    { name: 'the network of the host', web: behind({ networkMode: 'host' }), expected: /`host`/ },
    { name: 'a side-car', web: behind({ sideCars: ['log'] }), expected: /`log` uses its network/ },
    {
      name: 'a fixed address',
      web: behind({ copies: copies({ ports: [], fixedAddress: true }) }),
      expected: /fixed IP or MAC/,
    },
    {
      name: 'volumes that another service mounts with volumes_from',
      web: behind({ volumeSharers: ['job'] }),
      expected: /`job`/,
    },
    {
      name: 'a volume that it writes to',
      web: behind({ copies: copies({ ports: [], writes: [data] }) }),
      expected: /it writes to `app_data`/,
    },
    {
      name: 'a volume that `overlap` names',
      web: behind({ copies: copies({ ports: [], writes: [data] }) }),
      overlap: ['app_data'],
    },
    { name: 'a one-shot container', web: behind({ oneShot: true }), expected: /one-shot/ },
  ]
  for (const { name, web: given, composeVersion = '2.40.3', overlap = [], expected } of startFirst) {
    const facts = server({ tools: { composeVersion }, services: [given] })
    test(`${name}, to start first`, () => {
      const { strategies, problems } = chooseStrategies({ strategy: 'start-first', overlap }, facts)
      const [chosen] = strategies
      assert.equal(chosen?.strategy, expected === undefined ? 'start-first' : 'recreate')
      assert.match(chosen?.reason ?? '', expected ?? /^$/)
      assert.equal(chosen?.instead, expected === undefined ? undefined : 'start-first')
      assert.match(problems[0]?.cause ?? '', expected ?? /^$/)
      if (given.copies.ports.length > 0) return
      const auto = chooseStrategies({ strategy: 'auto', overlap }, facts)
      assert.deepEqual(auto, { strategies, problems: [] })
      const [asIs] = chooseStrategies({ strategy: 'recreate', overlap }, facts).strategies
      assert.equal(asIs?.possible, expected === undefined ? 'start-first' : undefined)
    })
  }

  test('several services: `auto` chooses for each, and a worker without a healthcheck is no problem', () => {
    const services = [web(), behind({ name: 'site' }), behind({ name: 'worker', hasHealthcheck: false })]
    const { strategies } = chooseStrategies({ strategy: 'auto', overlap: [] }, server({ services }))
    assert.deepEqual(strategyLines(strategies), [
      'web: relay: requests go to the new release while the container is replaced',
      'site: start-first: the old container stops once the new one serves',
      'worker: recreate, not start-first: it has no healthcheck, so Slipway cannot tell when the new container is ready for requests',
    ])
    const named = chooseStrategies(
      { strategy: 'start-first', overlap: [] },
      server({ services: services.slice(1) }),
    )
    assert.deepEqual(named.problems, [])
  })

  test('a range: each of its ports belongs to a replica', () => {
    const range = web({ copies: copies({ ports: [{ ...port, published: '8080-8081' }] }), replicas: 2 })
    const { strategies } = chooseStrategies({ strategy: 'relay', overlap: [] }, server({ services: [range] }))
    assert.deepEqual(strategies[0]?.ports, [
      { index: 1, address: '*', published: 8080, target: 80 },
      { index: 2, address: '*', published: 8081, target: 80 },
    ])
  })

  test('a service without ports next to one with ports is recreated without a problem', () => {
    const worker = service('worker')
    const { strategies, problems } = chooseStrategies(
      { strategy: 'relay', overlap: [] },
      server({ services: [web(), worker] }),
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(strategyLines(strategies), [
      'web: relay: requests go to the new release while the container is replaced',
      'worker: recreate, not relay: it publishes no ports',
    ])
  })
})
