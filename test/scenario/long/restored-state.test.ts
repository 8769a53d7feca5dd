import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { assertGreen, assertRed } from '../expect.ts'
import { crashAfter, openSite, type Site, serve, ship, webCompose, withoutHealthcheck } from '../site.ts'

// A rollback restores the network, the configuration and the scale of the previous release. A plain `docker compose up`
// afterwards changes nothing.

const inspect = (site: Site, format: string, service = 'web') =>
  site.sh(
    `docker ps -aq --filter label=com.docker.compose.project=${site.name} --filter label=com.docker.compose.service=${service} | xargs -r docker inspect -f '${format}'`,
  )

/** Returns a line `SERVICE CONTAINER` for every container of the project. */
async function all(site: Site): Promise<string[]> {
  const format = '{{index .Config.Labels "com.docker.compose.service"}} {{.ID}}'
  const listed = await site.sh(
    `docker ps -aq --filter label=com.docker.compose.project=${site.name} | xargs -r docker inspect -f '${format}'`,
  )
  return listed.split('\n').filter(Boolean).sort()
}

suite('a plain `up` does not change deployed services or their dependents', { concurrency: 2 }, () => {
  for (const server of ['trixie', 'modern', 'old'] as const) {
    test(`on the ${server} server`, async () => {
      await using site = await openSite('chain', {
        server,
        compose: each => `${server === 'old' ? 'version: "2.4"\n' : ''}${webCompose(
          each,
          '    depends_on: [db]\n',
        )}  db:
    image: ${each.image}:latest
    command: ["sleep", "1000"]
    init: true
  proxy:
    image: ${each.image}:latest
    command: ["sleep", "1000"]
    init: true
    depends_on: [web]
`,
      })
      const compose = server === 'old' ? 'docker-compose' : 'docker compose'
      const inputs = { with: { service: 'db\nweb\nproxy' } }
      assertGreen(await ship(site, { page: 'one' }, inputs))
      const first = await all(site)
      await site.sh(`${compose} up -d`)
      assert.deepEqual(await all(site), first, 'after the first deploy')
      assertGreen(await ship(site, { page: 'two' }, inputs))
      const second = await all(site)
      await site.sh(`${compose} up -d`)
      assert.deepEqual(await all(site), second, 'after the second deploy')
      assertRed(
        await ship(
          site,
          { page: 'three', run: crashAfter(0) },
          { with: { service: 'web', 'wait-timeout': 10 } },
        ),
        {
          stage: 'deploy',
          cause: /Rolled back/,
          remedy: /./,
        },
      )
      assert.equal(await site.page(), 'two')
      const restored = await all(site)
      await site.sh(`${compose} up -d`)
      // The failed deploy only included `web`, but `db` and `proxy` declare the same image. `up` must not recreate
      // them.
      assert.deepEqual(await all(site), restored, 'after the rollback')
    })
  }
})

/**
 * With an `env_file`, `config --hash` prints another hash than `up` records (Compose 2.26.1 and 2.40.3: it ignores the
 * content of the file). Only a plain `up` shows whether it would change a service.
 */
