/** The release of the action: the tags that move, the owner in all files, and a rehearsal of the whole process. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, suite, test } from 'node:test'

const unsigned = ['-c', 'commit.gpgsign=false', '-c', 'tag.gpgsign=false']
const moves = resolve('.ci/moves')

suite('a release moves the tags of its line', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'slipway-tags-'))
  after(() => rmSync(cwd, { recursive: true }))
  const git = (...args: readonly string[]) =>
    execFileSync('git', [...unsigned, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd })
  git('init', '--quiet')
  git('commit', '--quiet', '--allow-empty', '--message', 'one')
  for (const tag of ['v1', 'v1.2', 'v1.2.3', 'v1.2.4', 'v1.10.0', 'v2.0.0', 'v2.1.0-rc.1']) git('tag', tag)

  const table: readonly { readonly tag: string; readonly expected: readonly string[] }[] = [
    { tag: 'v1.10.0', expected: ['v1', 'v1.10'] },
    { tag: 'v1.2.4', expected: ['v1.2'] },
    { tag: 'v1.2.3', expected: [] },
    { tag: 'v2.0.0', expected: ['v2', 'v2.0'] },
    { tag: 'v2.1.0-rc.1', expected: [] },
  ]
  for (const { tag, expected } of table)
    test(`${tag}: ${expected.join(' and ') || 'none'}`, () => {
      const output = execFileSync('bash', [moves, tag], { cwd, stdio: ['ignore', 'pipe', 'ignore'] })
      assert.deepEqual(String(output).split('\n').filter(Boolean), expected)
    })
})

test('every page and recipe names the owner of package.json', () => {
  const { repository } = JSON.parse(readFileSync('package.json', 'utf8')) as { repository: string }
  const owner = repository.replace(/^github:(.+)\/slipway$/, '$1')
  const pages = execFileSync('git', ['ls-files', '-z', 'README.md', '.github', '.ci/readme'], {
    encoding: 'utf8',
  })
  const others = pages
    .split('\0')
    .filter(path => /\.(md|ya?ml|ts)$/.test(path))
    .flatMap(path =>
      [...readFileSync(path, 'utf8').matchAll(/(?:uses: |github\.com\/|\/v\/release\/)([\w-]+)\/slipway\b/g)]
        .filter(([, name]) => name !== owner)
        .map(([text]) => `${path}: ${text}`),
    )
  assert.deepEqual(others, [])
})

test('a release is rehearsed: owner, version, changelog, fresh dist, tags', () => {
  const output = execFileSync('bash', ['.ci/rehearse', '99.1.0'], { encoding: 'utf8' })
  assert.match(
    output,
    /^Would move v99 to v99\.1\.0\.\nWould move v99\.1 to v99\.1\.0\.\nWould release v99\.1\.0, with \d+ lines/m,
  )
})
