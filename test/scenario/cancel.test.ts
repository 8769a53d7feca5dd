import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { suite, test } from 'node:test'
import { rig } from '../rig/rig.ts'
import type { RunningAction } from '../rig/runner.ts'
import { assertClean, assertGreen, errorsOf } from './expect.ts'
import { type Fault, faultyProxy, silence } from './faulty-proxy.ts'
import { digestIn } from './registry.ts'
import { openSite, serve, ship, webCompose } from './site.ts'

// A cancelled job either changes nothing on the server or completes the deploy, and reports which of the two happened.

const all = await rig()
const server = await all.server('modern')

suite('a cancel', { concurrency: 3 }, () => {
  test('during the build stops the build, and leaves nothing behind', async () => {
    await using site = await openSite('cancel-build')
    const run = await ship(
      site,
      { page: 'never', run: 'RUN echo working hard; sleep 60' },
      {
        onLine: (line, action) => line.includes('working hard') && !line.includes('RUN') && action.cancel(),
      },
    )
    assert.equal(run.conclusion, 'cancelled')
    assert.deepEqual(errorsOf(run), [])
    assertClean(run)
    assert.ok(run.durations.main < 30_000)
    assert.equal(await digestIn(site, 'latest'), undefined)
    assert.deepEqual(await site.running(), [])
  })

  test('while the server pulls changes nothing', async () => {
    const fromServer = ({ method, url = '', socket }: IncomingMessage) =>
      method === 'GET' && url.includes('/blobs/') && (socket.remoteAddress ?? '').endsWith(server.address)
    let step: RunningAction | undefined
    const fault: Fault = (incoming, response) => {
      silence(incoming, response)
      step?.cancel()
    }
    await using proxy = await faultyProxy(all, { fault, on: fromServer, seconds: 600 })
    await using site = await openSite('cancel-pull')
    const first = await ship(site, { page: 'one' })
    assertGreen(first)
    const before = await site.running()
    const image = `${proxy.host}/octo/${site.name}`
    await site.write('compose.yaml', webCompose({ ...site, image }))
    const { reference } = await all.base()
    const files = { Dockerfile: `FROM ${reference}\nCOPY index.html /www/index.html\n${serve}\n` }
    const run = await ship(
      site,
      { page: 'two', files },
      {
        with: { image },
        onLine: (_, action) => {
          step = action
        },
      },
    )
    assert.equal(run.conclusion, 'cancelled', run.log)
    assert.deepEqual(errorsOf(run), [])
    assertClean(run)
    assert.ok(proxy.faults() > 0)
    assert.match(`${run.log}${run.post?.log}`, /Stopped: cancelled.*Nothing was changed/)
    assert.deepEqual(await site.running(), before)
    assert.equal(await site.page(), 'one')
    await site.write('compose.yaml', webCompose(site))
    assertGreen(await ship(site, { page: 'three' }))
  })

  for (const { name, stability, reportedBy } of [
    { name: 'and the step reports it if there is time', stability: '3', reportedBy: 'main' },
    { name: 'and the post step reports it otherwise', stability: '15', reportedBy: 'post' },
  ]) {
    test(`after the change has begun completes the deploy, ${name}`, async () => {
      await using site = await openSite('cancel-up')
      const run = await ship(
        site,
        { page: 'one' },
        {
          with: { stability },
          onLine: (line, action, phase) =>
            phase === 'main' && line.startsWith('Health check: ') && action.cancel(),
        },
      )
      assert.equal(run.conclusion, 'cancelled', run.log)
      assert.deepEqual(errorsOf(run), [])
      const post = run.post?.log ?? ''
      // On a slow machine, the step may run out of time even with a short `stability`.
      assert.match(reportedBy === 'main' ? run.log + post : post, /[Tt]he new release is running/)
      assert.equal(await site.page(), 'one')
      assert.ok((await site.digests()).includes(run.outputs['image'] ?? ''))
      assert.equal((await site.sh('ls .slipway/*/runs')).trim(), '')
      assertClean(run)
    })
  }
})
