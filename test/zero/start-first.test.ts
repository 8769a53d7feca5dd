import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { assertGreen, assertRed } from '../scenario/expect.ts'
import { killAt, long, type Mode, withoutLoss } from './app.ts'
import { assertNames, deployBehind, openProxied, throughProxy } from './behind-proxy.ts'
import { type ProxyName, proxies } from './proxies.ts'

// `strategy: start-first` behind reverse proxies: no request is lost, even if the release fails.

const engines = long ? (['modern', 'trixie'] as const) : (['modern'] as const)
const names: readonly ProxyName[] = long
  ? ['nginx', 'resolver', 'haproxy', 'caddy', 'labels']
  : ['nginx', 'caddy', 'labels']
const stages = long
  ? ['beside', 'gate', 'beside-proxy', 'beside-withdraw', 'drain', 'up', 'keep']
  : ['beside-withdraw', 'up']
/** nginx with a resolver looks names up at most every 5 s, so it tries an address that no longer exists. */
const allowed: Partial<Record<ProxyName, number>> = { resolver: 20 }

for (const server of engines) {
  // High concurrency, because the tests mostly wait.
  suite(`behind a proxy on the server ${server}`, { concurrency: long ? 3 : 5 }, () => {
    for (const name of names) {
      const { title } = proxies[name]
      test(`${name}: a release loses no request`, async () => {
        await using site = await openProxied(name, server)
        for (const mode of long ? (['graceful', 'abrupt'] as const) : (['graceful'] as const)) {
          const [before] = await site.running()
          const load = {
            title: `${title}, ${mode}, ${server}`,
            origins: throughProxy(site),
            allowed: allowed[name] ?? 0,
          }
          const run = await withoutLoss(site, load, async () => {
            // The container that stops has to be in this mode, so deploy it first.
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

    test('a release that fails loses no request, and keeps the running container', async () => {
      await using site = await openProxied('labels', server)
      const before = await site.running()
      const publicCheck = {
        'check-url': `http://${site.server.address}:${site.port}/`,
        'check-contains': 'five',
        'check-timeout': '3',
      }
      const bad: [Mode, Readonly<Record<string, unknown>>, RegExp][] = [
        ['crash', {}, /exit code 3|restarted|stay up/],
        ['sick', { 'wait-timeout': '6' }, /not healthy/],
        ['graceful', publicCheck, /did not answer as it should/],
      ]
      const title = `three bad releases: crash, never healthy, public check fails, ${server}`
      await withoutLoss(site, { title, origins: throughProxy(site) }, async () => {
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

    test('a script that is killed and settled loses no request', async () => {
      await using site = await openProxied('labels', server)
      const title = `script killed in ${stages.length} stages, ${server}`
      await withoutLoss(site, { title, origins: throughProxy(site) }, async () => {
        for (const stage of stages) {
          const killed = killAt(site, stage)
          const run = await deployBehind(site, 'labels', stage, 'graceful')
          assert.match(await killed, /killed/, `${stage}: ${run.log}`)
          const page = await site.page()
          assert.equal(run.conclusion === 'success', page === stage, `${stage}: ${page}\n${run.log}`)
          await assertNames(site)
        }
      })
    })

    // Not defined in the short form, instead of skipped, because a skipped test fails in CI.
    if (long)
      test('two replicas: a deploy and a manual rollback lose no request', async () => {
        await using site = await openProxied('caddy', server, '    scale: 2\n')
        const title = `two replicas, and back by \`rollback-to\`, ${server}`
        await withoutLoss(site, { title, origins: throughProxy(site) }, async () => {
          assertGreen(await deployBehind(site, 'caddy', 'two', 'graceful'))
          assert.equal((await site.running()).length, 2)
          assertGreen(await deployBehind(site, 'caddy', '', 'graceful', { 'rollback-to': 'previous' }))
        })
        assert.equal(await site.page(), 'one')
        await assertNames(site, 2)
      })
  })
}
