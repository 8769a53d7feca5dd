import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { rig } from '../rig/rig.ts'
import { assertEndsRed, assertRed, type Expected, literally } from './expect.ts'
import { openSite, ship } from './site.ts'

// Everything that prevents a connection to the server is reported before anything is built.

const all = await rig()
const modern = await all.server('modern')
const trixie = await all.server('trixie')
const { address, access, knownHosts } = modern
const ed25519 = modern.hostKeys[0]

interface Case extends Omit<Expected, 'stage'> {
  readonly name: string
  readonly with: Readonly<Record<string, string>>
}

/** The host keys of one server with the address of another. */
const wrongKeys = trixie.knownHosts.replaceAll(trixie.address, address)

const cases: readonly Case[] = [
  {
    name: 'a wrong host key',
    with: { 'ssh-known-hosts': wrongKeys },
    cause: /host key/i,
    remedy: literally(ed25519?.line ?? ''),
  },
  {
    name: 'a wrong fingerprint',
    with: { 'ssh-known-hosts': '', 'ssh-fingerprint': trixie.fingerprint },
    cause: /SHA256:/,
    remedy: /./,
  },
  {
    name: 'a host that is not in known_hosts',
    with: { 'ssh-known-hosts': trixie.knownHosts },
    cause: literally(address),
    remedy: literally(ed25519?.line ?? ''),
  },
  {
    name: 'a port where nothing listens',
    with: {
      'ssh-host': `deploy@${address}:2222`,
      'ssh-known-hosts': knownHosts.replaceAll(address, `[${address}]:2222`),
    },
    cause: /refused the connection/,
    remedy: /ssh-port/,
  },
  {
    name: 'a key that the server does not accept',
    with: { 'ssh-key': access.strangeKey.text },
    cause: /does not accept `ssh-key`.*deploy.*SHA256:/,
    remedy: /authorized_keys/,
  },
  {
    name: 'a wrong password',
    with: { 'ssh-host': `password@${address}`, 'ssh-key': '', 'ssh-password': 'not the one' },
    cause: /does not accept `ssh-password`.*password/,
    remedy: /Check/,
  },
  {
    name: 'a wrong passphrase',
    with: { 'ssh-key': access.encryptedKey.text, 'ssh-passphrase': 'not the one' },
    cause: /ssh-passphrase/,
    remedy: /./,
  },
  {
    name: 'a user who may not use docker',
    with: { 'ssh-host': `nobodys@${address}` },
    cause: /`nobodys` may not use docker/,
    remedy: /usermod -aG docker nobodys/,
  },
]

suite('refuses before it builds', { concurrency: 2 }, () => {
  for (const { name, with: inputs, ...expected } of cases) {
    test(name, async () => {
      await using site = await openSite('refused')
      const run = await ship(site, { page: 'never' }, { with: inputs })
      assertRed(run, { stage: 'preflight', ...expected })
      assert.doesNotMatch(run.log, /buildx build/)
      assert.equal(run.outputs['digest'], undefined)
    })
  }

  test('an address that does not answer, within the time of the retries', async () => {
    await using site = await openSite('silent')
    const nowhere = address.replace(/\d+$/, '250')
    const run = await ship(site, { page: 'never' }, { with: { 'ssh-host': `deploy@${nowhere}` } })
    assertRed(run, {
      stage: 'preflight',
      cause: literally(nowhere),
      remedy: /./,
      within: 90_000,
    })
  })

  test('missing inputs', async () => {
    await using site = await openSite('empty')
    const inputs = { 'ssh-key': '', 'ssh-known-hosts': '', 'project-directory': '' }
    const run = await ship(site, { page: 'never' }, { with: inputs })
    assertEndsRed(run, [
      { stage: 'plan', cause: /ssh-key/, remedy: /secret set/ },
      { stage: 'plan', cause: /ssh-known-hosts|host key/, remedy: /ssh-keyscan|ssh-fingerprint/ },
      { stage: 'plan', cause: /`project-directory`/, remedy: /Name/ },
    ])
  })
})
