import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import { type InputName, type Inputs, inputNames } from '../../../src/inputs/inputs.ts'
import { planSsh } from '../../../src/ssh/target.ts'

const directory = mkdtempSync(join(tmpdir(), 'slipway-target-'))
const make = (name: string, passphrase: string) => {
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', join(directory, name)])
  return readFileSync(join(directory, name), 'utf8')
}
const key = make('key', '')
const lockedKey = make('locked', 'geheim')
const hostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK5Zp6hTpEPWHGpJhZpYSYdT2oXLmQSYwBBQNUcbCDdK'
const knownHosts = `example.com ${hostKey}`
const fingerprint = `SHA256:${'a'.repeat(43)}`
const otherFingerprint = `SHA256:${'b'.repeat(43)}`

type Given = Readonly<Partial<Record<InputName, string>>>

function plan(given: Given, env: { SSH_AUTH_SOCK?: string } = {}) {
  const inputs = Object.fromEntries(inputNames.map(name => [name, given[name] ?? ''])) as Inputs
  const findings = noFindings()
  return { plan: planSsh(inputs, env, findings), ...findings }
}

const good = { 'ssh-host': 'deploy@example.com', 'ssh-key': key, 'ssh-known-hosts': knownHosts }
const trust = { kind: 'known-hosts', lines: knownHosts }
const byKey = { kind: 'key', key }
const target = { host: 'example.com', port: 22, user: 'deploy' }

suite('planSsh: valid inputs', () => {
  after(() => rmSync(directory, { recursive: true }))

  const table: readonly { name: string; input: Given; env?: { SSH_AUTH_SOCK: string }; expected: unknown }[] =
    [
      { name: 'a key', input: good, expected: { ...target, authentication: byKey, hostKey: trust } },
      {
        name: 'user and port from their own inputs',
        input: { ...good, 'ssh-host': 'example.com', 'ssh-user': 'me', 'ssh-port': '2222' },
        expected: { host: 'example.com', port: 2222, user: 'me', authentication: byKey, hostKey: trust },
      },
      {
        name: 'user and port set twice, to the same values',
        input: { ...good, 'ssh-host': 'me@example.com:2222', 'ssh-user': 'me', 'ssh-port': '2222' },
        expected: { host: 'example.com', port: 2222, user: 'me', authentication: byKey, hostKey: trust },
      },
      {
        name: 'a key with its passphrase, and a password',
        input: { ...good, 'ssh-key': lockedKey, 'ssh-passphrase': 'geheim', 'ssh-password': 'pw' },
        expected: {
          ...target,
          authentication: { kind: 'key', key: lockedKey, passphrase: 'geheim', password: 'pw' },
          hostKey: trust,
        },
      },
      {
        name: 'a key whose layout needs repair',
        input: { ...good, 'ssh-key': key.replaceAll('\n', '\\n') },
        expected: { ...target, authentication: byKey, hostKey: trust },
      },
      {
        name: 'a password, while an agent is running',
        input: { ...good, 'ssh-key': '', 'ssh-password': 'pw' },
        env: { SSH_AUTH_SOCK: '/run/agent' },
        expected: { ...target, authentication: { kind: 'password', password: 'pw' }, hostKey: trust },
      },
      {
        name: 'the agent',
        input: { ...good, 'ssh-key': '' },
        env: { SSH_AUTH_SOCK: '/run/agent' },
        expected: { ...target, authentication: { kind: 'agent', socket: '/run/agent' }, hostKey: trust },
      },
      {
        name: 'a fingerprint',
        input: { ...good, 'ssh-known-hosts': '', 'ssh-fingerprint': fingerprint },
        expected: {
          ...target,
          authentication: byKey,
          hostKey: { kind: 'fingerprint', fingerprints: [fingerprint] },
        },
      },
      {
        name: 'fingerprints without prefix, with padding, and as printed by ssh-keygen -l',
        input: {
          ...good,
          'ssh-known-hosts': '',
          'ssh-fingerprint': `${'a'.repeat(43)}\n${fingerprint}=\n256 ${fingerprint} root@server (ED25519)`,
        },
        expected: {
          ...target,
          authentication: byKey,
          hostKey: { kind: 'fingerprint', fingerprints: [fingerprint, fingerprint, fingerprint] },
        },
      },
      {
        name: 'a jump host with the user of the server',
        input: { ...good, 'ssh-jump': 'bastion.example:2200' },
        expected: {
          ...target,
          authentication: byKey,
          hostKey: trust,
          jump: { host: 'bastion.example', port: 2200, user: 'deploy', hostKey: trust },
        },
      },
      {
        name: 'a jump host with its own user',
        input: { ...good, 'ssh-jump': 'me@[2001:db8::1]' },
        expected: {
          ...target,
          authentication: byKey,
          hostKey: trust,
          jump: { host: '2001:db8::1', port: 22, user: 'me', hostKey: trust },
        },
      },
      {
        name: 'fingerprints of the server and of the jump host',
        input: {
          ...good,
          'ssh-known-hosts': '',
          'ssh-jump': 'bastion.example:2200',
          'ssh-fingerprint': `${fingerprint}\n[bastion.example]:2200 ${otherFingerprint}\nExample.com ${otherFingerprint}`,
        },
        expected: {
          ...target,
          authentication: byKey,
          hostKey: { kind: 'fingerprint', fingerprints: [fingerprint, otherFingerprint] },
          jump: {
            host: 'bastion.example',
            port: 2200,
            user: 'deploy',
            hostKey: { kind: 'fingerprint', fingerprints: [otherFingerprint], host: 'bastion.example' },
          },
        },
      },
      { name: 'no server', input: {}, expected: undefined },
    ]
  for (const { name, input, env, expected } of table) {
    test(name, () => {
      const found = plan(input, env)
      assert.deepEqual(found.problems, [])
      assert.deepEqual(found.warnings, [])
      assert.deepEqual(found.plan, expected)
    })
  }

  test('without a host key check, with a warning', () => {
    const found = plan({ ...good, 'ssh-known-hosts': '', 'ssh-insecure-skip-host-key-check': 'true' })
    assert.deepEqual(found.problems, [])
    assert.equal(found.warnings.length, 1)
    assert.deepEqual(found.plan?.hostKey, { kind: 'insecure' })
  })

  test('a known_hosts line that cannot be parsed is ignored, with a warning', () => {
    const found = plan({ ...good, 'ssh-known-hosts': `what is this\n# comment\n${knownHosts}` })
    assert.deepEqual(found.problems, [])
    assert.match(found.warnings.join(), /line 1,/)
    assert.ok(found.plan)
  })
})

