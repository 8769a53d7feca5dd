import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readComposeConfig } from '../../../../src/compose/config.ts'
import { answerOf } from '../../../../src/target/compose-host/answer.ts'
import { type ConflictFacts, conflictsOf } from '../../../../src/target/compose-host/conflicts.ts'
import { parseSurroundings } from '../../../../src/target/compose-host/surroundings.ts'

interface Case {
  readonly name: string
  /** Lines of the service `web`, and other services. */
  readonly web?: string
  readonly rest?: string
  readonly others?: readonly object[]
  readonly listening?: readonly string[]
  readonly tools?: Partial<ConflictFacts['tools']>
  readonly profiles?: readonly string[]
  readonly services?: readonly string[]
  readonly project?: string
  readonly unsettled?: ConflictFacts['unsettled']
  readonly expected?: readonly RegExp[]
}

const other = (parts: object) => ({
  name: '/else',
  running: true,
  reference: 'nginx',
  ports: {},
  oneoff: null,
  shadow: null,
  project: null,
  service: null,
  directory: null,
  ...parts,
})
const bound = (port: string, ip = '') => ({ '80/tcp': [{ HostIp: ip, HostPort: port }] })
const own = { project: 'app', service: 'web', name: '/app-web-1', oneoff: 'False' }
const interrupted: ConflictFacts['unsettled'] = new Map([
  ['old', 'lasting'],
  ['db', undefined],
])

