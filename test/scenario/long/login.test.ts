import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { rig } from '../../rig/rig.ts'
import { assertGreen } from '../expect.ts'
import { openSite, type Site, ship } from '../site.ts'

// Deploys with every method of authentication, up to a page that is served.

const all = await rig()
const modern = await all.server('modern')
const trixie = await all.server('trixie')
const { access } = modern

interface Case {
  readonly name: string
  readonly user: string
  /** Inputs in addition to those that every deploy needs. */
  readonly with: Readonly<Record<string, string>>
}

const withoutKey = { 'ssh-key': '' }

const cases: readonly Case[] = [
  { name: 'a password', user: 'password', with: { ...withoutKey, 'ssh-password': access.password } },
  {
    name: 'keyboard-interactive',
    user: 'keyboard',
    with: { ...withoutKey, 'ssh-password': access.password },
  },
  {
    name: 'an encrypted key',
    user: 'deploy',
    with: {
      'ssh-key': access.encryptedKey.text,
      'ssh-passphrase': access.encryptedKey.passphrase ?? '',
    },
  },
  {
    name: 'a fingerprint in place of known_hosts lines',
    user: 'deploy',
    with: { 'ssh-known-hosts': '', 'ssh-fingerprint': modern.fingerprint },
  },
  { name: 'docker only through sudo', user: 'sudoer', with: {} },
  { name: 'fish as login shell', user: 'fish', with: {} },
  { name: 'csh as login shell', user: 'csh', with: {} },
]

suite('logs in', { concurrency: 2 }, () => {
  for (const { name, user, with: inputs } of cases) {
    test(`with ${name}`, async () => {
      await using site = await openSite('login')
      await site.sh(`chown -R ${user}: .`)
      const run = await ship(
        site,
        { page: name },
        { with: { 'ssh-host': `${user}@${modern.address}`, ...inputs } },
      )
      await assertServes(site, name, run)
    })
  }

  test('with the agent', async () => {
    await using site = await openSite('agent')
    using agent = await startAgent(access.key.file)
    const env = { ...all.runner.env, SSH_AUTH_SOCK: agent.socket }
    const run = await ship(site, { page: 'by agent' }, { env, with: withoutKey })
    await assertServes(site, 'by agent', run)
  })

  test('through a jump host', async () => {
    await using site = await openSite('jump', { server: trixie })
    const hops = {
      'ssh-jump': `second@${modern.address}`,
      'ssh-known-hosts': `${modern.knownHosts}\n${trixie.knownHosts}`,
    }
    const run = await ship(site, { page: 'by way of another' }, { with: hops })
    await assertServes(site, 'by way of another', run)
  })
})

async function assertServes(site: Site, page: string, run: Awaited<ReturnType<typeof ship>>): Promise<void> {
  assertGreen(run)
  assert.equal(await site.page(), page)
  assert.ok((await site.digests()).includes(run.outputs['deployed'] ?? ''))
}

/** Starts an SSH agent with one key. Disposing of it stops the agent. */
async function startAgent(key: string): Promise<Disposable & { readonly socket: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-agent-'))
  const socket = join(directory, 'socket')
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
  const add = (): boolean => {
    try {
      execFileSync('ssh-add', ['-q', key], {
        env: { SSH_AUTH_SOCK: socket, PATH: '/usr/bin:/bin' },
        stdio: 'ignore',
      })
      return true
    } catch {
      return false
    }
  }
  for (let tries = 0; !add(); tries++) {
    if (tries === 50) throw new Error('ssh-agent does not answer')
    await sleep(100)
  }
  return {
    socket,
    [Symbol.dispose]() {
      agent.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
