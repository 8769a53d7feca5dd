/** Deploys the whole project in one transaction: the services of the release, and all others as Compose would. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rig } from '../../rig/rig.ts'
import { assertGreen, assertRed } from '../expect.ts'
import { crashAfter, noServer, openSite, type Site, ship, webCompose } from '../site.ts'

const base = await (await rig()).base()

/** Returns a service that only sleeps. `label` is part of its configuration. */
const sleeper = (name: string, label = 'one', command = 'exec sleep 100000'): string => `  ${name}:
    image: ${base.reference}
    init: true
    stop_grace_period: 1s
    labels: { test.label: "${label}" }
    volumes: ["data:/data"]
    command: ["sh", "-c", "${command}"]
`

const migrate = ({ image }: Pick<Site, 'image'>): string => `  migrate:
    image: ${image}:latest
    volumes: ["data:/data"]
    command: ["sh", "-c", "cat /www/index.html >>/data/migrated"]
`

const waits = `    depends_on:
      migrate: { condition: service_completed_successfully }
      cache: { condition: service_started }
`

const compose = (site: Site, ...services: readonly string[]): string =>
  `${webCompose(site, waits)}${migrate(site)}${services.join('')}volumes: { data: {} }\n`

/** Deploys the project with these services in addition to web and migrate. */
const deployProject = (
  site: Site,
  page: string,
  services: readonly string[],
  more: Record<string, string> = {},
) =>
  ship(
    site,
    { page, files: { 'compose.yaml': compose(site, ...services) } },
    { with: { service: '', files: 'compose.yaml', env: `PAGE=${page}`, ...more } },
  )

const ids = async (site: Site, ...names: readonly string[]): Promise<string[][]> =>
  Promise.all(names.map(name => site.running(name)))

test('is deployed as a whole: unchanged services keep their containers, and everything is restored if one fails', async () => {
  await using site = await openSite('whole', { empty: true })
  await site.server.exec(`mkdir -p ${site.directory} && chown deploy: ${site.directory}`)
  const loop = sleeper('loop', 'one', 'test -e /data/ok || exit 1; exec sleep 100000').replace(
    'init: true',
    'restart: always',
  )
  const mark = sleeper('mark', 'one', 'touch /data/ok; exec sleep 100000')
  const first = await deployProject(site, 'one', [
    mark,
    sleeper('cache'),
    sleeper('db'),
    sleeper('old'),
    loop,
  ])
  assertGreen(first)
  assert.equal(await site.page(), 'one')
  assert.equal(await site.sh('docker compose exec -T db cat /data/migrated'), 'one\n')
  const [db, cache, old] = await ids(site, 'db', 'cache', 'old')
  for (const each of [db, cache, old]) assert.equal(each?.length, 1)

  // A service that was broken before does not fail this deploy.
  await site.sh('docker compose exec -T db rm /data/ok && docker compose restart -t 0 loop')
  const kept = [mark, sleeper('cache', 'two'), sleeper('db'), sleeper('fresh'), loop]
  const planned = await deployProject(site, 'two', kept, { 'remove-orphans': 'true', 'dry-run': 'true' })
  assertGreen(planned)
  const expected = [/create fresh: it has no container/, /remove old: it is no longer in the compose files/]
  for (const line of expected) assert.match(planned.log, line)
  assert.deepEqual(await ids(site, 'old'), [old])

  const second = await deployProject(site, 'two', kept, { 'remove-orphans': 'true' })
  assertGreen(second)
  assert.equal(await site.page(), 'two')
  assert.equal(await site.sh('docker compose exec -T db cat /data/migrated'), 'one\ntwo\n')
  assert.deepEqual(await ids(site, 'db', 'old'), [db, []])
  assert.notDeepEqual(await ids(site, 'cache'), [cache])
  assert.equal(await site.sh(`docker ps -aq --filter label=com.docker.compose.service=old`), '')
  const before = await ids(site, 'web', 'cache', 'db', 'fresh')
  await site.sh('docker compose up -d')
  assert.deepEqual(await ids(site, 'web', 'cache', 'db', 'fresh'), before)

  const state = [await site.read('compose.yaml'), await site.read('.env')]
  const failing = sleeper('failing', 'one', 'sleep 1; exit 4')
  const third = await deployProject(
    site,
    'three',
    [mark, sleeper('cache', 'three'), sleeper('db'), loop, failing],
    {
      'remove-orphans': 'true',
    },
  )
  assertRed(third, { stage: 'deploy', cause: /failing exited with code 4.*Rolled back/s, remedy: /./ })
  assert.equal(await site.page(), 'two')
  assert.deepEqual([await site.read('compose.yaml'), await site.read('.env')], state)
  // The orphan had only been stopped, not removed, so it has the same container.
  const after = await ids(site, 'db', 'fresh', 'failing')
  assert.deepEqual(after, [db, before[3], []])
  assert.equal((await ids(site, 'cache'))[0]?.length, 1)
  const label = `docker inspect -f '{{index .Config.Labels "test.label"}}' $(docker compose ps -q cache)`
  assert.equal((await site.sh(label)).trim(), 'two')
  const restored = await ids(site, 'web', 'cache', 'db', 'fresh')
  await site.sh('docker compose up -d')
  assert.deepEqual(await ids(site, 'web', 'cache', 'db', 'fresh'), restored)
})