suite('planSsh: problems', () => {
  const table: readonly { name: string; input: Given; expected: readonly [InputName, RegExp, RegExp][] }[] = [
    {
      name: 'a service without a server',
      input: { service: 'web', 'ssh-key': key },
      expected: [['ssh-host', /is empty, but `ssh-key`, `service` are set/, /Set the variable or secret/i]],
    },
    {
      name: 'a conflicting user and port',
      input: { ...good, 'ssh-host': 'a@example.com:22', 'ssh-user': 'b', 'ssh-port': '2222' },
      expected: [
        ['ssh-user', /`ssh-host` says `a`, but `ssh-user` says `b`/, /Remove one/],
        ['ssh-port', /`ssh-host` says `22`, but `ssh-port` says `2222`/, /Remove one/],
      ],
    },
    {
      name: 'no user',
      input: { ...good, 'ssh-host': 'example.com' },
      expected: [['ssh-user', /`ssh-host` is `example\.com`, and there is no user/, /deploy@example\.com/]],
    },
    {
      name: 'an invalid port',
      input: { ...good, 'ssh-port': '22x' },
      expected: [['ssh-port', /`22x`/, /1 to 65535/]],
    },
    {
      name: 'no credentials',
      input: { ...good, 'ssh-key': '' },
      expected: [
        ['ssh-key', /`ssh-key` and `ssh-password` are empty/, /forks and Dependabot get no secrets/],
      ],
    },
    {
      name: 'an encrypted key without its passphrase',
      input: { ...good, 'ssh-key': lockedKey },
      expected: [['ssh-passphrase', /`ssh-passphrase` is empty/, /from a secret/]],
    },
    {
      name: 'no host key',
      input: { ...good, 'ssh-host': 'deploy@example.com:2222', 'ssh-known-hosts': '' },
      expected: [
        ['ssh-known-hosts', /There is no host key for example\.com/, /`ssh-keyscan -p 2222 example\.com`/],
      ],
    },
    {
      name: 'more than one input for the host key',
      input: { ...good, 'ssh-fingerprint': fingerprint, 'ssh-insecure-skip-host-key-check': 'true' },
      expected: [
        [
          'ssh-known-hosts',
          /`ssh-known-hosts` and `ssh-fingerprint` and `ssh-insecure.*` are set/,
          /Keep only one/,
        ],
      ],
    },
    {
      name: 'an MD5 fingerprint',
      input: {
        ...good,
        'ssh-known-hosts': '',
        'ssh-fingerprint': 'MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48',
      },
      expected: [['ssh-fingerprint', /MD5 hash/, /ssh-keyscan example\.com \| ssh-keygen -lf -/]],
    },
    {
      name: 'a fingerprint only of the server, with a jump host',
      input: { ...good, 'ssh-known-hosts': '', 'ssh-jump': 'b.example:2200', 'ssh-fingerprint': fingerprint },
      expected: [
        [
          'ssh-fingerprint',
          /no fingerprint for the jump host b\.example/,
          /`b\.example SHA256:…`.*ssh-keyscan -p 2200 b\.example/,
        ],
      ],
    },
    {
      name: 'a fingerprint only of the jump host',
      input: {
        ...good,
        'ssh-known-hosts': '',
        'ssh-jump': 'b.example',
        'ssh-fingerprint': `b.example ${fingerprint}`,
      },
      expected: [
        ['ssh-fingerprint', /no fingerprint for the server example\.com/, /ssh-keyscan example\.com/],
      ],
    },
    {
      name: 'a fingerprint of an unknown host',
      input: {
        ...good,
        'ssh-known-hosts': '',
        'ssh-fingerprint': `${fingerprint}\nother.example ${fingerprint}`,
      },
      expected: [['ssh-fingerprint', /`other\.example SHA256:.*names neither/, /as in `ssh-host`/]],
    },
    {
      name: 'a truncated fingerprint',
      input: { ...good, 'ssh-known-hosts': '', 'ssh-fingerprint': 'SHA256:abc' },
      expected: [['ssh-fingerprint', /`SHA256:abc`, which is not a SHA-256 fingerprint/, /43 characters/]],
    },
    {
      name: 'a host key without its host',
      input: { ...good, 'ssh-known-hosts': hostKey },
      expected: [['ssh-known-hosts', /the host is missing/, /ssh-keyscan example\.com/]],
    },
    {
      name: 'a fingerprint instead of known_hosts lines',
      input: { ...good, 'ssh-known-hosts': fingerprint },
      expected: [['ssh-known-hosts', /no line of the form/, /`ssh-fingerprint`/]],
    },
    {
      name: 'several problems, all reported',
      input: { 'ssh-host': 'a b', 'ssh-key': 'hunter2', 'ssh-jump': 'me:hunter2@x', 'ssh-fingerprint': '?' },
      expected: [
        ['ssh-host', /`a b`, which names more than one host/, /one server/],
        ['ssh-jump', /`me:…@x`, which contains a password/, /`ssh-password`/],
        ['ssh-key', /is not a private key/, /ssh-keygen/],
        ['ssh-fingerprint', /not a SHA-256/, /43/],
      ],
    },
  ]
  for (const { name, input, expected } of table) {
    test(name, () => {
      const { problems } = plan(input)
      assert.deepEqual(
        problems.map(problem => problem.input),
        expected.map(([wanted]) => wanted),
      )
      for (const [index, [, cause, remedy]] of expected.entries()) {
        assert.match(problems[index]?.cause ?? '', cause)
        assert.match(problems[index]?.remedy ?? '', remedy)
      }
      assert.doesNotMatch(JSON.stringify(problems), /hunter2/)
    })
  }
})
