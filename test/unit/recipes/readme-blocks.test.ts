import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { readBlocks } from '../../recipes/readme-blocks.ts'

const english = readFileSync('README.md', 'utf8')
const chinese = readFileSync('.github/README.zh-CN.md', 'utf8')

for (const [path, readme] of Object.entries({ 'README.md': english, '.github/README.zh-CN.md': chinese })) {
  test(`${path} is under 15 kB`, () => {
    assert.ok(Buffer.byteLength(readme) < 15_000, `${Buffer.byteLength(readme)} bytes`)
  })

  test(`${path} has the promise and a whole workflow on its first screen`, () => {
    const before = readme.slice(0, readme.indexOf('\n```yaml\n')).split('\n')
    assert.ok(before.length <= 12, `${before.length} lines before the workflow`)
    assert.ok(readBlocks(readme).workflow.trimEnd().split('\n').length <= 26)
  })

  test(`the set-up in ${path} stops at the first error`, () => {
    assert.match(readBlocks(readme).commands, /^\(set -e\n[\s\S]* sh -es [\s\S]*\)\n$/)
  })
}

/** Makes a directory with a work tree, a temporary directory, and doubles of commands. */
function makePlace() {
  const path = mkdtempSync(join(tmpdir(), 'slipway-set-up-'))
  const bin = join(path, 'bin')
  for (const name of ['bin', 'tree', 'tmp']) mkdirSync(join(path, name))
  const double = (name: string, text: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  return { path, bin, double }
}

suite('the set-up leaves no private key behind', () => {
  /**
   * Runs the commands in a work tree, with doubles of ssh and gh; `fails` is the call of ssh that ends with an error.
   */
  const setUp = (fails: number) => {
    const { path: place, bin, double } = makePlace()
    double('ssh', `cat >/dev/null; echo call >>${place}/calls; [ "$(wc -l <${place}/calls)" -ne ${fails} ]`)
    double('gh', `case $1 in repo) echo octo/app ;; secret) cat >${place}/secret ;; esac`)
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, TMPDIR: join(place, 'tmp') }
    const { status } = spawnSync('bash', ['-c', readBlocks(english).commands], {
      cwd: join(place, 'tree'),
      env,
    })
    const left = [...readdirSync(join(place, 'tree')), ...readdirSync(join(place, 'tmp'))]
    const secret = existsSync(join(place, 'secret')) ? readFileSync(join(place, 'secret'), 'utf8') : undefined
    rmSync(place, { recursive: true })
    return { status, left, secret }
  }

  test('when all goes well', () => {
    const { status, left, secret } = setUp(0)
    assert.deepEqual([status, left], [0, []])
    assert.match(secret ?? '', /^-----BEGIN OPENSSH PRIVATE KEY-----\n/)
  })

  test('when the server cannot be reached', () => {
    const { status, left, secret } = setUp(1)
    assert.notEqual(status, 0)
    assert.deepEqual([left, secret], [[], undefined])
  })
})

suite("the set-up replaces only the repository's own earlier key", () => {
  interface Repository {
    readonly name: string
    /** The directory of the clone. */
    readonly clone: string
  }
  const app: Repository = { name: 'octo/app', clone: 'app' }
  const table: readonly { name: string; input: readonly Repository[]; expected: number }[] = [
    { name: 'the same repository twice', input: [app, app], expected: 1 },
    { name: 'the same repository in two clones', input: [app, { ...app, clone: 'copy' }], expected: 1 },
    { name: 'a clone with the same name', input: [app, { ...app, name: 'acme/app' }], expected: 2 },
    {
      name: 'a clone whose name ends the same',
      input: [app, { name: 'octo/my', clone: 'my app' }],
      expected: 2,
    },
    {
      name: 'a name that matches as a regular expression',
      input: [
        { name: 'octo/my-app', clone: 'my-app' },
        { name: 'octo/my.app', clone: 'my.app' },
      ],
      expected: 2,
    },
  ]
  const others = ['# keys', 'ssh-ed25519 AAAA admin', 'no-pty ssh-ed25519 BBBB my app', '']

  for (const { name, input, expected } of table)
    test(name, () => {
      const { path, bin, double } = makePlace()
      const keys = join(path, 'deploy/.ssh/authorized_keys')
      mkdirSync(join(path, 'deploy/.ssh'), { recursive: true })
      writeFileSync(keys, `${others.join('\n')}\n`)
      double('ssh', 'shift; case $1 in sh) exec dash -c "$*" ;; esac')
      double('gh', '[ "$1" = repo ] && echo "$REPOSITORY" || cat >/dev/null')
      double('install', 'for last; do :; done; mkdir -p "$last"')
      for (const tool of ['docker', 'id', 'usermod', 'chown']) double(tool, '')
      const commands = readBlocks(english)
        .commands.replaceAll('~deploy', join(path, 'deploy'))
        .replaceAll('/srv/app', join(path, 'app'))
      for (const repository of input) {
        const cwd = join(path, 'tree', repository.clone)
        mkdirSync(cwd, { recursive: true })
        const env = {
          ...process.env,
          PATH: `${bin}:${process.env['PATH'] ?? ''}`,
          REPOSITORY: repository.name,
        }
        const { status, stderr } = spawnSync('bash', ['-c', commands], { cwd, env, encoding: 'utf8' })
        assert.equal(status, 0, stderr)
      }
      const lines = readFileSync(keys, 'utf8').trimEnd().split('\n')
      rmSync(path, { recursive: true })
      assert.deepEqual([lines.slice(0, others.length), lines.length - others.length], [others, expected])
    })
})

test('both languages give the same to paste', () => {
  const { workflow, commands } = readBlocks(english)
  const other = readBlocks(chinese)
  assert.equal(other.workflow, workflow)
  assert.equal(other.commands, commands)
})
