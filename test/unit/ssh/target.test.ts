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
const print = `SHA256:${'a'.repeat(43)}`
const otherPrint = `SHA256:${'b'.repeat(43)}`

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

suite('the plan for reaching the server', () => {
  after(() => rmSync(directory, { recursive: true }))

  const table: readonly { name: string; input: Given; env?: { SSH_AUTH_SOCK: string }; expected: unknown }[] =
    [
      { name: 'a key', input: good, expected: { ...target, authentication: byKey, hostKey: trust } },
      {
        name: 'user and port of their own',
        input: { ...good, 'ssh-host': 'example.com', 'ssh-user': 'me', 'ssh-port': '2222' },
        expected: { host: 'example.com', port: 2222, user: 'me', authentication: byKey, hostKey: trust },
      },
      {
        name: 'user and port said twice alike',
        input: { ...good, 'ssh-host': 'me@example.com:2222', 'ssh-user': 'me', 'ssh-port': '2222' },
        expected: { host: 'example.com', port: 2222, user: 'me', authentication: byKey, hostKey: trust },
      },
      {
        name: 'a key with its passphrase, and a password besides',
        input: { ...good, 'ssh-key': lockedKey, 'ssh-passphrase': 'geheim', 'ssh-password': 'pw' },
        expected: {
          ...target,
          authentication: { kind: 'key', key: lockedKey, passphrase: 'geheim', password: 'pw' },
          hostKey: trust,
        },
      },
      {
        name: 'a key that lost its shape',
        input: { ...good, 'ssh-key': key.replaceAll('\n', '\\n') },
        expected: { ...target, authentication: byKey, hostKey: trust },
      },
      {
        name: 'a password, though an agent is running',
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
        input: { ...good, 'ssh-known-hosts': '', 'ssh-fingerprint': print },
        expected: {
          ...target,
          authentication: byKey,
          hostKey: { kind: 'fingerprint', fingerprints: [print] },
        },
      },
      {
        name: 'fingerprints without prefix, padded, and as ssh-keygen -l prints them',
        input: {
          ...good,
          'ssh-known-hosts': '',
          'ssh-fingerprint': `${'a'.repeat(43)}\n${print}=\n256 ${print} root@server (ED25519)`,
        },
        expected: {
          ...target,
          authentication: byKey,
          hostKey: { kind: 'fingerprint', fingerprints: [print, print, print] },
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
        name: 'a jump host with a user of its own',
        input: { ...good, 'ssh-jump': 'me@[2001:db8::1]' },
        expected: {
          ...target,
          authentication: byKey,
          hostKey: trust,
          jump: { host: '2001:db8::1', port: 22, user: 'me', hostKey: trust },
        },
      },
      {
        name: 'a fingerprint each for the server and the jump host',
        input: {
          ...good,
          'ssh-known-hosts': '',
          'ssh-jump': 'bastion.example:2200',
          'ssh-fingerprint': `${print}\n[bastion.example]:2200 ${otherPrint}\nExample.com ${otherPrint}`,
        },
        expected: {
          ...target,
          authentication: byKey,
          hostKey: { kind: 'fingerprint', fingerprints: [print, otherPrint] },
          jump: {
            host: 'bastion.example',
            port: 2200,
            user: 'deploy',
            hostKey: { kind: 'fingerprint', fingerprints: [otherPrint], host: 'bastion.example' },
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

  test('a line that cannot be read is left out, with a warning', () => {
    const found = plan({ ...good, 'ssh-known-hosts': `what is this\n# comment\n${knownHosts}` })
    assert.deepEqual(found.problems, [])
    assert.match(found.warnings.join(), /line 1,/)
    assert.ok(found.plan)
  })
})

suite('what is wrong with it', () => {
  const table: readonly { name: string; input: Given; expected: readonly [InputName, RegExp, RegExp][] }[] = [
    {
      name: 'a service without a server',
      input: { service: 'web', 'ssh-key': key },
      expected: [
        ['ssh-host', /is empty, though `ssh-key`, `service` are given/, /Set the variable or secret/i],
      ],
    },
    {
      name: 'another user, another port',
      input: { ...good, 'ssh-host': 'a@example.com:22', 'ssh-user': 'b', 'ssh-port': '2222' },
      expected: [
        ['ssh-user', /`ssh-host` says `a`, and `ssh-user` says `b`/, /Remove one/],
        ['ssh-port', /`ssh-host` says `22`, and `ssh-port` says `2222`/, /Remove one/],
      ],
    },
    {
      name: 'no user',
      input: { ...good, 'ssh-host': 'example.com' },
      expected: [['ssh-user', /`ssh-host` is `example\.com`, and no user is given/, /deploy@example\.com/]],
    },
    {
      name: 'a port that is none',
      input: { ...good, 'ssh-port': '22x' },
      expected: [['ssh-port', /`22x`/, /1 to 65535/]],
    },
    {
      name: 'nothing to log in with',
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
        ['ssh-known-hosts', /No host key is given for example\.com/, /`ssh-keyscan -p 2222 example\.com`/],
      ],
    },
    {
      name: 'two ways to know the host key',
      input: { ...good, 'ssh-fingerprint': print, 'ssh-insecure-skip-host-key-check': 'true' },
      expected: [
        [
          'ssh-known-hosts',
          /`ssh-known-hosts` and `ssh-fingerprint` and `ssh-insecure.*` are given/,
          /Remove one/,
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
      name: 'a fingerprint of the server alone, with a jump host',
      input: { ...good, 'ssh-known-hosts': '', 'ssh-jump': 'b.example:2200', 'ssh-fingerprint': print },
      expected: [
        [
          'ssh-fingerprint',
          /none for the jump host b\.example/,
          /`b\.example SHA256:…`.*ssh-keyscan -p 2200 b\.example/,
        ],
      ],
    },
    {
      name: 'a fingerprint of the jump host alone',
      input: {
        ...good,
        'ssh-known-hosts': '',
        'ssh-jump': 'b.example',
        'ssh-fingerprint': `b.example ${print}`,
      },
      expected: [['ssh-fingerprint', /none for the server example\.com/, /ssh-keyscan example\.com/]],
    },
    {
      name: 'a fingerprint of nobody',
      input: { ...good, 'ssh-known-hosts': '', 'ssh-fingerprint': `${print}\nother.example ${print}` },
      expected: [['ssh-fingerprint', /`other\.example SHA256:.*names neither/, /as in `ssh-host`/]],
    },
    {
      name: 'half a fingerprint',
      input: { ...good, 'ssh-known-hosts': '', 'ssh-fingerprint': 'SHA256:abc' },
      expected: [['ssh-fingerprint', /`SHA256:abc`, no SHA-256 fingerprint/, /43 characters/]],
    },
    {
      name: 'a host key without its host',
      input: { ...good, 'ssh-known-hosts': hostKey },
      expected: [['ssh-known-hosts', /the host is missing/, /ssh-keyscan example\.com/]],
    },
    {
      name: 'a fingerprint in the place of lines',
      input: { ...good, 'ssh-known-hosts': print },
      expected: [['ssh-known-hosts', /no line of the form/, /`ssh-fingerprint`/]],
    },
    {
      name: 'all at once',
      input: { 'ssh-host': 'a b', 'ssh-key': 'hunter2', 'ssh-jump': 'me:hunter2@x', 'ssh-fingerprint': '?' },
      expected: [
        ['ssh-host', /`a b`, which names more than one host/, /one server/],
        ['ssh-jump', /`me:…@x`, which holds a password/, /`ssh-password`/],
        ['ssh-key', /is not a private key/, /ssh-keygen/],
        ['ssh-fingerprint', /no SHA-256/, /43/],
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
