import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import ssh2 from 'ssh2'
import { openKey, type UsableKey } from '../../../src/ssh/key.ts'
import { isProblem } from '../../../src/ssh/key-text.ts'

const directory = mkdtempSync(join(tmpdir(), 'slipway-keys-'))
const path = (name: string) => join(directory, name)
const read = (name: string) => readFileSync(path(name), 'utf8')

function run(file: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', cwd: directory })
  assert.equal(status, 0, `${file} ${args.join(' ')}: ${stderr}`)
  return stdout
}

/** Generates a key file with ssh-keygen. */
const keygen = (name: string, ...args: string[]) =>
  run('ssh-keygen', '-q', '-f', path(name), ...(args.includes('-N') ? [] : ['-N', '']), ...args)

/** Returns the public key as ssh-keygen prints it, which is the expected value. */
const publicOf = (name: string, passphrase = '') => {
  run('chmod', '600', path(name))
  return run('ssh-keygen', '-y', '-P', passphrase, '-f', path(name)).split(' ').slice(0, 2).join(' ')
}

async function opened(text: string, passphrase?: string): Promise<UsableKey> {
  const key = await openKey(text, passphrase)
  assert.ok(!isProblem(key), JSON.stringify(key))
  return key
}

/** Asserts that ssh2 reads the private key, and that its signatures verify with the expected public key. */
async function assertUsable(text: string, expected: string, passphrase?: string) {
  const key = await opened(text, passphrase)
  const type = expected.split(' ')[0]
  assert.equal(`${type} ${key.publicKey.toString('base64')}`, expected)
  const ours = ssh2.utils.parseKey(key.privateKey)
  const theirs = ssh2.utils.parseKey(expected)
  assert.ok(!(ours instanceof Error), String(ours))
  assert.ok(!(theirs instanceof Error), String(theirs))
  const content = randomBytes(100)
  assert.equal(theirs.verify(content, ours.sign(content)), true)
}

suite('private keys of every type, format and cipher', () => {
  before(() => {
    keygen('ed25519', '-t', 'ed25519')
    keygen('rsa', '-t', 'rsa', '-b', '2048')
    for (const bits of ['256', '384', '521']) keygen(`ecdsa${bits}`, '-t', 'ecdsa', '-b', bits)
  })
  after(() => rmSync(directory, { recursive: true }))

  test('one wrong character of an unencrypted key: usable or a problem, never an error', async () => {
    const lines = read('ed25519').trim().split('\n')
    const body = lines.slice(1, -1).join('')
    let problems = 0
    for (let at = 0; at < body.length; at++) {
      const wrong = body[at] === 'A' ? 'B' : 'A'
      const text = [lines[0], body.slice(0, at) + wrong + body.slice(at + 1), lines.at(-1), ''].join('\n')
      const key = await openKey(text)
      if (isProblem(key)) problems += 1
      else assert.ok(!(ssh2.utils.parseKey(key.privateKey) instanceof Error), `character ${at}`)
    }
    assert.ok(problems > 0)
  })

  for (const name of ['ed25519', 'rsa', 'ecdsa256', 'ecdsa384', 'ecdsa521']) {
    test(`${name} from ssh-keygen`, () => assertUsable(read(name), publicOf(name)))
  }

  const ciphers = [
    'aes256-ctr',
    'aes128-cbc',
    '3des-cbc',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
  ]
  for (const cipher of ciphers) {
    test(`encrypted with ${cipher} by ssh-keygen`, async () => {
      const name = `encrypted-${cipher}`
      keygen(name, '-t', 'ed25519', '-N', 'pass word é', '-Z', cipher, '-a', '2')
      await assertUsable(read(name), publicOf(name, 'pass word é'), 'pass word é')
      const wrong = await openKey(read(name), 'another')
      assert.ok(isProblem(wrong))
      assert.equal(wrong.input, 'ssh-passphrase')
    })
  }

  const pems = [
    { name: 'PKCS#1', source: 'rsa', args: ['-m', 'PEM'], begins: 'RSA PRIVATE KEY' },
    { name: 'SEC 1', source: 'ecdsa384', args: ['-m', 'PEM'], begins: 'EC PRIVATE KEY' },
    { name: 'PKCS#8 with RSA', source: 'rsa', args: ['-m', 'PKCS8'], begins: 'PRIVATE KEY' },
    { name: 'PKCS#8 with ECDSA', source: 'ecdsa521', args: ['-m', 'PKCS8'], begins: 'PRIVATE KEY' },
  ]
  for (const { name, source, args, begins } of pems) {
    for (const passphrase of ['', 'geheim']) {
      test(`${name}${passphrase === '' ? '' : ', encrypted'}`, async () => {
        const copy = `${name}${passphrase}`.replaceAll(/\W/g, '')
        run('cp', path(source), path(copy))
        run('ssh-keygen', '-q', '-p', '-P', '', '-N', passphrase, ...args, '-f', path(copy))
        assert.match(read(copy), new RegExp(`BEGIN (ENCRYPTED )?${begins}`))
        await assertUsable(read(copy), publicOf(source), passphrase)
        if (passphrase === '') return
        for (const wrong of ['', 'falsch']) {
          const problem = await openKey(read(copy), wrong)
          assert.ok(isProblem(problem))
          assert.equal(problem.input, 'ssh-passphrase')
        }
      })
    }
  }

  const fromOpenssl = [
    { name: 'Ed25519, PKCS#8', make: ['genpkey', '-algorithm', 'ed25519'] },
    { name: 'P-256, PKCS#8', make: ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'] },
    { name: 'P-256, preceded by its parameters', make: ['ecparam', '-name', 'prime256v1', '-genkey'] },
    { name: 'RSA, PKCS#8', make: ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] },
  ]
  for (const { name, make } of fromOpenssl) {
    test(`${name} from openssl`, async () => {
      const text = run('openssl', ...make)
      const key = await opened(text)
      const ours = ssh2.utils.parseKey(key.privateKey)
      assert.ok(!(ours instanceof Error), String(ours))
      assert.deepEqual(ours.getPublicSSH(), key.publicKey)
      const encrypted = spawnSync(
        'openssl',
        ['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', 'pass:x y'],
        {
          input: text,
          encoding: 'utf8',
        },
      ).stdout
      assert.match(encrypted, /BEGIN ENCRYPTED PRIVATE KEY/)
      assert.deepEqual((await opened(encrypted, 'x y')).publicKey, key.publicKey)
    })
  }

  test('ssh-keygen reads the key that openKey writes', async () => {
    const { privateKey } = await opened(run('openssl', 'genpkey', '-algorithm', 'ed25519'))
    writeFileSync(path('rewritten'), privateKey)
    assert.match(publicOf('rewritten'), /^ssh-ed25519 /)
  })
})