const table: readonly Case[] = [
  { name: 'no conflict' },
  {
    name: 'a port that another project uses',
    web: 'ports: ["8080:80"]',
    others: [other({ name: '/shop-web-1', project: 'shop', service: 'web', ports: bound('8080') })],
    expected: [
      /^`web` publishes port 8080, which the container `shop-web-1` \(service `web` of project `shop`\) already uses .*docker stop shop-web-1.*`sudo ss -ltnp 'sport = :8080'`/,
    ],
  },
  {
    name: 'a port that an orphan of the project uses',
    web: 'ports: ["8080:80"]',
    others: [other({ name: '/app-old-1', project: 'app', service: 'old', ports: bound('8080') })],
    expected: [/the container `app-old-1`/],
  },
  {
    name: 'a port that moves over from another service of the deploy',
    web: 'ports: ["8080:80"]',
    others: [other({ name: '/app-api-1', project: 'app', service: 'api', ports: bound('8080') })],
    services: ['web', 'api'],
    rest: '  api: { image: app }',
  },
  {
    name: 'a port of a service that an interrupted deploy recorded: settling it may free the port',
    web: 'ports: ["8080:80"]',
    others: [other({ name: '/app-old-1', project: 'app', service: 'old', ports: bound('8080') })],
    listening: ['00000000:1F90'],
    unsettled: interrupted,
  },
  {
    name: 'a port of a dependency that an interrupted deploy started',
    web: 'ports: ["8080:80"]',
    others: [other({ name: '/app-db-1', project: 'app', service: 'db', ports: bound('8080') })],
    unsettled: interrupted,
  },
  {
    name: 'a port of another project after an interrupted deploy',
    web: 'ports: ["8080:80"]',
    others: [other({ name: '/shop-old-1', project: 'shop', service: 'old', ports: bound('8080') })],
    unsettled: interrupted,
    expected: [/the container `shop-old-1`/],
  },
  ...['web', 'api'].map(service => ({
    name: `a port of the shadow that a relay of ${service} left behind`,
    web: 'ports: ["8080:80"]',
    others: [
      other({
        name: `/app-${service}-slipway-shadow-r1-1`,
        project: 'app',
        service,
        oneoff: 'True',
        shadow: 'r1',
        ports: bound('8080'),
      }),
    ],
    listening: ['00000000:1F90'],
  })),
  {
    name: 'a port of a container of `compose run`, which `up` does not touch',
    web: 'ports: ["8080:80"]',
    others: [other({ ...own, name: '/app-web-run-1', oneoff: 'True', ports: bound('8080') })],
    expected: [/the container `app-web-run-1` \(service `web` of project `app`\) already uses/],
  },
  {
    name: 'its own port',
    web: 'ports: ["8080:80"]',
    others: [other({ ...own, ports: bound('8080') })],
    listening: ['00000000:1F90'],
  },
  {
    name: 'a port of a stopped container',
    web: 'ports: ["8080:80"]',
    others: [other({ running: false, ports: bound('8080') })],
  },
  {
    name: 'the same port on another address',
    web: 'ports: ["127.0.0.1:8080:80"]',
    others: [other({ ports: bound('8080', '10.0.0.1') })],
    listening: ['0100000A:1F90'],
  },
  {
    name: 'the same port on all addresses',
    web: 'ports: ["127.0.0.1:8080:80"]',
    others: [other({ ports: bound('8080', '0.0.0.0') })],
    expected: [/port 8080/],
  },
  {
    name: 'another protocol',
    web: 'ports: ["53:53/udp"]',
    others: [other({ ports: bound('53') })],
  },
  {
    name: 'a program that listens on the port',
    web: 'ports: ["8080:80"]',
    listening: ['0100007F:1F90'],
    expected: [/port 8080, which another program already uses on the server.*ss -ltnp.*restart the engine/s],
  },
  {
    name: 'a port that the engine chose for the own container',
    web: 'ports: ["32768:80"]',
    others: [other({ ...own, ports: bound(''), bound: bound('32768', '0.0.0.0') })],
    listening: ['00000000:8000'],
  },
  {
    name: 'a port that the engine chose from a range for the own container',
    web: 'ports: ["8081:80"]',
    others: [other({ ...own, ports: bound('8080-8090'), bound: bound('8081', '0.0.0.0') })],
    listening: ['00000000:1F91'],
  },
  {
    name: 'a port that the engine chose for another container',
    web: 'ports: ["32768:80"]',
    others: [other({ name: '/shop-web-1', ports: bound('0'), bound: bound('32768', '0.0.0.0') })],
    listening: ['00000000:8000'],
    expected: [/port 32768, which the container `shop-web-1` already uses/],
  },
  {
    name: 'a port that its own container listens on in the network of the host',
    web: 'ports: ["8080:80"]',
    others: [other({ ...own, network: 'host' })],
    listening: ['00000000:1F90'],
  },
  {
    name: 'a port that another container may listen on in the network of the host',
    web: 'ports: ["8080:80"]',
    others: [other({ name: '/proxy', network: 'host' })],
    listening: ['00000000:1F90'],
    expected: [/which another program or a container in the host's network \(`proxy`\) already uses/],
  },
  {
    name: 'a port that a service of the Swarm may publish',
    web: 'ports: ["8080:80"]',
    listening: ['00000000:1F90'],
    tools: { swarm: true },
    expected: [/which another program or a service of the Swarm already uses(?!.*restart the engine)/s],
  },
  {
    name: 'a program that listens on IPv6',
    web: 'ports: [{ target: 80, published: "8080" }]',
    listening: ['00000000000000000000000000000000:1F90'],
    expected: [/which another program already uses/],
  },
  {
    name: 'a program on this machine, while the engine runs on another one',
    web: 'ports: ["8080:80"]',
    listening: ['00000000:1F90'],
    tools: { endpoint: 'tcp://10.0.0.5:2375' },
  },
  {
    name: 'a port range, and a port that the engine chooses',
    web: 'ports: ["80", "9000-9001:9000-9001"]',
    listening: ['00000000:2328'],
  },
  {
    name: 'a container_name that another container has',
    web: 'container_name: web',
    others: [other({ name: '/web', running: false })],
    expected: [
      /has `container_name:` `web`, a name that a container outside any project already has.*docker rm -f web/,
    ],
  },
  {
    name: 'a container_name of the own container',
    web: 'container_name: web',
    others: [other({ ...own, name: '/web' })],
  },
  {
    name: 'the name that Compose generates',
    others: [other({ name: '/app-web-1' })],
    expected: [/creates the container `app-web-1`/],
  },
  {
    name: 'the name that Compose generates, of a container of `compose run`',
    others: [other({ ...own, oneoff: 'True' })],
    expected: [/creates the container `app-web-1`, a name that another container \(service `web` of project/],
  },
  {
    name: 'a container_name that moves over from a service of an interrupted deploy',
    web: 'container_name: web',
    others: [other({ name: '/web', project: 'app', service: 'old' })],
    unsettled: interrupted,
  },
  {
    name: 'a name that Compose v1 generates',
    tools: { composeVersion: '1.29.2' },
    others: [other({ name: '/app-web-1' })],
  },
  { name: 'no replicas', web: 'deploy: { replicas: 0 }', expected: [/declares 0 replicas/] },
  { name: 'no replicas declared, but scaled by hand', web: 'scale: 0', others: [other(own)] },
  {
    name: 'no replicas, and only a container of `compose run`',
    web: 'scale: 0',
    others: [other({ ...own, name: '/app-web-run-1', oneoff: 'True' })],
    expected: [/declares 0 replicas/],
  },
  {
    name: 'no replicas declared, but scaled by hand and stopped by an interrupted deploy',
    web: 'scale: 0',
    others: [other({ ...own, running: false })],
    unsettled: new Map([['web', 'lasting']]),
  },
  {
    name: 'a healthcheck that first runs too late',
    web: 'healthcheck: { test: ["CMD", "true"], interval: 5m }',
    expected: [/first time after 300 s, but `wait-timeout` is 120 s.*`wait-timeout: 330`/],
  },
  {
    name: 'the interval of the healthcheck in the image',
    web: 'healthcheck: { interval: 2m0s }',
    expected: [/after 120 s/],
  },
  { name: 'a start interval', web: 'healthcheck: { test: ["CMD", "true"], interval: 5m, start_period: 1m }' },
  {
    name: 'a start interval that this engine does not support',
    web: 'healthcheck: { test: ["CMD", "true"], interval: 5m, start_period: 1m }',
    tools: { engineVersion: '24.0.7' },
    expected: [/the server has 24\.0\.7/],
  },
  { name: 'a disabled healthcheck', web: 'healthcheck: { disable: true, interval: 5m }' },
  {
    name: 'names that are too long for the tag',
    project: 'p'.repeat(112),
    expected: [/have 115 characters together.*room for only 114/],
  },
  {
    name: 'a dependency in a profile that is not active',
    web: 'depends_on: [db]',
    rest: '  db: { image: db, profiles: [mysql] }',
    expected: [
      /depends on `db`, but the profile `mysql` of `db` is not active.*`env: COMPOSE_PROFILES=mysql`/,
    ],
  },
  {
    name: 'a dependency of a dependency',
    web: 'depends_on: [db]',
    rest: '  db: { image: db, depends_on: [disk] }\n  disk: { image: disk, profiles: [x] }',
    expected: [/`db` depends on `disk`/],
  },
  {
    name: 'a dependency in an active profile',
    web: 'depends_on: [db]',
    rest: '  db: { image: db, profiles: [mysql] }',
    profiles: ['mysql'],
  },
  {
    name: 'a dependency of the same profile',
    web: 'profiles: [all]\n    depends_on: [db]',
    rest: '  db: { image: db, profiles: [all] }',
  },
  {
    name: 'an optional dependency',
    web: 'depends_on: { db: { condition: service_healthy, required: false } }',
    rest: '  db: { image: db, profiles: [mysql] }',
  },
  {
    name: 'a missing external network and volume',
    web: 'networks: [proxy, edge]\n    volumes: ["data:/data", "./conf:/conf"]',
    rest: 'networks: { proxy: { external: true }, edge: { external: true } }\nvolumes: { data: { external: true, name: app_data } }',
    expected: [
      /external network `proxy`.*docker network create proxy/,
      /external volume `app_data`.*docker volume create app_data/,
    ],
  },
  {
    name: 'a missing external network of a dependency, as v1 names it',
    web: 'depends_on: [db]',
    rest: '  db: { image: db, networks: [proxy] }\nnetworks: { proxy: { external: { name: front } } }',
    expected: [/`db` uses the external network `front`/],
  },
  {
    name: 'a missing external network of a service that is not started',
    rest: '  job: { image: job, networks: [proxy] }\nnetworks: { proxy: { external: true } }',
  },
  {
    name: 'a Swarm network that this node has not used yet',
    web: 'networks: [proxy]',
    rest: 'networks: { proxy: { external: true } }',
    tools: { swarm: true },
  },
]

suite('conflicts of a service', () => {
  for (const each of table)
    test(each.name, async () => {
      const messages = conflictsOf(await factsOf(each)).map(({ cause, remedy }) => `${cause} ${remedy}`)
      assert.equal(messages.length, each.expected?.length ?? 0, messages.join('\n') || 'nothing was found')
      for (const [index, pattern] of (each.expected ?? []).entries())
        assert.match(messages[index] ?? '', pattern)
    })

  test('lists that the engine did not give cause no conflict', async () => {
    const facts = await factsOf({
      name: '',
      web: 'networks: [proxy]',
      rest: 'networks: { proxy: { external: true } }',
    })
    assert.deepEqual(conflictsOf({ ...facts, surroundings: parseSurroundings(answerOf([])) }), [])
  })
})

async function factsOf({
  web = '',
  rest = '',
  others = [],
  listening = [],
  tools,
  profiles = [],
  services = ['web'],
  project = 'app',
  unsettled = new Map(),
}: Case): Promise<ConflictFacts> {
  const config = await readComposeConfig(`services:\n  web:\n    image: app\n    ${web}\n${rest}\n`)
  assert.ok(config !== undefined, 'the compose file of the test is wrong')
  const surroundings = parseSurroundings(
    answerOf([
      { name: 'others', lines: others.map(each => JSON.stringify(each)) },
      { name: 'networks', lines: ['bridge', 'edge'] },
      { name: 'volumes', lines: [] },
      { name: 'listening.tcp', lines: listening },
    ]),
  )
  return {
    tools: {
      composeVersion: '2.40.3',
      engineVersion: '28.5.2',
      endpoint: 'unix:///var/run/docker.sock',
      ...tools,
    },
    reading: { config, project: { name: project }, profiles } as unknown as ConflictFacts['reading'],
    surroundings,
    unsettled,
    plan: { services, waitTimeout: 120 },
  }
}
