import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { assertGreen, assertRed } from '../scenario/expect.ts'
import { assertNames, byProxy, deployBehind, openProxied } from './proxied.ts'
import { whole, withoutLoss } from './relayed.ts'

// `strategy: start-first` whose old containers are withdrawn in another way than by firewall rules; in the long form.

const engines = ['modern', 'trixie'] as const

if (whole)
  for (const server of engines)
    suite(`a container on the server ${server} is withdrawn`, { concurrency: 3 }, () => {
      test('by nobody, behind a proxy that goes by name: the app finishes its requests', async () => {
        await using site = await openProxied('caddy', server)
        const loaded = { title: `withdraw: none, Caddy, ${server}`, ways: byProxy(site) }
        assertGreen(
          await withoutLoss(site, loaded, () =>
            deployBehind(site, 'caddy', 'two', 'graceful', { withdraw: 'none' }),
          ),
        )
        assert.equal(await site.page(), 'two')
        await assertNames(site)
      })

      test('by a command that its healthcheck looks for', async () => {
        await using site = await openProxied('labels', server)
        const withdraw = { withdraw: '/zero leave' }
        const loaded = {
          title: `withdraw: COMMAND, a proxy that follows health, ${server}`,
          ways: byProxy(site),
        }
        assertGreen(
          await withoutLoss(site, loaded, () => deployBehind(site, 'labels', 'two', 'graceful', withdraw)),
        )
        assert.equal(await site.page(), 'two')
        await assertNames(site)
      })

      test('by a command, and serves again when the public check fails', async () => {
        await using site = await openProxied('labels', server)
        const before = await site.running()
        const inputs = {
          withdraw: '/zero leave',
          'check-url': `http://${site.server.address}:${site.port}/`,
          'check-contains': 'five',
          'check-timeout': '3',
        }
        const loaded = { title: `withdraw: COMMAND, public check fails, ${server}`, ways: byProxy(site) }
        const run = await withoutLoss(site, loaded, () =>
          deployBehind(site, 'labels', 'two', 'graceful', inputs),
        )
        assertRed(run, { stage: 'deploy', cause: /did not answer as it should/, remedy: /./ })
        assert.deepEqual(await site.running(), before)
        assert.equal(await site.page(), 'one')
        await assertNames(site)
      })
    })