suite('a plain `up` does not change a project with many parts', { concurrency: 2 }, () => {
  for (const server of ['trixie', 'modern'] as const)
    test(`on the ${server} server: include, extends, env_file, profiles, depends_on`, async () => {
      await using site = await openSite('parts', { server, empty: true })
      const { reference } = await site.rig.base()
      const sleeps = `image: ${reference}\n    command: ["sleep", "1000"]\n    init: true\n    env_file: app.env\n`
      const web = withoutHealthcheck(site).replace('services:\n  web:\n', '')
      const baseOf = (label: string) =>
        `services:\n  base:\n    labels: { of: ${label} }\n    env_file: web.env\n`
      for (const [name, text] of Object.entries({
        '.env': `COMPOSE_PROFILES=extra\nLEVEL=info\n`,
        'app.env': 'OF=app\n',
        'web.env': 'OF=web\nLEVEL=${LEVEL}\n',
        'part.yaml': `services:\n  db:\n    ${sleeps}volumes: { data: {} }\n`,
        'base.yaml': baseOf('two'),
        'compose.yaml': `include: [part.yaml]
services:
  web:
    extends: { file: base.yaml, service: base }
    env_file: app.env
    volumes: ["./app.env:/app.env:ro"]
    depends_on:
      db: { condition: service_started }
      cache: { condition: service_started }
      never: { condition: service_started, required: false }
${web}  cache:
    ${sleeps}    profiles: [extra]
  never:
    ${sleeps}    profiles: [never]
  proxy:
    ${sleeps}    depends_on: [web]
  job:
    ${sleeps}    profiles: [extra]
    depends_on: { web: { condition: service_started, restart: true } }
`,
      }))
        await site.write(name, text)
      const configuration = () => inspect(site, '{{json .Config.Env}} {{index .Config.Labels "of"}}')
      const assertUpChangesNothing = async (after: string) => {
        const before = await all(site)
        await site.sh('docker compose up -d')
        assert.deepEqual(await all(site), before, after)
      }
      assertGreen(await ship(site, { page: 'one' }))
      assert.deepEqual(
        (await all(site)).map(line => line.split(' ')[0]),
        ['cache', 'db', 'web'],
      )
      await site.sh('docker compose up -d')
      assert.equal((await all(site)).length, 5)
      for (const [page, strategy] of [
        ['two', 'recreate'],
        ['three', 'relay'],
      ] as const) {
        if (page === 'three') {
          await site.write('web.env', 'OF=web\nLEVEL=three\n')
          await site.write('base.yaml', baseOf('three'))
        }
        const before = (await all(site)).filter(line => !line.startsWith('web '))
        assertGreen(await ship(site, { page }, { with: { strategy, drain: 1 } }))
        assert.equal(await site.page(), page)
        assert.deepEqual(
          (await all(site)).filter(line => !line.startsWith('web ')),
          before,
        )
        await assertUpChangesNothing(`after ${strategy}`)
      }
      const run = await ship(site, { page: 'four', run: crashAfter(0) }, { with: { 'wait-timeout': 10 } })
      assertRed(run, { stage: 'deploy', cause: /rolled back/i, remedy: /./ })
      await assertUpChangesNothing('after a rollback')
      assert.match(await configuration(), /"LEVEL=three".* three$/m)
      assertGreen(await ship(site, { page: '' }, { with: { 'rollback-to': 'previous' } }))
      assert.equal(await site.page(), 'two')
      // Files that were not uploaded are restored as well: one from `env_file`, and one from `extends`.
      assert.match(await configuration(), /"LEVEL=info".* two$/m)
      await assertUpChangesNothing('after `rollback-to`')
    })
})

