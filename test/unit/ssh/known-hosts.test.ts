import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { knownHostsLine, knownKeyTypes, matchHostKey } from '../../../src/ssh/known-hosts.ts'
import { fingerprint } from '../../../src/ssh/wire.ts'

const directory = mkdtempSync(join(tmpdir(), 'slipway-known-hosts-'))
const path = (name: string) => join(directory, name)

function publicKey(name: string, ...args: string[]): string {
  const { status } = spawnSync('ssh-keygen', ['-q', '-N', '', '-f', path(name), ...args])
  assert.equal(status, 0)
  return readFileSync(path(`${name}.pub`), 'utf8')
    .split(' ')
    .slice(0, 2)
    .join(' ')
}

const blob = (key: string) => Buffer.from(key.split(' ')[1] ?? '', 'base64')

const mine = publicKey('mine', '-t', 'ed25519')
const other = publicKey('other', '-t', 'ed25519')
const ecdsa = publicKey('ecdsa', '-t', 'ecdsa')
const rsa = publicKey('rsa', '-t', 'rsa', '-b', '1024')

/** Returns the lines with their names hashed by ssh-keygen. */
function hashed(lines: string): string {
  writeFileSync(path('hosts'), lines)
  assert.equal(spawnSync('ssh-keygen', ['-q', '-H', '-f', path('hosts')]).status, 0)
  const text = readFileSync(path('hosts'), 'utf8')
  assert.match(text, /^\|1\|/m)
  return text
}

