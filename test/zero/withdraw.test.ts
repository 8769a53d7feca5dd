import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { assertGreen, assertRed } from '../scenario/expect.ts'
import { long, withoutLoss } from './app.ts'
import { assertNames, deployBehind, openProxied, throughProxy } from './behind-proxy.ts'

// `strategy: start-first` with old containers that are not withdrawn by firewall rules. Only in the long form.

const engines = ['modern', 'trixie'] as const

if (long)
  for (const server of engines)
    suite(`withdraw on the server ${server}`, { concurrency: 3 }, () => {
      test('`none`, behind a proxy that resolves names: the app finishes its requests', async () => {
        await using site = await openProxied('caddy', server)
        const load = { title: `withdraw: none, Caddy, ${server}`, origins: throughProxy(site) }
        assertGreen(
          await withoutLoss(site, load, () =>
            deployBehind(site, 'caddy', 'two', 'graceful', { withdraw: 'none' }),
          ),
        )
        assert.equal(await site.page(), 'two')
        await assertNames(site)
      })

      test('a command that makes the healthcheck fail', async () => {
        await using site = await openProxied('labels', server)
        const withdraw = { withdraw: '/zero leave' }
        const load = {
          title: `withdraw: COMMAND, a proxy that follows health, ${server}`,
          origins: throughProxy(site),
        }
        assertGreen(
          await withoutLoss(site, load, () => deployBehind(site, 'labels', 'two', 'graceful', withdraw)),
        )
        assert.equal(await site.page(), 'two')
        await assertNames(site)
      })

      test('a command, and the old container serves again if the public check fails', async () => {
        await using site = await openProxied('labels', server)
        const before = await site.running()
        const inputs = {
          withdraw: '/zero leave',
          'check-url': `http://${site.server.address}:${site.port}/`,
          'check-contains': 'five',
          'check-timeout': '3',
        }
        const load = {
          title: `withdraw: COMMAND, public check fails, ${server}`,
          origins: throughProxy(site),
        }
        const run = await withoutLoss(site, load, () =>
          deployBehind(site, 'labels', 'two', 'graceful', inputs),
        )
        assertRed(run, { stage: 'deploy', cause: /did not answer as it should/, remedy: /./ })
        assert.deepEqual(await site.running(), before)
        assert.equal(await site.page(), 'one')
        await assertNames(site)
      })
    })
