import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { assertGreen, assertRed } from '../scenario/expect.ts'
import { assertNames, byProxy, deployBehind, openProxied } from './proxied.ts'
import { type ProxyName, proxies } from './proxies.ts'
import { killAt, type Mode, whole, withoutLoss } from './relayed.ts'

// `strategy: start-first` behind reverse proxies: no request is lost, and a release that does not hold costs none.

const engines = whole ? (['modern', 'trixie'] as const) : (['modern'] as const)
const names: readonly ProxyName[] = whole
  ? ['nginx', 'resolver', 'haproxy', 'caddy', 'labels']
  : ['nginx', 'caddy', 'labels']
const stages = whole
  ? ['beside', 'gate', 'beside-proxy', 'beside-withdraw', 'drain', 'up', 'keep']
  : ['beside-withdraw', 'up']
/** It asks its resolver at most every 5 s, and tries an address that is gone. */
const allowed: Partial<Record<ProxyName, number>> = { resolver: 20 }

for (const server of engines) {
  // They mostly wait.
  suite(`behind a proxy on the server ${server}`, { concurrency: whole ? 3 : 5 }, () => {
    for (const name of names) {
      const { title } = proxies[name]
      test(`${name}: a release loses no request`, async () => {
        await using site = await openProxied(name, server)
        for (const mode of whole ? (['graceful', 'abrupt'] as const) : (['graceful'] as const)) {
          const [before] = await site.running()
          const loaded = {
            title: `${title}, ${mode}, ${server}`,
            ways: byProxy(site),
            allowed: allowed[name] ?? 0,
          }
          const run = await withoutLoss(site, loaded, async () => {
            // The mode is that of the container which stops.
            if (mode === 'abrupt') assertGreen(await deployBehind(site, name, 'abrupt', mode))
            return await deployBehind(site, name, 'two', mode)
          })
          assertGreen(run)
          assert.equal(await site.page(), 'two')
          assert.notDeepEqual(await site.running(), [before])
          await assertNames(site)
        }
      })
    }

    test('a release that does not hold costs no request, and leaves the container that serves', async () => {
      await using site = await openProxied('labels', server)
      const before = await site.running()
      const public_ = {
        'check-url': `http://${site.server.address}:${site.port}/`,
        'check-contains': 'five',
        'check-timeout': '3',
      }
      const bad: [Mode, Readonly<Record<string, unknown>>, RegExp][] = [
        ['crash', {}, /exit code 3|restarted|stay up/],
        ['sick', { 'wait-timeout': '6' }, /not healthy/],
        ['graceful', public_, /did not answer as it should/],
      ]
      const title = `three bad releases: crash, never healthy, public check fails, ${server}`
      await withoutLoss(site, { title, ways: byProxy(site) }, async () => {
        for (const [mode, inputs, cause] of bad) {
          const run = await deployBehind(site, 'labels', mode, mode, inputs)
          assertRed(run, { stage: 'deploy', cause, remedy: /./ })
          assert.match(run.annotations.at(-1)?.message ?? '', /Nothing was changed on the server/)
          assert.deepEqual(await site.running(), before)
        }
      })
      assert.equal(await site.page(), 'one')
      await assertNames(site)
    })

    test('a script that is killed and settled costs no request', async () => {
      await using site = await openProxied('labels', server)
      const title = `script killed in ${stages.length} stages, ${server}`
      await withoutLoss(site, { title, ways: byProxy(site) }, async () => {
        for (const stage of stages) {
          const killed = killAt(site, stage)
          const run = await deployBehind(site, 'labels', stage, 'graceful')
          assert.equal((await killed).trim(), 'killed', `${stage}: ${run.log}`)
          const page = await site.page()
          assert.equal(run.conclusion === 'success', page === stage, `${stage}: ${page}\n${run.log}`)
          await assertNames(site)
        }
      })
    })

    // Only in the long form, and not as a skipped test: in CI nothing is skipped.
    if (whole)
      test('two replicas, back and forth by hand', async () => {
        await using site = await openProxied('caddy', server, '    scale: 2\n')
        const title = `two replicas, and back by \`rollback-to\`, ${server}`
        await withoutLoss(site, { title, ways: byProxy(site) }, async () => {
          assertGreen(await deployBehind(site, 'caddy', 'two', 'graceful'))
          assert.equal((await site.running()).length, 2)
          assertGreen(await deployBehind(site, 'caddy', '', 'graceful', { 'rollback-to': 'previous' }))
        })
        assert.equal(await site.page(), 'one')
        await assertNames(site, 2)
      })
  })
}
