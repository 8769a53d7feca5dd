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

suite('the set-up leaves no private key behind', () => {
  /**
   * Runs the commands in a work tree, with doubles of ssh and gh; `fails` is the call of ssh that ends with an error.
   */
  const setUp = (fails: number) => {
    const place = mkdtempSync(join(tmpdir(), 'slipway-set-up-'))
    const bin = join(place, 'bin')
    for (const name of ['bin', 'tree', 'tmp']) mkdirSync(join(place, name))
    const double = (name: string, text: string) =>
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    double('ssh', `cat >/dev/null; echo call >>${place}/calls; [ "$(wc -l <${place}/calls)" -ne ${fails} ]`)
    double('gh', `[ "$1" = variable ] || cat >${place}/secret`)
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

test('both languages give the same to paste', () => {
  const { workflow, commands } = readBlocks(english)
  const other = readBlocks(chinese)
  assert.equal(other.workflow, workflow)
  assert.equal(other.commands, commands)
})
