import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { assertGreen, assertRed } from './expect.ts'
import {
  crashAfter,
  everySecond,
  openSite,
  type Site,
  serve,
  ship,
  webCompose,
  withoutHealthcheck,
} from './site.ts'

// A release that does not stay healthy fails the run, and the previous release is restored.

interface Case {
  readonly name: string
  /** The last lines of the Dockerfile. */
  readonly run: string
  readonly cause: RegExp
  readonly compose?: (site: Pick<Site, 'image' | 'port'>) => string
  readonly with?: Readonly<Record<string, string>>
  /** Expected container output in the log. */
  readonly says?: RegExp
}

const crashed = /code 1|restarted|starts? over|crash/i

const cases: readonly Case[] = [
  { name: 'that exits at once', run: crashAfter(0), cause: crashed, compose: withoutHealthcheck },
  { name: 'that exits after 0.8 s', run: crashAfter(0.8), cause: crashed, compose: withoutHealthcheck },
  {
    name: 'that exits after 2 s',
    run: crashAfter(2),
    cause: crashed,
    compose: withoutHealthcheck,
    with: { stability: '4' },
  },
  {
    name: 'that exits with code 0, repeatedly',
    run: crashAfter(0.3, 0),
    cause: /./,
    compose: withoutHealthcheck,
  },
  {
    name: 'that exits once and is not restarted',
    run: crashAfter(1),
    cause: crashed,
    compose: site => withoutHealthcheck(site).replace('unless-stopped', '"no"'),
  },
  {
    name: 'that runs but never becomes healthy',
    run: 'CMD ["sh", "-c", "echo listening nowhere >&2; sleep 1000"]',
    cause: /not healthy|unhealthy/,
    with: { 'wait-timeout': '8' },
  },
  {
    name: 'whose healthcheck runs a program that is not in its image',
    run: `HEALTHCHECK --interval=1s CMD curl -f http://localhost:8080/ || exit 1\n${serve}`,
    cause: /the healthcheck of web runs `curl`, which is not in its image/,
    compose: withoutHealthcheck,
    says: /curl: not found/,
  },
  { name: 'whose command does not exist', run: 'CMD ["/nowhere"]', cause: /./ },
]

suite('a release', { concurrency: 3 }, () => {
  for (const { name, run: lines, cause, compose = webCompose, with: inputs = {}, says } of cases) {
    test(`${name} is rolled back`, async () => {
      await using site = await openSite('gate', { compose })
      const first = await ship(site, { page: 'one' })
      assertGreen(first)
      const run = await ship(site, { page: 'two', run: lines }, { with: inputs })
      assertRed(run, { stage: 'deploy', cause, remedy: /./ })
      assert.match(
        run.annotations.at(-1)?.message ?? '',
        /Rolled back: the previous release is running again/,
      )
      await assertRestored(site, 'one', first.outputs['image'] ?? '')
      const { deployed, previous, image } = run.outputs
      assert.equal(run.outputs['rolled-back'], 'true')
      assert.equal(deployed, first.outputs['image'])
      assert.equal(previous, first.outputs['image'])
      assert.notEqual(image, deployed)
      if (lines !== cases.at(-1)?.run) assert.match(run.log, says ?? /crashed on purpose|listening nowhere/)
      assert.match(run.summary, /Rolled back/)
    })
  }

  test('that fails is removed if it is the first one', async () => {
    await using site = await openSite('removed', { compose: withoutHealthcheck })
    const run = await ship(site, { page: 'never', run: crashAfter(0) })
    assertRed(run, { stage: 'deploy', cause: /Removed: no release ran before it/, remedy: /./ })
    assert.equal(
      (await site.sh(`docker ps -aq --filter label=com.docker.compose.project=${site.name}`)).trim(),
      '',
    )
    assert.equal(run.outputs['rolled-back'], 'false')
    assert.equal(run.outputs['deployed'], undefined)
  })

  test('that fails is kept for inspection if `rollback` is false', async () => {
    await using site = await openSite('kept', { compose: withoutHealthcheck })
    assertGreen(await ship(site, { page: 'one' }))
    const run = await ship(site, { page: 'two', run: crashAfter(0) }, { with: { rollback: false } })
    assertRed(run, { stage: 'deploy', cause: /check the server/, remedy: /./ })
    assert.equal(run.outputs['rolled-back'], 'false')
    const states = await site.sh(
      `docker ps -a --filter label=com.docker.compose.project=${site.name} --format '{{.State}}'`,
    )
    assert.match(states.trim(), /^(restarting|running|exited)$/)
    assertGreen(await ship(site, { page: 'three' }))
    assert.equal(await site.page(), 'three')
  })

  test('that starts slowly and is temporarily unhealthy does not fail', async () => {
    const compose = (site: Pick<Site, 'image' | 'port'>) => webCompose({ ...site, interval: everySecond })
    await using site = await openSite('slow', { compose })
    const slow = 'CMD ["sh", "-c", "sleep 5; exec httpd -f -p 8080 -h /www"]'
    assertGreen(await ship(site, { page: 'at last', run: slow }))
    assert.equal(await site.page(), 'at last')
    assertGreen(await ship(site, { page: 'at once', run: serve }))
  })
})

async function assertRestored(site: Site, page: string, image: string): Promise<void> {
  assert.equal(await site.page(), page)
  assert.ok((await site.digests()).includes(image))
  const [container] = await site.running()
  await site.sh('docker compose up -d')
  assert.deepEqual(await site.running(), [container], 'a plain `up` after a rollback changes nothing')
}
