import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { rig, type Server } from '../rig/rig.ts'
import { assertGreen, assertRed } from './expect.ts'
import { crashAfter, openSite, ship, withoutHealthcheck } from './site.ts'

// The connection drops during a deploy: the server finishes on its own, and the step reports the actual result.

const all = await rig()

suite('a connection that drops during the health check', { concurrency: 3 }, () => {
  const gate = (line: string) => line.includes('Health check: web')

  test('is reestablished, and a good release is green', async () => {
    await using own = await openServer()
    const site = await openSite('cut', { server: own.server })
    let cuts = 0
    const run = await ship(
      site,
      { page: 'one' },
      {
        with: { stability: '4' },
        onLine(line) {
          if (gate(line) && cuts++ === 0) void own.server.killSshd('sessions')
        },
      },
    )
    assert.equal(cuts, 1, 'lines that were shown before the drop are not repeated')
    assertGreen(run)
    assert.equal(await site.page(), 'one')
    assert.ok(run.durations.main < 120_000)
  })

  test('is reestablished, and a failing release is red and rolled back', async () => {
    await using own = await openServer()
    const site = await openSite('cut', { server: own.server, compose: withoutHealthcheck })
    assertGreen(await ship(site, { page: 'one' }))
    let cuts = 0
    const run = await ship(
      site,
      { page: 'two', run: crashAfter(1) },
      {
        with: { stability: '3' },
        onLine(line) {
          if (gate(line) && cuts++ === 0) void own.server.killSshd('sessions')
        },
      },
    )
    assertRed(run, {
      stage: 'deploy',
      cause: /Rolled back: the previous release is running again/,
      remedy: /./,
      within: 90_000,
    })
    assert.equal(await site.page(), 'one')
  })

  test('for good until the step is cancelled is reported, and the server finishes the deploy on its own', async () => {
    await using own = await openServer()
    const site = await openSite('gone', { server: own.server })
    let cancelled = false
    const run = await ship(
      site,
      { page: 'one' },
      {
        // Long enough that the deploy cannot finish before sshd has been killed.
        with: { stability: '15' },
        onLine(line, action, phase) {
          if (phase === 'post') return
          if (gate(line)) void own.server.killSshd('all')
          if (line.includes('cannot be reached') && !cancelled) {
            cancelled = true
            action.cancel()
            setTimeout(() => void own.server.startSshd(), 12_000)
          }
        },
      },
    )
    assert.equal(run.conclusion, 'cancelled')
    assert.match(run.log, /The deploy continues there on its own/)
    assert.match(run.post?.log ?? '', /The new release is running/)
    assert.equal(await site.page(), 'one')
  })
})

async function openServer(): Promise<AsyncDisposable & { readonly server: Server }> {
  const server = await all.server({})
  return { server, [Symbol.asyncDispose]: () => server.remove() }
}
