/** Several services of one release, and their dependencies. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rig } from '../../rig/rig.ts'
import { assertGreen } from '../expect.ts'
import { openSite, type Site, ship, webCompose } from '../site.ts'

const worker = ({ image }: Pick<Site, 'image'>, more = ''): string => `  worker:
    image: ${image}:latest
    command: ["sh", "-c", "test ! -e /www/worker-fails || exit 3; exec sleep 100000"]
    init: true
    stop_grace_period: 1s
${more}`

test('web and worker are deployed together and rolled back together', async () => {
  await using site = await openSite('both', { compose: all => webCompose(all, worker(all)) })
  const both = { service: 'web\nworker' }
  const first = await ship(site, { page: 'one' }, { with: both })
  assertGreen(first)
  const good = [await site.digests('web'), await site.digests('worker')]
  assert.deepEqual(good[0], good[1])
  const run = await ship(
    site,
    { page: 'two', run: 'RUN touch /www/worker-fails\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]' },
    { with: both },
  )
  assert.equal(run.conclusion, 'failure')
  assert.equal(run.outputs['rolled-back'], 'true')
  assert.equal(await site.page(), 'one')
  assert.deepEqual([await site.digests('web'), await site.digests('worker')], good)
})

test('images in two repositories are deployed to the services that declare them', async () => {
  await using site = await openSite('two', {
    compose: all => webCompose(all, worker({ image: `${all.image}-jobs` })),
  })
  const run = await ship(
    site,
    { page: 'two names' },
    { with: { service: 'web\nworker', image: `${site.image}\n${site.image}-jobs` } },
  )
  assertGreen(run)
  assert.ok((await site.digests('worker')).some(each => each.startsWith(`${site.image}-jobs@`)))
})

test('a service whose image this run does not push is rejected before the build', async () => {
  await using site = await openSite('stranger', {
    compose: all => webCompose(all, worker({ image: `${all.image}-other` })),
  })
  const run = await ship(site, { page: 'x' }, { with: { service: 'web\nworker' } })
  assert.equal(run.conclusion, 'failure')
  assert.match(run.annotations[0]?.message ?? '', /`worker` declares the image `.*-other:latest`/)
  assert.doesNotMatch(run.log, /buildx build/)
})

test('missing dependencies are pulled and started in order, and existing ones are never recreated', async () => {
  const all = await rig()
  // This registry requires a login, so the dependency is pulled with the login of this run.
  const { reference } = await all.base(all.registry)
  const db = `  db:
    image: ${reference}
    command: ["sh", "-c", "sleep 2; touch /ready; exec sleep 100000"]
    init: true
    stop_grace_period: 1s
    healthcheck: { test: ["CMD", "test", "-e", "/ready"], interval: 1s, retries: 20 }
`
  await using site = await openSite('needs', {
    compose: all =>
      webCompose(
        all,
        `    depends_on: { worker: { condition: service_started } }\n${worker(all, '    depends_on: { db: { condition: service_healthy } }\n')}${db}`,
      ),
  })
  const both = { service: 'web\nworker' }
  assertGreen(await ship(site, { page: 'one' }, { with: both }))
  const [kept] = await site.running('db')
  assert.notEqual(kept, undefined)
  const started = async (service: string) =>
    Date.parse(
      (await site.sh(`docker inspect -f '{{.State.StartedAt}}' ${(await site.running(service))[0]}`)).trim(),
    )
  assert.ok((await started('worker')) < (await started('web')), 'worker is up before web')
  await site.write('compose.yaml', `${await site.read('compose.yaml')}    environment: { NEW: "1" }\n`)
  assertGreen(await ship(site, { page: 'two' }, { with: both }))
  assert.deepEqual(await site.running('db'), [kept])
})

test('a one-off service runs before the service that needs it, in the first deploy and in later ones', async () => {
  const migrate = ({
    image,
  }: Pick<Site, 'image'>) => `    depends_on: { migrate: { condition: service_completed_successfully } }
  migrate:
    image: ${image}:latest
    command: ["sh", "-c", "cat /www/index.html"]
`
  await using site = await openSite('once', { compose: all => webCompose(all, migrate(all)) })
  for (const page of ['one', 'two']) {
    const run = await ship(site, { page }, { with: { service: 'migrate\nweb' } })
    assertGreen(run)
    assert.equal(await site.page(), page)
    assert.equal((await site.sh('docker compose logs --no-log-prefix migrate')).trim(), page)
  }
})

test('services that depend on each other keep a scale that was set by hand', async () => {
  const jobs = ({ image }: Pick<Site, 'image'>) => `  jobs:
    image: ${image}:latest
    command: ["sleep", "100000"]
    init: true
    stop_grace_period: 1s
    depends_on: { web: { condition: service_healthy } }
`
  await using site = await openSite('waves', { compose: all => webCompose(all, jobs(all)) })
  const both = { service: 'web\njobs' }
  assertGreen(await ship(site, { page: 'one' }, { with: both }))
  await site.sh('docker compose up -d --scale jobs=2 jobs')
  assertGreen(await ship(site, { page: 'two' }, { with: both }))
  assert.equal(await site.page(), 'two')
  assert.equal((await site.running('jobs')).length, 2)
})