/** Returns a project like that of a modern self-hosted platform: four services of its own image, and twelve others. */
const platform = (site: Site): string => {
  const own = ['cron', 'ingest', 'worker'].map(
    name => `  ${name}:
    image: ${site.image}:latest
    restart: unless-stopped
    init: true
    stop_grace_period: 1s
    command: ["sleep", "100000"]
    depends_on: [database, cache, queue]
`,
  )
  return `${webCompose(site, '    depends_on: [database, cache, queue]\n')}${own.join('')}${others.map(name => sleeper(name)).join('')}volumes: { data: {} }\n`
}
const others = [
  ...['database', 'cache', 'queue', 'coordinator', 'columns', 'search'],
  ...['storage', 'mail', 'symbols', 'metrics', 'relay', 'proxy'],
]

test('a project of sixteen services keeps unchanged containers, and a plain `up` changes nothing', async t => {
  await using site = await openSite('platform', { empty: true })
  await site.server.exec(`mkdir -p ${site.directory} && chown deploy: ${site.directory}`)
  await site.write('compose.yaml', platform(site))
  const deploy = (page: string) => ship(site, { page }, { with: { service: '' } })
  assertGreen(await deploy('one'))
  const all = ['web', 'cron', 'ingest', 'worker', ...others]
  assert.equal(all.length, 16)
  const before = await ids(site, ...all)
  for (const [index, each] of before.entries()) assert.equal(each.length, 1, all[index])

  const second = await deploy('two')
  assertGreen(second)
  const after = await ids(site, ...all)
  assert.deepEqual(after.slice(4), before.slice(4))
  for (const index of [0, 1, 2, 3]) assert.notDeepEqual(after[index], before[index])
  assert.equal(await site.page(), 'two')
  await site.sh('docker compose up -d')
  assert.deepEqual(await ids(site, ...all), after)

  // Measures the same deploy by hand. The time is reported, not asserted.
  assertGreen(await ship(site, { page: 'three' }, { with: noServer }))
  const { host, username, password } = site.rig.registry
  const config = `DOCKER_CONFIG=${site.directory}/config`
  const login = `${config} docker login ${host} -u ${username} --password-stdin`
  assert.equal((await site.server.exec(login, { stdin: password })).code, 0)
  const began = performance.now()
  await site.sh(`${config} docker compose pull -q --ignore-pull-failures && ${config} docker compose up -d`)
  const byHand = Math.round(performance.now() - began) / 1000
  assert.equal((await ids(site, 'web')).flat().length, 1)
  t.diagnostic(`step ${second.durations.main / 1000} s (build, gate and all), by hand ${byHand} s`)
})

test('is rejected before the build if no service declares a pushed image', async () => {
  await using site = await openSite('nothing', {
    compose: () => `services:\n${sleeper('db')}volumes: { data: {} }\n`,
  })
  const run = await ship(site, { page: 'x' }, { with: { service: '' } })
  assertRed(run, {
    stage: 'preflight',
    cause: /No service of the project declares a pushed image .*`db`/,
    remedy: /`image: .*:latest`/,
  })
  assert.doesNotMatch(run.log, /buildx build/)
})

const app = (site: Site, name: string): string => `  ${name}:
    image: ${site.image}-${name}:stable
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "test ! -e /www/fails || exit 3; exec sleep 100000"]
`