suite('repairing the layout of a private key', () => {
  const made = mkdtempSync(join(tmpdir(), 'slipway-shapes-'))
  const make = (...args: string[]) => {
    const file = join(made, randomBytes(8).toString('hex'))
    spawnSync('ssh-keygen', ['-q', '-f', file, ...args])
    return {
      text: readFileSync(file, 'utf8'),
      pub: readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' '),
    }
  }
  const keys = {
    openssh: { ...make('-t', 'ed25519', '-N', ''), passphrase: '' },
    'encrypted PEM': {
      ...make('-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', 'geheim'),
      passphrase: 'geheim',
    },
  }
  after(() => rmSync(made, { recursive: true }))

  const shapes: readonly { name: string; of: (text: string) => string }[] = [
    { name: 'unchanged', of: text => text },
    { name: 'CRLF', of: text => text.replaceAll('\n', '\r\n') },
    { name: 'only CR', of: text => text.replaceAll('\n', '\r') },
    { name: 'a byte order mark', of: text => `\uFEFF${text}` },
    { name: 'no newline at the end', of: text => text.trimEnd() },
    { name: 'blank lines around and between', of: text => `\n\n${text.replaceAll('\n', '\n\n')}\n` },
    { name: 'indented', of: text => text.replaceAll(/^/gm, '      ') },
    { name: 'trailing spaces', of: text => text.replaceAll('\n', '  \n') },
    { name: 'literal \\n', of: text => text.replaceAll('\n', '\\n') },
    { name: 'literal \\r\\n', of: text => text.replaceAll('\n', '\\r\\n') },
    { name: 'spaces for newlines', of: text => text.replaceAll('\n', ' ') },
    { name: 'no newlines at all', of: text => text.replaceAll(/\n(?!\n|DEK|Proc)/g, '') },
    { name: 'in double quotes', of: text => `"${text}"` },
    { name: 'in single quotes, with \\n', of: text => `'${text.replaceAll('\n', '\\n')}'` },
    { name: 'in base64', of: text => Buffer.from(text).toString('base64') },
    {
      name: 'in base64, in lines of 76',
      of: text => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n'),
    },
    { name: 'in base64, with CRLF inside', of: text => btoa(text.replaceAll('\n', '\r\n')) },
    { name: 'a comment before it', of: text => `# the deploy key\n${text}` },
  ]
  for (const [kind, { text, pub, passphrase }] of Object.entries(keys)) {
    for (const { name, of } of shapes) {
      // Without newlines, the headers of a PEM cannot be separated from its base64.
      if (kind !== 'openssh' && name === 'no newlines at all') continue
      test(`${kind}: ${name}`, () => assertUsable(of(text), pub, passphrase))
    }
  }
  test('openssh: without the first and the last line', () =>
    assertUsable(keys.openssh.text.replace(/-----.*-----/g, ''), keys.openssh.pub))
})