suite('matchHostKey', () => {
  after(() => rmSync(directory, { recursive: true }))

  const table: readonly { name: string; lines: string; host?: string; port?: number; expected: string }[] = [
    { name: 'no line', lines: '', expected: 'unknown' },
    { name: 'the key', lines: `example.com ${mine}`, expected: 'match' },
    { name: 'the key, with a comment', lines: `example.com ${mine} root@server`, expected: 'match' },
    { name: 'the key, CRLF and tabs', lines: `# a\r\n  example.com\t${mine}\r\n`, expected: 'match' },
    { name: 'the key, commented out', lines: `#example.com ${mine}`, expected: 'unknown' },
    { name: 'a different key', lines: `example.com ${other}`, expected: 'mismatch' },
    { name: 'a key of a different type', lines: `example.com ${rsa}`, expected: 'mismatch' },
    {
      name: 'several keys, one of which matches',
      lines: `example.com ${rsa}\nexample.com ${other}\nexample.com ${mine}`,
      expected: 'match',
    },
    { name: 'the key of another host', lines: `example.org ${mine}`, expected: 'unknown' },
    { name: 'upper case', lines: `Example.COM ${mine}`, host: 'eXample.com', expected: 'match' },
    { name: 'a list of names', lines: `example.org,example.com,192.0.2.7 ${mine}`, expected: 'match' },
    { name: 'an address', lines: `example.org,192.0.2.7 ${mine}`, host: '192.0.2.7', expected: 'match' },
    { name: 'IPv6', lines: `2001:db8::7 ${mine}`, host: '2001:db8::7', expected: 'match' },
    {
      name: 'IPv6 with a port',
      lines: `[2001:db8::7]:2222 ${mine}`,
      host: '2001:db8::7',
      port: 2222,
      expected: 'match',
    },
    { name: 'hashed', lines: hashed(`example.com ${mine}\n`), expected: 'match' },
    {
      name: 'hashed, another host',
      lines: hashed(`example.com ${mine}\n`),
      host: 'example.org',
      expected: 'unknown',
    },
    {
      name: 'hashed, with a port',
      lines: hashed(`[example.com]:2222 ${mine}\n`),
      port: 2222,
      expected: 'match',
    },
    { name: 'hashed, a different key', lines: hashed(`example.com ${other}\n`), expected: 'mismatch' },
    { name: 'an unknown hash format', lines: `|2|c2FsdA==|aGFzaA== ${mine}`, expected: 'unknown' },
    { name: 'a broken hash', lines: `|1|c2FsdA== ${mine}`, expected: 'unknown' },
    { name: 'a port', lines: `[example.com]:2222 ${mine}`, port: 2222, expected: 'match' },
    { name: 'another port', lines: `[example.com]:2222 ${mine}`, port: 2223, expected: 'unknown' },
    { name: 'a port, connecting to 22', lines: `[example.com]:2222 ${mine}`, expected: 'unknown' },
    { name: 'an explicit port 22', lines: `[example.com]:22 ${mine}`, expected: 'match' },
    { name: 'without the port', lines: `example.com ${mine}`, port: 2222, expected: 'match' },
    {
      name: 'without the port, a different key',
      lines: `example.com ${other}`,
      port: 2222,
      expected: 'unknown',
    },
    {
      name: 'a different key with the port, the key without it',
      lines: `[example.com]:2222 ${other}\nexample.com ${mine}`,
      port: 2222,
      expected: 'mismatch',
    },
    { name: 'a star', lines: `*.com ${mine}`, expected: 'match' },
    { name: 'a single star', lines: `* ${mine}`, expected: 'match' },
    { name: 'a star and a port', lines: `[*.com]:2222 ${mine}`, port: 2222, expected: 'match' },
    { name: 'a question mark', lines: `e?ample.com ${mine}`, expected: 'match' },
    { name: 'a question mark for no character', lines: `example?.com ${mine}`, expected: 'unknown' },
    { name: 'a dot is literal', lines: `exampl..com ${mine}`, expected: 'unknown' },
    { name: 'negated first', lines: `!example.com,*.com ${mine}`, expected: 'unknown' },
    { name: 'negated last', lines: `*.com,!example.com ${mine}`, expected: 'unknown' },
    { name: 'another host negated', lines: `*.com,!example.org ${mine}`, expected: 'match' },
    { name: 'only a negation', lines: `!example.org ${mine}`, expected: 'unknown' },
    { name: 'all hosts but this one', lines: `*,!example.com ${mine}`, expected: 'unknown' },
    {
      name: 'a star, and only the name with its port negated',
      lines: `*,![example.com]:22,[example.com]:22 ${mine}`,
      expected: 'match',
    },
    {
      name: 'an explicit port 22, and the name negated',
      lines: `[example.com]:22,!example.com ${mine}`,
      expected: 'unknown',
    },
    { name: 'an explicit port 22, negated', lines: `[example.com]:22,![*]:22 ${mine}`, expected: 'unknown' },
    { name: 'a star with port 22', lines: `[*]:22 ${mine}`, expected: 'unknown' },
    { name: 'hashed, with port 22', lines: hashed(`[example.com]:22 ${mine}\n`), expected: 'unknown' },
    {
      name: 'hashed, followed by another name',
      lines: hashed(`example.com ${mine}\n`).replace(' ', ',!example.com '),
      expected: 'unknown',
    },
    { name: 'invalid base64', lines: `example.com ${mine.replace(/=+$/, '')}x`, expected: 'unknown' },
    {
      name: 'a carriage return inside a line',
      lines: `example.org ${other}\rexample.com ${mine}`,
      expected: 'unknown',
    },
    { name: 'a byte order mark', lines: `\uFEFFexample.com ${mine}`, expected: 'unknown' },
    { name: 'revoked', lines: `@revoked example.com ${mine}`, expected: 'revoked' },
    {
      name: 'known, and revoked for all hosts',
      lines: `example.com ${mine}\n@revoked * ${mine}`,
      expected: 'revoked',
    },
    {
      name: 'revoked without the port',
      lines: `[example.com]:2222 ${mine}\n@revoked example.com ${mine}`,
      port: 2222,
      expected: 'revoked',
    },
    {
      name: 'revoked for another host',
      lines: `example.com ${mine}\n@revoked example.org ${mine}`,
      expected: 'match',
    },
    { name: 'another key revoked', lines: `example.com ${mine}\n@revoked * ${other}`, expected: 'match' },
    { name: 'a certificate authority', lines: `@cert-authority *.com ${mine}`, expected: 'unknown' },
    { name: 'an unknown marker', lines: `@trusted example.com ${mine}`, expected: 'unknown' },
    {
      name: 'a type that differs from that in the key',
      lines: `example.com ssh-rsa ${mine.split(' ')[1]}`,
      expected: 'unknown',
    },
  ]
  for (const { name, lines, host = 'example.com', port = 22, expected } of table) {
    test(name, () => assert.equal(matchHostKey(lines, host, port, blob(mine)).verdict, expected))
  }

  test('returns the known keys, and the line numbers of certificate authorities', () => {
    const lines = `example.com ${other}\n@cert-authority * ${rsa}\nexample.com ${ecdsa}`
    const { known, authorities } = matchHostKey(lines, 'example.com', 22, blob(mine))
    assert.deepEqual(known, [blob(other), blob(ecdsa)])
    assert.deepEqual(authorities, [2])
  })

  test('fingerprint() agrees with ssh-keygen', () => {
    const { stdout } = spawnSync('ssh-keygen', ['-lf', path('mine.pub')], { encoding: 'utf8' })
    assert.equal(fingerprint(blob(mine)), stdout.split(' ')[1])
  })
})

test('knownKeyTypes', () => {
  const lines = `example.com ${rsa}\n@revoked * ${other}\n*.com ${ecdsa}\nexample.org ${mine}\nexample.com ${rsa}`
  assert.deepEqual(knownKeyTypes(lines, 'example.com', 22), ['ssh-rsa', 'ecdsa-sha2-nistp256'])
})

test('a key matches its own knownHostsLine', () => {
  for (const [host, port] of [
    ['example.com', 22],
    ['example.com', 2222],
    ['2001:db8::7', 2222],
  ] as const) {
    const line = knownHostsLine(host, port, blob(mine))
    assert.equal(matchHostKey(line, host, port, blob(mine)).verdict, 'match')
  }
})