/** Builds and pushes an image like a job of a matrix. Returns its name with its digest. */
async function build(site: Site, name: string, page: string, run?: string): Promise<string> {
  const pushed = await ship(
    site,
    { page, ...(run === undefined ? {} : { run }) },
    { with: { ...noServer, image: `${site.image}-${name}`, tags: 'edge' } },
  )
  assertGreen(pushed)
  return pushed.outputs['image'] ?? ''
}

const fails = 'RUN touch /www/fails\nCMD ["true"]'

test('one step deploys several images that other jobs pushed: all of them or none', async () => {
  await using site = await openSite('matrix', {
    compose: ({ image, port }) => {
      const site = { image, port } as Site
      return `${webCompose({ image: `${image}-web`, port }).replace(':latest', ':stable')}${app(site, 'api')}${app(site, 'jobs')}`
    },
  })
  const parts = ['web', 'api', 'jobs']
  const deploy = (images: readonly string[]) =>
    ship(
      site,
      { page: 'not built' },
      {
        with: {
          image: '',
          tags: '',
          build: 'false',
          registry: site.rig.registry.host,
          service: parts.map((name, index) => `${name}=${images[index]}`).join('\n'),
        },
      },
    )
  const pushed = await Promise.all(parts.map(name => build(site, name, 'one')))
  const first = await deploy(pushed)
  assertGreen(first)
  assert.doesNotMatch(first.log, /buildx build|Find the image/)
  assert.equal(first.outputs['deployed'], pushed.join('\n'))
  assert.equal(await site.page(), 'one')
  for (const [index, name] of parts.entries())
    assert.ok((await site.digests(name)).includes(pushed[index] ?? ''), name)
  const before = await ids(site, ...parts)
  await site.sh('docker compose up -d')
  assert.deepEqual(await ids(site, ...parts), before)

  // A tag is resolved to its digest. If one of three services fails, the others are rolled back with it.
  const [, api = ''] = await Promise.all([
    build(site, 'web', 'two'),
    build(site, 'api', 'two'),
    build(site, 'jobs', 'two', fails),
  ])
  const second = await deploy([`${site.image}-web:edge`, api, `${site.image}-jobs:edge`])
  assertRed(second, { stage: 'deploy', cause: /jobs exited with code 3.*Rolled back/s, remedy: /./ })
  assert.equal(await site.page(), 'one')
  for (const [index, name] of parts.entries())
    assert.ok((await site.digests(name)).includes(pushed[index] ?? ''), name)
})

test('an image that was not pushed is reported before anything changes', async () => {
  await using site = await openSite('unpushed')
  const run = await ship(
    site,
    { page: 'x' },
    {
      with: {
        image: '',
        tags: '',
        build: 'false',
        registry: site.rig.registry.host,
        service: `web=${site.image}:none`,
      },
    },
  )
  assertRed(run, {
    stage: 'preflight',
    cause: /`web` the image `.*:none`, which is not in the registry/,
    remedy: /Push it/,
  })
})

test('`compose-env-files` sets the env files; an unset variable is reported with both remedies', async () => {
  await using site = await openSite('env-files', {
    compose: all => webCompose(all).replace(':latest', ':${TAG:?which release}'),
  })
  await site.write('.env.production', 'TAG=old\nOTHER=kept\n')
  const unset = await ship(site, { page: 'x' }, { with: { tags: 'v1' } })
  assertRed(unset, {
    stage: 'preflight',
    cause: /needs the variable `TAG`/,
    remedy: /`env: TAG=…`.*`compose-env-files`/,
  })
  const named = { 'compose-env-files': '.env.production', tags: 'v1' }
  assertGreen(await ship(site, { page: 'one' }, { with: { ...named, env: 'MORE=1' } }))
  assert.equal(await site.page(), 'one')
  assert.equal(await site.read('.env.production'), 'TAG=v1\nOTHER=kept\nMORE=1\n')
  const before = await site.running()
  await site.sh('docker compose --env-file .env.production up -d')
  assert.deepEqual(await site.running(), before)
  const run = await ship(
    site,
    { page: 'two', run: crashAfter(0) },
    { with: { ...named, tags: 'v2', env: 'MORE=2' } },
  )
  assertRed(run, { stage: 'deploy', cause: /Rolled back/, remedy: /./ })
  assert.equal(await site.read('.env.production'), 'TAG=v1\nOTHER=kept\nMORE=1\n')
  assert.equal(await site.page(), 'one')
})
