import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { assertGreen, assertRed, warningsOf } from './expect.ts'
import { crashAfter, openSite, type Site, ship, webCompose } from './site.ts'

// The pushed digest runs, and still does after manual commands. Services that are not named do not change.

const worker = ({ image }: Pick<Site, 'image'>, service: string): string => `  ${service}:
    image: ${image}:latest
    restart: unless-stopped
    stop_grace_period: 1s
    command: ["sh", "-c", "cat /www/index.html; exec sleep 100000"]
`

suite('the pushed digest', { concurrency: 3 }, () => {
  test('runs, and a plain `docker compose up -d` does not change it', async () => {
    await using site = await openSite('pin')
    for (const page of ['one', 'two']) {
      const run = await ship(site, { page })
      assertGreen(run)
      assert.equal(run.outputs['deployed'], `${site.image}@${run.outputs['digest']}`)
      assert.ok((await site.digests()).includes(run.outputs['deployed']))
      const before = await site.running()
      await site.sh('docker compose up -d')
      assert.deepEqual(await site.running(), before)
      assert.equal(await site.page(), page)
    }
  })

  test('is pinned if a variable of `.env` sets the tag: the variable is updated, and restored by a rollback', async () => {
    const compose = (site: Pick<Site, 'image' | 'port'>) => webCompose(site).replace(':latest', ':${TAG}')
    await using site = await openSite('variable', { compose })
    const env = "# kept as it is\nTAG=v1\nOTHER='a b'\n"
    await site.write('.env', env)
    const first = await ship(site, { page: 'one' }, { with: { tags: 'v1' } })
    assertGreen(first)
    const second = await ship(site, { page: 'two' }, { with: { tags: 'v2' } })
    assertGreen(second)
    assert.equal(await site.read('.env'), env.replace('v1', 'v2'))
    assert.equal(await site.page(), 'two')
    assert.match(`${warningsOf(second)}${second.log}`, /`?TAG`?.*v2/)
    const third = await ship(site, { page: 'three', run: crashAfter(0) }, { with: { tags: 'v3' } })
    assertRed(third, { stage: 'deploy', cause: /Rolled back/, remedy: /./ })
    assert.equal(await site.read('.env'), env.replace('v1', 'v2'))
    assert.equal(await site.page(), 'two')
    const before = await site.running()
    await site.sh('docker compose up -d')
    assert.deepEqual(await site.running(), before)
  })

  test('is restored even if the tag in the compose file was edited by hand since', async () => {
    await using site = await openSite('literal')
    const text = await site.read('compose.yaml')
    // Without .slipway nothing is recorded about the running release: only the containers show what runs.
    await site.write('compose.yaml', text.replace(':latest', ':v1'))
    assertGreen(await ship(site, { page: 'one' }, { with: { tags: 'v1' } }))
    await site.sh('rm -r .slipway')
    await site.write('compose.yaml', text.replace(':latest', ':v2'))
    const run = await ship(site, { page: 'two', run: crashAfter(0) }, { with: { tags: 'v2' } })
    assertRed(run, {
      stage: 'deploy',
      cause: /Rolled back: the previous release is running again/,
      remedy: /./,
    })
    assert.equal(await site.page(), 'one')
    const before = await site.running()
    await site.sh('docker compose up -d')
    assert.deepEqual(await site.running(), before)
  })

  test('is deployed again by `rollback-to`, without a build', async () => {
    await using site = await openSite('back')
    const first = await ship(site, { page: 'one' }, { with: { tags: 'v1\nlatest' } })
    assertGreen(first)
    const second = await ship(site, { page: 'two' }, { with: { tags: 'v2\nlatest' } })
    assertGreen(second)
    const none = await ship(site, { page: 'never' }, { with: { 'rollback-to': 'v9' } })
    assertRed(none, {
      stage: 'preflight',
      cause: /`rollback-to` is `v9`.*no such release/,
      remedy: /v1.*|v2.*/,
    })
    const rolledBack = await ship(site, { page: 'never' }, { with: { 'rollback-to': 'previous' } })
    assertGreen(rolledBack)
    assert.doesNotMatch(rolledBack.log, /docker (buildx|login)/)
    assert.equal(await site.page(), 'one')
    assert.equal(rolledBack.outputs['deployed'], first.outputs['image'])
    assert.equal(rolledBack.outputs['previous'], second.outputs['image'])
    const redeployed = await ship(
      site,
      { page: 'never' },
      { with: { 'rollback-to': second.outputs['digest'] ?? '' } },
    )
    assertGreen(redeployed)
    assert.equal(await site.page(), 'two')
  })
})

suite('a deploy', { concurrency: 2 }, () => {
  test('keeps a scale that was set by hand, and does not touch services that are not named', async () => {
    const compose = (site: Pick<Site, 'image' | 'port'>) => `${webCompose(site)}${worker(site, 'worker')}`
    await using site = await openSite('scale', { compose })
    const first = await ship(site, { page: 'one' }, { with: { service: 'worker' } })
    assertGreen(first)
    assert.deepEqual(await site.running('web'), [], 'web was not named')
    await site.sh('docker compose up -d --no-recreate --scale worker=3 && docker compose up -d --no-deps web')
    const web = await site.running('web')
    const second = await ship(site, { page: 'two' }, { with: { service: 'worker' } })
    assertGreen(second)
    assert.match(warningsOf(second).join('\n'), /`worker` has 3 running containers/)
    assert.equal((await site.running('worker')).length, 3)
    assert.deepEqual(await site.running('web'), web)
    assert.ok((await site.digests('worker')).includes(second.outputs['image'] ?? ''))
  })

  test('starts two services with the same image together, and rolls both back together', async () => {
    const compose = (site: Pick<Site, 'image' | 'port'>) =>
      `${webCompose(site)}${worker(site, 'worker').replace('exec sleep', 'grep -q bad /www/index.html && exit 1; exec sleep')}`
    await using site = await openSite('two', { compose })
    const service = 'web\nworker'
    const good = await ship(site, { page: 'good' }, { with: { service } })
    assertGreen(good)
    for (const name of ['web', 'worker'])
      assert.ok((await site.digests(name)).includes(good.outputs['image'] ?? ''), name)
    const bad = await ship(site, { page: 'bad' }, { with: { service } })
    assertRed(bad, { stage: 'deploy', cause: /worker.*Rolled back/, remedy: /./ })
    for (const name of ['web', 'worker'])
      assert.ok((await site.digests(name)).includes(good.outputs['image'] ?? ''), name)
    assert.equal(await site.page(), 'good')
    assert.equal(bad.outputs['deployed'], good.outputs['image'])
  })

  test('whose release fails because of a changed compose file restores the previous file with the previous image', async () => {
    await using site = await openSite('config')
    assertGreen(await ship(site, { page: 'one' }))
    await site.write(
      'compose.yaml',
      webCompose(
        site,
        '    read_only: true\n    command: ["sh", "-c", "echo >/www/x && exec httpd -f -p 8080 -h /www"]\n',
      ),
    )
    const run = await ship(site, { page: 'two' }, { with: { 'wait-timeout': '8' } })
    assertRed(run, { stage: 'deploy', cause: /Rolled back/, remedy: /./ })
    assert.equal(await site.page(), 'one')
  })
})
