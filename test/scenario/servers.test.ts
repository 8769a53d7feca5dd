import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { rig } from '../rig/rig.ts'
import { assertGreen, assertRed } from './expect.ts'
import { crashAfter, openSite, ship, webCompose } from './site.ts'

// The same deploys on servers with other versions and setups: a first deploy, an update, and a rollback.

const all = await rig()

const servers = [
  { name: 'engine 20.10 and Compose v1', server: 'old', up: 'docker-compose up -d' },
  { name: 'engine 26 with the classic store', server: 'trixie', up: 'docker compose up -d' },
] as const

suite('a server with', { concurrency: 3 }, () => {
  for (const { name, server, up } of servers) {
    test(name, async () => {
      const compose =
        server === 'old'
          ? (site: Parameters<typeof webCompose>[0]) => `version: "3.8"\n${webCompose(site)}`
          : webCompose
      await using site = await openSite('server', { server, compose })
      const first = await ship(site, { page: 'one' }, { with: { platforms: 'linux/amd64,linux/arm64' } })
      assertGreen(first)
      assert.equal(await site.page(), 'one')
      const second = await ship(site, { page: 'two' })
      assertGreen(second)
      assert.equal(second.outputs['previous'], first.outputs['image'])
      assert.ok((await site.digests()).includes(second.outputs['image'] ?? ''))
      const third = await ship(site, { page: 'three', run: crashAfter(0) })
      assertRed(third, { stage: 'deploy', cause: /Rolled back/, remedy: /./ })
      assert.equal(await site.page(), 'two')
      assert.ok((await site.digests()).includes(second.outputs['image'] ?? ''))
      const before = await site.running()
      await site.sh(up)
      assert.deepEqual(await site.running(), before)
    })
  }

  test('docker outside the PATH of a login', async () => {
    const server = await all.server({ dockerIn: '/snap/bin' })
    try {
      const site = await openSite('snap', { server })
      const run = await ship(site, { page: 'found' })
      assertGreen(run)
      assert.equal(await site.page(), 'found')
    } finally {
      await server.remove()
    }
  })
})
