import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { Failure } from '../../../src/core/errors.ts'
import { connect } from '../../../src/ssh/connection.ts'
import { hardWord, sequence } from './shells.ts'
import { noSshd, notRoot, planFor, type Sshd, startSshd } from './sshd.ts'

const home = mkdtempSync(join(tmpdir(), 'slipway-homes-'))

const which = (name: string) =>
  spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).stdout.trim()

/** Login shells, and the startup file that each reads before a command. */
const shells: readonly { name: string; path: string; rc: string }[] = [
  { name: 'sh', path: '/bin/sh', rc: '.profile' },
  { name: 'bash', path: which('bash'), rc: '.bashrc' },
  { name: 'zsh', path: which('zsh'), rc: '.zshenv' },
  { name: 'fish', path: which('fish'), rc: '.config/fish/config.fish' },
  { name: 'tcsh', path: which('tcsh'), rc: '.tcshrc' },
  { name: 'ash', path: which('busybox') && join(home, 'bin', 'ash'), rc: '.profile' },
]

suite('login shells that print output, with any byte in an argument', {
  skip: noSshd || notRoot,
  concurrency: true,
}, () => {
  let sshd: Sshd
  before(async () => {
    mkdirSync(join(home, 'bin'))
    if (which('busybox')) symlinkSync(which('busybox'), join(home, 'bin', 'ash'))
    for (const { name, rc } of shells) {
      const file = join(home, name, rc)
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, 'echo "Welcome to this server"\necho "something is odd" 1>&2\n')
    }
    const users = [...shells, { name: 'nologin', path: '/usr/sbin/nologin' }]
    const passwd = users.map(({ name, path }) => `with-${name}:x:0:0::${join(home, name)}:${path}`).join('\n')
    const shadow = users.map(({ name }) => `with-${name}:*:19000:0:99999:7:::`).join('\n')
    sshd = await startSshd({ users: { passwd, shadow } })
  })
  after(async () => {
    await sshd[Symbol.asyncDispose]()
    rmSync(home, { recursive: true })
  })

  for (const { name, path } of shells) {
    test(name, { skip: path === '' && `needs ${name}` }, async () => {
      await using connection = await connect({ ...planFor(sshd), user: `with-${name}` })
      const pick = sequence(randomBytes(4).readUInt32BE())
      const words = Array.from({ length: 80 }, () => hardWord(pick))
      const bytes = randomBytes(5000)
      const { code, stdout, stderr } = await connection.run({
        file: 'sh',
        args: ['-c', 'printf "%s\\0" "$@" "$WORD"; od -An -v -tx1; echo bad >&2; exit 5', 'sh', ...words],
        env: { WORD: words.join('') },
        stdin: bytes,
      })
      const parts = stdout.split('\0')
      assert.deepEqual(parts.slice(0, -1), [...words, words.join('')])
      assert.equal(parts.at(-1)?.replace(/\s/g, ''), bytes.toString('hex'))
      assert.deepEqual({ code, stderr }, { code: 5, stderr: 'bad\n' })
    })
  }

  test('nologin', async () => {
    await using connection = await connect({ ...planFor(sshd), user: 'with-nologin' })
    await assert.rejects(connection.run({ file: 'true', args: [] }), (error: unknown) => {
      assert.ok(error instanceof Failure)
      assert.match(error.problems[0]?.output ?? '', /not available/)
      return true
    })
  })
})
