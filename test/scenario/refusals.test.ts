import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { rig } from '../rig/rig.ts'
import { assertEndsRed, assertGreen, assertRed, type Expected, literally, warningsOf } from './expect.ts'
import { digestIn } from './registry.ts'
import { openSite, type Site, ship, webCompose } from './site.ts'

// Preflight reports what would fail later: nothing is built, pushed, or changed on the server.

const all = await rig()

interface Case extends Omit<Expected, 'stage'> {
  readonly name: string
  readonly compose?: (site: Pick<Site, 'image' | 'port'>) => string
  readonly with?: Readonly<Record<string, string>>
}

const cases: readonly Case[] = [
  {
    name: 'a service that is not in the compose file',
    with: { service: 'wbe' },
    cause: /`service` is `wbe`, which `.*compose.yaml` does not have/,
    remedy: /Did you mean `web`\? Set `service` to one of its services: `web`/,
  },
  {
    name: 'a directory that does not exist',
    with: { 'project-directory': '/srv/nowhere/at-all' },
    cause: /`project-directory` is `\/srv\/nowhere\/at-all`, which does not exist/,
    remedy: /closest directory that exists is `\/srv`/,
  },
  {
    name: 'a directory without a compose file',
    with: { 'project-directory': '/srv' },
    cause: /no compose file in `\/srv`/,
    remedy: /compose-files/,
  },
  {
    name: 'a compose file that does not exist',
    with: { 'compose-files': 'compose.yaml\nproduction.yaml' },
    cause: /`compose-files` names `.*production.yaml`, which does not exist/,
    remedy: /relative to `project-directory`/,
  },
  {
    name: 'a compose file that Compose rejects',
    compose: site => `${webCompose(site)}    ports: 17\n`,
    cause: /Compose rejects the project/,
    remedy: /docker compose config --quiet/,
  },
  {
    name: 'an image that this run does not push',
    compose: site => webCompose({ ...site, image: 'nginx' }),
    cause: /`web`.*nginx:latest/,
    remedy: /image/,
  },
  {
    name: 'an external network that does not exist',
    compose: site =>
      `${webCompose(site, '    networks: [proxy]')}\nnetworks: { proxy: { external: true, name: nobody_made_it } }\n`,
    cause: /`web` uses the external network `nobody_made_it`, which does not exist/,
    remedy: /docker network create nobody_made_it/,
  },
  {
    name: 'a port that a program on the server uses',
    compose: site => webCompose({ ...site, port: 22 }),
    cause: /`web` publishes port 22, which another program already uses/,
    remedy: /ss -ltnp/,
  },
  {
    name: 'a dependency in a profile that is not active',
    compose: site =>
      `${webCompose(site, '    depends_on: [db]')}\n  db: { image: ${site.image}:db, profiles: [mysql] }\n`,
    cause: /`web` depends on `db`, but the profile `mysql` of `db` is not active/,
    remedy: /COMPOSE_PROFILES=mysql/,
  },
  {
    name: 'a healthcheck that first runs after `wait-timeout`',
    compose: site => webCompose({ ...site, interval: '      interval: 5m\n' }),
    cause: /runs for the first time after 300 s, but `wait-timeout` is 30 s/,
    remedy: /wait-timeout: 330/,
  },
  {
    name: 'a platform that the image is not built for',
    with: { platforms: 'linux/arm64' },
    cause: /`linux\/amd64`.*built for `linux\/arm64` only/,
    remedy: /Add `linux\/amd64` to `platforms`/,
  },
  {
    name: 'a registry login that is rejected',
    with: { 'registry-password': 'not the one' },
    cause: /refused the login of `shipwright`/,
    remedy: /Check `registry-username` and `registry-password`/,
  },
]

suite('refuses before it builds', { concurrency: 2 }, () => {
  for (const { name, compose, with: inputs = {}, ...expected } of cases) {
    test(name, async () => {
      await using site = await openSite('refused', compose && { compose })
      const run = await ship(site, { page: 'never' }, { with: inputs })
      assertRed(run, { stage: 'preflight', ...expected })
      await assertNothingDone(site, run.log)
    })
  }

  for (const { member, cause, remedy } of [
    { member: 'reader', cause: /may not push/, remedy: /./ },
    { member: 'stranger', cause: /denied|may not push/, remedy: /./ },
  ]) {
    test(`a push for which a ${member} has no permission`, async () => {
      await using site = await openSite('denied')
      const registry = await all.tokenRegistry()
      const image = `${registry.host}/octo/${site.name}`
      await site.write('compose.yaml', webCompose({ ...site, image }))
      const login = { 'registry-username': member, 'registry-password': registry.password }
      const run = await ship(site, { page: 'never' }, { with: { image, ...login } })
      assertRed(run, { stage: 'preflight', cause, remedy })
      await assertNothingDone(site, run.log)
    })
  }

  test('all problems on the runner, in the registry and on the server are reported together', async () => {
    await using site = await openSite('several')
    const inputs = { service: 'wbe', 'registry-password': 'not the one', platforms: 'linux/arm64' }
    const run = await ship(site, { page: 'never' }, { with: inputs })
    assertEndsRed(run, [
      { stage: 'preflight', cause: /refused the login/, remedy: /registry-password/ },
      { stage: 'preflight', cause: /`wbe`/, remedy: /`web`/ },
    ])
    await assertNothingDone(site, run.log)
  })
})

test('an unknown input causes a warning with the closest name', async () => {
  await using site = await openSite('unknown')
  const inputs = { 'project-dir': site.directory, username: 'octo', 'dry-run': true }
  const run = await ship(site, { page: 'one' }, { with: inputs })
  assertGreen(run)
  const warnings = warningsOf(run).join('\n')
  assert.match(warnings, /`project-dir`.*`project-directory`/)
  assert.match(warnings, /`username`.*`registry-username`/)
  assert.doesNotMatch(warnings, literally(site.directory))
})

async function assertNothingDone(site: Site, log: string): Promise<void> {
  assert.doesNotMatch(log, /buildx build/)
  assert.equal(await digestIn(site, 'latest'), undefined)
  assert.deepEqual(await site.running(), [])
  assert.equal((await site.sh('ls -A')).trim(), 'compose.yaml')
}
