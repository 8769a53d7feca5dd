import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { assertGreen, assertRed, warningsOf } from './expect.ts'
import { crashAfter, openSite, type Site, ship, webCompose } from './site.ts'

// What runs is what was pushed, and stays so under other hands; what was not named is left alone.

const worker = ({ image }: Pick<Site, 'image'>, service: string): string => `  ${service}:
    image: ${image}:latest
    restart: unless-stopped
    stop_grace_period: 1s
    command: ["sh", "-c", "cat /www/index.html; exec sleep 100000"]
`

suite('the pushed digest', { concurrency: 3 }, () => {
  test('is what runs, and what a plain `docker compose up -d` leaves alone', async () => {
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

  test('is pinned under a tag that a variable of the `.env` file decides, which is written and put back', async () => {
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

  test('comes back also where the compose file has come to name another tag since, by hand', async () => {
    await using site = await openSite('literal')
    const text = await site.read('compose.yaml')
    // What runs was never deployed by a transaction: nothing is known of it but what runs.
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

  test('is brought back by `rollback-to`, without a build', async () => {
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
    const back = await ship(site, { page: 'never' }, { with: { 'rollback-to': 'previous' } })
    assertGreen(back)
    assert.doesNotMatch(back.log, /docker (buildx|login)/)
    assert.equal(await site.page(), 'one')
    assert.equal(back.outputs['deployed'], first.outputs['image'])
    assert.equal(back.outputs['previous'], second.outputs['image'])
    const forth = await ship(
      site,
      { page: 'never' },
      { with: { 'rollback-to': second.outputs['digest'] ?? '' } },
    )
    assertGreen(forth)
    assert.equal(await site.page(), 'two')
  })
})

suite('a deploy', { concurrency: 2 }, () => {
  test('keeps the scale that was set by hand, and leaves what it does not name alone', async () => {
    const compose = (site: Pick<Site, 'image' | 'port'>) => `${webCompose(site)}${worker(site, 'worker')}`
    await using site = await openSite('scale', { compose })
    const first = await ship(site, { page: 'one' }, { with: { service: 'worker' } })
    assertGreen(first)
    assert.deepEqual(await site.running('web'), [], 'web was not named')
    await site.sh('docker compose up -d --no-recreate --scale worker=3 && docker compose up -d --no-deps web')
    const web = await site.running('web')
    const second = await ship(site, { page: 'two' }, { with: { service: 'worker' } })
    assertGreen(second)
    assert.match(warningsOf(second).join('\n'), /`worker` runs 3 times/)
    assert.equal((await site.running('worker')).length, 3)
    assert.deepEqual(await site.running('web'), web)
    assert.ok((await site.digests('worker')).includes(second.outputs['image'] ?? ''))
  })

  test('brings up two services of one image together, and takes both back together', async () => {
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

  test('with a compose file that the new release does not survive brings the old file back with the old image', async () => {
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
