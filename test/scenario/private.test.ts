import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { rig } from '../rig/rig.ts'
import { assertGreen, assertRed } from './expect.ts'
import { openSite, type Site, ship, webCompose } from './site.ts'

// The server pulls a private image with the login of this run, and does not keep the login.

const all = await rig()

/** Returns every docker configuration of the server's users that contains the registry. */
const logins = async ({ server, rig: { registry } }: Site): Promise<string> =>
  (
    await server.exec(
      `grep -rlF '${registry.host}' /root /home /tmp /run /dev/shm --include=config.json 2>/dev/null`,
    )
  ).stdout

suite('a private image', { concurrency: 2 }, () => {
  test('is pulled with the login of the run, which is gone afterwards', async () => {
    await using site = await openSite('private')
    const run = await ship(site, { page: 'private' })
    assertGreen(run)
    assert.equal(await site.page(), 'private')
    const pull = await site.server.exec(`docker pull ${run.outputs['image']}`, { user: 'deploy' })
    assert.notEqual(pull.code, 0)
    assert.match(pull.stderr, /no basic auth credentials|unauthorized|denied/)
    assert.equal(await logins(site), '')
  })

  test('is pulled with a pull-only token if the registry issues one', async () => {
    await using site = await openSite('token')
    const registry = await all.tokenRegistry()
    const image = `${registry.host}/octo/${site.name}`
    await site.write('compose.yaml', webCompose({ ...site, image }))
    const login = { 'registry-username': registry.username, 'registry-password': registry.password }
    const run = await ship(site, { page: 'private' }, { with: { image, ...login } })
    assertGreen(run)
    assert.equal(await site.page(), 'private')
    assert.doesNotMatch(run.log, /refused the server/, 'the token was enough, without the login')
    const reader = { 'server-registry-username': 'reader', 'server-registry-password': registry.password }
    assertGreen(await ship(site, { page: 'again' }, { with: { image, ...login, ...reader } }))
    assert.equal(await site.page(), 'again')
  })

  test('cannot be pulled by a server without a login if `server-login` is false', async () => {
    await using site = await openSite('loginless')
    const run = await ship(site, { page: 'private' }, { with: { 'server-login': false } })
    assertRed(run, { stage: 'deploy', cause: /Nothing was changed/, remedy: /server-login/ })
    assert.match(run.log, /no basic auth credentials|unauthorized|denied/)
    assert.deepEqual(await site.running(), [])
    assert.doesNotMatch(await site.sh('ls -A .slipway/*/runs'), /./)
  })

  test("does not change the runner's existing logins", async () => {
    await using site = await openSite('logins')
    const config = mkdtempSync(join(tmpdir(), 'slipway-config-'))
    const file = join(config, 'config.json')
    const before = JSON.stringify({
      cliPluginsExtraDirs: [all.runner.plugins],
      auths: {
        'registry.example': { auth: 'c29tZTpvbmU=' },
        [site.rig.registry.host]: { auth: 'd3Jvbmc6b25l' },
      },
    })
    writeFileSync(file, before)
    try {
      assertGreen(
        await ship(site, { page: 'private' }, { env: { ...all.runner.env, DOCKER_CONFIG: config } }),
      )
      assert.equal(readFileSync(file, 'utf8'), before)
    } finally {
      rmSync(config, { recursive: true })
    }
  })
})