suite('a text that is not a usable private key is named in the error', () => {
  const made = mkdtempSync(join(tmpdir(), 'slipway-no-keys-'))
  after(() => rmSync(made, { recursive: true }))
  const file = (name: string) => join(made, name)
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('ed25519')])
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'geheim', '-f', file('locked')])
  spawnSync('ssh-keygen', ['-q', '-s', file('ed25519'), '-I', 'x', file('ed25519.pub')])
  const text = (name: string) => readFileSync(file(name), 'utf8')
  const openssl = (...args: string[]) => spawnSync('openssl', args, { encoding: 'utf8' }).stdout
  const dsa = () => openssl('genpkey', '-paramfile', file('dsa.param'))

  const table: readonly { name: string; key: () => string; expected: RegExp }[] = [
    { name: 'a public key', key: () => text('ed25519.pub'), expected: /is a public key/ },
    {
      name: 'a public key as PEM',
      key: () => '-----BEGIN PUBLIC KEY-----\nAAAA\n',
      expected: /is a public key/,
    },
    { name: 'a certificate', key: () => text('ed25519-cert.pub'), expected: /is a certificate/ },
    { name: 'a path', key: () => '~/.ssh/id_ed25519', expected: /is a path/ },
    { name: 'something else', key: () => 'hunter2', expected: /is not a private key/ },
    { name: 'only a first line', key: () => '-----BEGIN OPENSSH PRIVATE KEY-----', expected: /ends before/ },
    {
      name: 'a truncated key',
      key: () => text('ed25519').slice(0, 200),
      expected: /ends before its `-----END`/,
    },
    {
      name: 'a key with a missing line',
      key: () => text('ed25519').split('\n').toSpliced(2, 2).join('\n'),
      expected: /is damaged/,
    },
    { name: 'a masked key', key: () => text('ed25519').replace(/\n.*\n/, '\n***\n'), expected: /no key has/ },
    {
      name: 'an encrypted key',
      key: () => text('locked'),
      expected: /is encrypted and `ssh-passphrase` is empty/,
    },
    {
      name: 'a curve that SSH does not use',
      key: () => openssl('ecparam', '-name', 'secp256k1', '-genkey', '-noout'),
      expected: /secp256k1, which SSH does not use/,
    },
    {
      name: 'Ed448',
      key: () => openssl('genpkey', '-algorithm', 'ed448'),
      expected: /ed448, which SSH does not use/,
    },
    {
      name: 'DSA',
      key() {
        openssl('dsaparam', '-out', file('dsa.param'), '1024')
        return openssl('gendsa', file('dsa.param'))
      },
      expected: /DSA key|dsa, which SSH/,
    },
    { name: 'DSA as PKCS#8', key: dsa, expected: /dsa, which SSH does not use/ },
  ]
  for (const { name, key, expected } of table) {
    test(name, async () => {
      const problem = await openKey(key())
      assert.ok(isProblem(problem), 'the text was accepted as a key')
      assert.match(problem.cause, expected)
      assert.ok(problem.remedy)
      assert.doesNotMatch(JSON.stringify(problem), /hunter2|id_ed25519|b3BlbnNz/)
    })
  }

  const puttygen = existsSync('/usr/bin/puttygen') ? false : 'needs puttygen: apt-get install putty-tools'
  test('a PuTTY key', { skip: puttygen }, async () => {
    spawnSync('puttygen', [file('ed25519'), '-o', file('putty.ppk'), '-O', 'private'])
    const problem = await openKey(text('putty.ppk'))
    assert.ok(isProblem(problem))
    assert.match(problem.cause, /is a PuTTY key/)
    assert.match(problem.remedy ?? '', /puttygen/)
  })
})