suite('a rollback', { concurrency: 2 }, () => {
  test('restores the network of a service', async () => {
    const text = (site: Pick<Site, 'image' | 'port'>, label: string) => `${webCompose(site)}  db:
    image: ${site.image}:latest
    command: ["sleep", "1000"]
    init: true
networks:
  default:
    labels: { of: "${label}" }
`
    await using site = await openSite('network', { compose: each => text(each, 'one') })
    assertGreen(await ship(site, { page: 'one' }, { with: { service: 'db\nweb' } }))
    const run = await ship(
      site,
      { page: 'two', files: { 'compose.yaml': text(site, 'two') } },
      { with: { files: 'compose.yaml' } },
    )
    assertRed(run, {
      stage: 'deploy',
      cause: /Rolled back: the previous release is running again/,
      remedy: /./,
    })
    assert.equal(await site.page(), 'one')
    assert.match(
      await inspect(site, '{{json .NetworkSettings.Networks}}'),
      new RegExp(`${site.name}_default`),
    )
    const before = await all(site)
    await site.sh('docker compose up -d')
    assert.deepEqual(await all(site), before)
  })

  test('restores a network that several services share', async () => {
    const text = (site: Pick<Site, 'image' | 'port'>, label: string) => `${withoutHealthcheck(site)}  worker:
    image: ${site.image}:latest
    command: ["sleep", "1000"]
    init: true
networks:
  default:
    labels: { of: "${label}" }
`
    await using site = await openSite('shared', { compose: each => text(each, 'one') })
    const service = 'web\nworker'
    assertGreen(await ship(site, { page: 'one' }, { with: { service } }))
    const run = await ship(
      site,
      { page: 'two', run: crashAfter(0), files: { 'compose.yaml': text(site, 'two') } },
      { with: { service, files: 'compose.yaml' } },
    )
    assertRed(run, {
      stage: 'deploy',
      cause: /Rolled back: the previous release is running again/,
      remedy: /./,
    })
    assert.equal(await site.page(), 'one')
    assert.equal(
      (await site.sh(`docker network inspect -f '{{.Labels.of}}' ${site.name}_default`)).trim(),
      'one',
    )
    const before = await all(site)
    await site.sh('docker compose up -d')
    assert.deepEqual(await all(site), before)
  })

  test('restores every file that configured the release', async () => {
    await using site = await openSite('configured', { empty: true })
    const web = withoutHealthcheck(site).replace('services:\n  web:\n', '')
    await site.write('deploy/base.yaml', 'services:\n  base:\n    labels: { of: one }\n')
    await site.write(
      'deploy/compose.yaml',
      `services:\n  web:\n    extends: { file: base.yaml, service: base }\n    env_file: ./app.env\n    volumes: ["./data:/data"]\n${web}`,
    )
    await site.write('deploy/app.env', 'OF=one\n')
    await site.write('.env', `COMPOSE_FILE=deploy/compose.yaml\nCOMPOSE_PROJECT_NAME=${site.name}\n`)
    assertGreen(await ship(site, { page: 'one' }))
    await site.write('deploy/app.env', 'OF=two\n')
    await site.write('deploy/base.yaml', 'services:\n  base:\n    labels: { of: two }\n')
    const run = await ship(site, { page: 'two', run: crashAfter(0) })
    assertRed(run, { stage: 'deploy', cause: /Rolled back/, remedy: /./ })
    assert.equal(await site.page(), 'one')
    const format = '{{json .Config.Env}} {{index .Config.Labels "of"}} {{range .Mounts}}{{.Source}}{{end}}'
    assert.match(
      await inspect(site, format),
      new RegExp(`"OF=one".* one ${site.directory}/deploy/data$`, 'm'),
    )
  })

  test('does not start one-off services again', async () => {
    await using site = await openSite('once', {
      compose: each => `${withoutHealthcheck(each)}    depends_on:
      migrate: { condition: service_completed_successfully }
  migrate:
    image: ${each.image}:latest
    command: ["sh", "/www/migrate"]
`,
    })
    const migrate = (text: string) => `RUN echo '${text}' >/www/migrate\n${serve}`
    const inputs = { with: { service: 'migrate\nweb', 'wait-timeout': 60 } }
    assertGreen(await ship(site, { page: 'one', run: migrate('echo ran of one') }, inputs))
    const run = await ship(site, { page: 'two', run: migrate('exit 5') }, inputs)
    assertRed(run, {
      stage: 'deploy',
      cause: /migrate exited with code 5.*Rolled back/,
      remedy: /./,
      within: 50_000,
    })
    assert.equal(await site.page(), 'one')
    assert.match(
      await inspect(site, '{{.State.Status}} {{.State.StartedAt}}', 'migrate'),
      /^created 0001|^exited/,
    )
  })
})

test('a dead container next to the running one does not count for the scale', async () => {
  await using site = await openSite('dead', { compose: withoutHealthcheck })
  assertGreen(await ship(site, { page: 'one' }))
  await site.sh('docker compose up -d --scale web=2 || true')
  assert.equal((await inspect(site, '{{.State.Status}}')).trim().split('\n').length, 2, 'one of them is dead')
  const run = await ship(site, { page: 'two' })
  assertGreen(run)
  assert.match(run.log, /Removed \S+, which was not running/)
  assert.equal((await inspect(site, '{{.State.Status}}')).trim(), 'running')
})
