// Other services with the image of a deploy, and services that set a platform.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertGreen, assertRed, warningsOf } from '../expect.ts'
import { openSite, serve, ship, webCompose } from '../site.ts'

for (const server of [
  { suite: 'trixie', store: 'classic' },
  { suite: 'sid', store: 'containerd' },
] as const) {
  test(`a service with another platform than the server runs on that platform (${server.store} store)`, async () => {
    await using site = await openSite('platform', {
      server,
      compose: each => webCompose(each, '    platform: linux/arm64\n'),
    })
    const inputs = { platforms: 'linux/amd64,linux/arm64', 'wait-timeout': '60' }
    assertGreen(await ship(site, { page: 'arm' }, { with: inputs }))
    assert.equal(await site.page(), 'arm')
    const [id] = await site.running()
    const machine = `docker exec ${id} uname -m`
    assert.equal((await site.sh(machine)).trim(), 'aarch64')
    await site.sh('docker compose up -d')
    assert.deepEqual(await site.running(), [id])
  })
}

test('a worker with the same image causes a warning, and a required migration an error', async () => {
  const more = '    depends_on: { migrate: { condition: service_completed_successfully } }\n'
  await using site = await openSite('same-image', {
    compose: each =>
      `${webCompose(each, more)}  worker: { image: "${each.image}:latest", command: ["sleep", "9999"], stop_grace_period: 1s }\n  migrate: { image: "${each.image}:latest", command: ["true"] }\n`,
  })
  const first = await ship(site, { page: 'one', run: serve })
  assertGreen(first)
  assert.match(
    warningsOf(first).join('\n'),
    /`worker` declares the image of this deploy.*`service: web, worker`/,
  )
  assertRed(await ship(site, { page: 'two' }), {
    stage: 'preflight',
    cause: /`web` waits for `migrate` to exit/,
    remedy: /service: migrate, web/,
  })
  assert.equal(await site.page(), 'one')
  assertGreen(await ship(site, { page: 'two' }, { with: { service: 'migrate, web' } }))
  assert.equal(await site.page(), 'two')
})
