/**
 * Compares the verdict on random known_hosts files with that of OpenSSH's ssh. Slipway must accept no key that ssh
 * refuses. The only exception is a literal `[host]:22`.
 */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createHmac, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import ssh2 from 'ssh2'
import { matchHostKey } from '../../../src/ssh/known-hosts.ts'
import { sequence } from './shells.ts'

const files = 500
const workers = 6
const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))

const keyPair = (type: 'ed25519' | 'ecdsa') => {
  const pair =
    type === 'ecdsa'
      ? ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
      : ssh2.utils.generateKeyPairSync('ed25519')
  return { private: pair.private, line: pair.public.split(' ').slice(0, 2).join(' ') }
}
const [mine, other, ecdsa] = [keyPair('ed25519'), keyPair('ed25519'), keyPair('ecdsa')] as const
const blob = Buffer.from(mine.line.split(' ')[1] ?? '', 'base64')

const hosts = ['example.com', 'a', '10.0.0.2', '2001:db8::7'] as const
const ports = [22, 22, 2222] as const

interface Case {
  readonly host: string
  readonly port: number
  readonly text: string
}

function generate(pick: (below: number) => number): Case {
  const of = <T>(list: readonly T[]): T => list[pick(list.length)] as T
  const rarely = (list: readonly string[]): string => (pick(6) === 0 ? of(list) : '')
  const host = of(hosts)
  const port = of(ports)
  const hash = (name: string) => {
    const salt = Buffer.from(Array.from({ length: pick(8) === 0 ? 19 : 20 }, () => pick(256)))
    return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
  }
  const name = (): string =>
    of([
      () => host,
      () => host,
      () => `[${host}]:${port}`,
      () => `[${host}]:22`,
      () => of(hosts),
      () => host.toUpperCase(),
      () => '*',
      () => `*${host.slice(1)}`,
      () => `${host.slice(0, -1)}?`,
      () => `[*]:${port}`,
      () => `[${host.slice(0, -1)}?]:*`,
      () => `${host}.`,
      () => '',
    ])()
  const names = (): string => {
    if (pick(5) === 0) {
      const hashed = hash(of([host, host, `[${host}]:${port}`, `[${host}]:22`, host.toUpperCase()]))
      return hashed + of(['', '', '', ',x', `,!${host}`, '|', '=', ' '])
    }
    return Array.from({ length: 1 + pick(3) }, () => (pick(5) === 0 ? '!' : '') + name()).join(',')
  }
  const key = (): string => {
    const line = of([mine, mine, mine, mine, other, ecdsa]).line
    return of([
      ...Array.from({ length: 24 }, () => () => line),
      () => line.slice(0, -1),
      () => `${line}=`,
      () => `${line}x`,
      () => line.replace(' ', '  '),
      () => line.replace(/^\S+/, 'ssh-rsa'),
      () => line.replace('AAAA', 'AAAA\r'),
    ])()
  }
  const line = () =>
    rarely(['\t', ' ', '\v', '\uFEFF', '#']) +
    rarely(['@revoked ', '@revoked ', '@cert-authority ', '@other ', '@revoked @revoked ']) +
    names() +
    (rarely(['\t', '  ', '\u00a0']) || ' ') +
    key() +
    rarely([' root@host', '\r', ' \r', '\rexample.org'])
  const text = `${Array.from({ length: 1 + pick(3) }, line).join(rarely(['\r\n', '\r']) || '\n')}\n`
  return { host, port, text }
}

/** Returns whether ssh accepts the host key. It connects to a server that rejects every login. */
function askSsh({ host, port }: Case, file: string, serverPort: number): Promise<'accepted' | 'refused'> {
  const proxy = `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${serverPort}; cat <&3 & trap "kill $!" EXIT HUP; cat >&3' 2>/dev/null`
  const options = [
    ['StrictHostKeyChecking', 'yes'],
    ['UserKnownHostsFile', file],
    ['GlobalKnownHostsFile', '/dev/null'],
    ['HostKeyAlgorithms', 'ssh-ed25519'],
    ['KexAlgorithms', 'curve25519-sha256'],
    ['PreferredAuthentications', 'password'],
    ['BatchMode', 'yes'],
    ['CheckHostIP', 'no'],
    ['UpdateHostKeys', 'no'],
    ['ProxyCommand', proxy],
  ].flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const { promise, resolve, reject } = Promise.withResolvers<'accepted' | 'refused'>()
  execFile(
    'ssh',
    ['-F', 'none', ...options, '-p', String(port), '-l', 'x', '--', host, 'true'],
    { timeout: 20_000 },
    (_error, _stdout, stderr) => {
      if (/Permission denied|Connection closed|Disconnected/i.test(stderr)) resolve('accepted')
      else if (/Host key verification failed/.test(stderr)) resolve('refused')
      else reject(new Error(`unexpected output of ssh: ${stderr}`))
    },
  )
  return promise
}

/** Returns the file without the lines that contain a literal `[host]:22`. */
const withoutAlias = ({ host, text }: Case): string =>
  text
    .split('\n')
    .filter(line => !line.toLowerCase().includes(`[${host}]:22`))
    .join('\n')

const noSsh = spawnSync('ssh', ['-V']).status === 0 ? false : 'needs ssh: apt-get install openssh-client'

test(`${files} random files, compared with ssh, seed ${seed}`, { skip: noSsh }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-known-hosts-'))
  const clients = new Set<ssh2.Connection>()
  const server = new ssh2.Server({ hostKeys: [mine.private] }, client => {
    clients.add(client)
    client
      .on('authentication', context => {
        context.reject(['publickey'])
        client.end()
      })
      .on('error', () => {})
      .on('close', () => clients.delete(client))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const pick = sequence(seed)
  const cases = Array.from({ length: files }, () => generate(pick))
  const count = { accepted: 0, alias: 0, stricter: 0 }
  const work = async (worker: number) => {
    for (let index = worker; index < cases.length; index += workers) {
      const one = cases[index] as Case
      const file = join(directory, `hosts-${worker}`)
      writeFileSync(file, one.text)
      const theirs = await askSsh(one, file, port)
      const ours = matchHostKey(one.text, one.host, one.port, blob).verdict === 'match'
      const what = `${JSON.stringify(one)} (SEED=${seed})`
      if (theirs === 'accepted') count.accepted += 1
      if (ours && theirs === 'refused') {
        assert.equal(one.port, 22, `we accept a key that ssh refuses: ${what}`)
        const rest = matchHostKey(withoutAlias(one), one.host, 22, blob).verdict
        assert.notEqual(rest, 'match', `we accept a key that ssh refuses: ${what}`)
        count.alias += 1
      }
      if (!ours && theirs === 'accepted') {
        count.stricter += 1
        if (process.env['SEED'] !== undefined) console.log(`ssh accepts, we do not: ${what}`)
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  } finally {
    server.close()
    for (const client of clients) client.end()
    rmSync(directory, { recursive: true })
  }
  console.log(`seed ${seed}: ${JSON.stringify(count)}`)
  assert.ok(count.accepted > files / 10, 'too few of the files match to prove anything')
  assert.ok(count.stricter <= count.accepted / 20, 'we refuse too many keys that ssh accepts')
})
