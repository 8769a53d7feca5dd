import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import { archive } from '../../../src/payload/archive.ts'
import { findFiles } from '../../../src/payload/files.ts'

const workspace = mkdtempSync(join(tmpdir(), 'slipway-files-'))
after(() => rmSync(workspace, { recursive: true }))

const long = `${'deep/'.repeat(30)}name`
for (const path of [
  'compose.yaml',
  'conf/a.yaml',
  'conf/b.txt',
  'conf/sub/c.yaml',
  '.git/config',
  'conf/.hidden',
  long,
]) {
  mkdirSync(dirname(join(workspace, path)), { recursive: true })
  writeFileSync(join(workspace, path), `${path}\n`)
}
chmodSync(join(workspace, 'conf/b.txt'), 0o755)
symlinkSync('/etc/passwd', join(workspace, 'way-out'))
symlinkSync('compose.yaml', join(workspace, 'linked.yaml'))
symlinkSync('.git/config', join(workspace, 'git-config'))
symlinkSync('.git', join(workspace, 'git-link'))

describe('lines of `files`', () => {
  const table = [
    { line: 'compose.yaml', expected: ['compose.yaml'] },
    { line: './compose.yaml -> app/compose.yaml', expected: ['app/compose.yaml'] },
    { line: 'compose.yaml -> app/', expected: ['app/compose.yaml'] },
    { line: 'conf', expected: ['conf/.hidden', 'conf/a.yaml', 'conf/b.txt', 'conf/sub/c.yaml'] },
    { line: 'conf -> etc', expected: ['etc/.hidden', 'etc/a.yaml', 'etc/b.txt', 'etc/sub/c.yaml'] },
    { line: 'conf/ -> .', expected: ['.hidden', 'a.yaml', 'b.txt', 'sub/c.yaml'] },
    { line: 'conf/*.yaml -> etc', expected: ['etc/a.yaml'] },
    { line: 'conf/**/*.yaml -> etc', expected: ['etc/a.yaml', 'etc/sub/c.yaml'] },
    { line: 'linked.yaml', expected: ['linked.yaml'] },
    { line: 'conf/@(sub|other)/c.yaml -> etc', expected: ['etc/sub/c.yaml'] },
    { line: 'conf/{sub,other}/c.yaml -> etc', expected: ['etc/sub/c.yaml'] },
  ]
  for (const { line, expected } of table) {
    it(line, async () => {
      const findings = noFindings()
      const found = await findFiles(line, workspace, findings)
      assert.deepEqual([found.map(({ remote }) => remote), findings.problems], [expected, []])
    })
  }

  const wrong = [
    { line: '../other', cause: /leaves the workspace/ },
    { line: '/etc/passwd', cause: /leaves the workspace/ },
    { line: 'compose.yaml -> ../x', cause: /leaves the workspace/ },
    { line: 'compose.yaml -> /etc/x', cause: /leaves the workspace/ },
    { line: 'compose.yaml -> a/../../x', cause: /leaves the workspace/ },
    { line: 'compose.yaml -> .slipway/x', cause: /leaves the workspace/ },
    { line: 'way-out', cause: /leaves the workspace/ },
    { line: 'missing', cause: /no such file/ },
    { line: '.git', cause: /no such file/ },
    { line: '.git/config', cause: /in `\.git`: that may hold tokens/ },
    { line: 'git-config', cause: /in `\.git`: that may hold tokens/ },
    { line: 'git-link', cause: /no such file/ },
    { line: '*.nothing', cause: /no such file/ },
    { line: 'compose.yaml -> x\nconf/a.yaml -> x', cause: /uploads both/ },
    { line: 'compose.yaml -> x\nconf/a.yaml -> x/y', cause: /as a file, and/ },
    { line: 'compose.yaml -> x\nconf -> x/y/z', cause: /`x` as a file, and `x\/y\/z\/.hidden` into it/ },
  ]
  for (const { line, cause } of wrong) {
    it(`rejects ${JSON.stringify(line)}`, async () => {
      const findings = noFindings()
      await findFiles(line, workspace, findings)
      assert.match(findings.problems[0]?.cause ?? 'nothing', cause)
      assert.equal(findings.problems.length, 1)
    })
  }
})

it('reports a file that is gone when it is uploaded', async () => {
  for (const size of [1, 1024 * 1024]) {
    const content = { path: join(workspace, 'gone'), size }
    const reading = archive([{ name: 'gone', mode: 0o644, content }], 'deploy')
    await assert.rejects(text(reading), /gone can no longer be read \(ENOENT\)/)
  }
})

it('rejects a name that is not UTF-8, which Node cannot open', async () => {
  const place = mkdtempSync(join(tmpdir(), 'slipway-latin-'))
  try {
    writeFileSync(Buffer.concat([Buffer.from(join(place, 'caf')), Buffer.from([0xe9])]), '')
    writeFileSync(join(place, 'good'), '')
    const findings = noFindings()
    const found = await findFiles('.\ngood', place, findings)
    assert.match(
      findings.problems[0]?.cause ?? 'nothing',
      /`files` has `\.`, but .* cannot be read \(ENOENT\)/,
    )
    assert.deepEqual([findings.problems.length, found.map(({ remote }) => remote)], [1, ['good']])
  } finally {
    rmSync(place, { recursive: true })
  }
})

describe('directories that a line of `files` matches, and links in them', () => {
  const place = mkdtempSync(join(tmpdir(), 'slipway-links-'))
  after(() => rmSync(place, { recursive: true }))
  for (const path of [
    'conf/a',
    'conf/.hidden',
    'conf/sub/b',
    'conf/sub/.hidden',
    'conf/sub/deep/c',
    'conf/sub/.git/config',
    'loop/a',
    'cross/one/a',
    'cross/two/b',
    'to/a',
  ]) {
    mkdirSync(dirname(join(place, path)), { recursive: true })
    writeFileSync(join(place, path), `${path}\n`)
  }
  for (const [path, target] of [
    ['loop/me', '.'],
    ['cross/one/other', '../two'],
    ['cross/two/other', '../one'],
    ['self', 'self'],
    ['out', workspace],
    ['to/deep', '../conf/sub/deep'],
    ['to/gone', 'nowhere'],
  ] as const)
    symlinkSync(target, join(place, path))

  const sub = ['sub/.hidden', 'sub/b', 'sub/deep/c']
  const table = [
    { line: 'conf/*', files: ['conf/a', ...sub.map(name => `conf/${name}`)] },
    { line: 'conf/* -> etc', files: ['etc/a', ...sub.map(name => `etc/${name}`)] },
    { line: 'conf/s*', files: sub.map(name => `conf/${name}`) },
    { line: 'c*/{sub,sub/deep}', files: sub.map(name => `conf/${name}`) },
    { line: 'conf/*\nconf/sub', files: ['conf/a', ...sub.map(name => `conf/${name}`)] },
    { line: 'conf/**', files: ['conf/a', 'conf/sub/b', 'conf/sub/deep/c'] },
    { line: 'conf/**/*', files: ['conf/a', 'conf/sub/b', 'conf/sub/deep/c'] },
    { line: 'conf/**/deep', files: ['conf/sub/deep/c'] },
    { line: 'to', files: ['to/a', 'to/deep/c'] },
    { line: 'to/*', files: ['to/a', 'to/deep/c'] },
    { line: 'to/deep -> .', files: ['c'] },
    { line: 'loop/**', files: ['loop/a'] },
    { line: 'loop', files: ['loop/a'], refused: ['has `loop/me`, a symbolic link that points back'] },
    {
      line: 'loop/me',
      files: ['loop/me/a'],
      refused: ['has `loop/me/me`, a symbolic link that points back'],
    },
    {
      line: 'cross/one',
      files: ['cross/one/a', 'cross/one/other/b'],
      refused: ['has `cross/one/other/other`, a symbolic link that points back'],
    },
    { line: 'self', files: [], refused: ['has `self`, a symbolic link that points back'] },
    { line: 'sel*', files: [], refused: ['has `self`, a symbolic link that points back'] },
    { line: 'out', files: [], refused: ['has `out`, whose path leaves the workspace'] },
    { line: 'ou*', files: [], refused: ['has `out`, whose path leaves the workspace'] },
  ]
  for (const { line, files, refused = [] } of table) {
    it(JSON.stringify(line), async () => {
      const findings = noFindings()
      const found = await findFiles(line, place, findings)
      const causes = findings.problems.map(({ cause }) => cause)
      assert.deepEqual(
        [
          found.map(({ remote }) => remote),
          causes.length,
          refused.filter((text, at) => !causes[at]?.includes(text)),
        ],
        [files, refused.length, []],
      )
    })
  }
})

describe('the archive', () => {
  const unpackers = [
    ['tar', '-xpof', '-'],
    ['busybox', 'tar', '-xpof', '-'],
  ]
  for (const [file = '', ...args] of unpackers) {
    const missing = spawnSync(file, ['--help']).error !== undefined
    it(`is unpacked by ${file} without a change`, {
      skip: missing && `${file} is not installed`,
    }, async () => {
      const files = await findFiles('.', workspace, noFindings())
      const entries = files.filter(({ remote }) => remote !== 'way-out')
      const bytes: Uint8Array[] = []
      const content = ({ local, size }: (typeof files)[number]) => ({ path: local, size })
      for await (const chunk of archive(
        entries.map(each => ({ name: each.remote, mode: each.mode, content: content(each) })),
        'deploy',
      ))
        bytes.push(chunk)
      const out = mkdtempSync(join(tmpdir(), 'slipway-unpacked-'))
      execFileSync(file, args, { cwd: out, input: Buffer.concat(bytes) })
      const list = (directory: string) =>
        execFileSync(
          'sh',
          [
            '-c',
            'find . -type f ! -path "./.git/*" | sort | xargs -d "\\n" sh -c \'sha256sum "$@"; stat -c "%a %n" "$@"\' sh',
          ],
          { cwd: directory, encoding: 'utf8' },
        )
      rmSync(join(workspace, 'linked.yaml'), { force: true })
      rmSync(join(out, 'linked.yaml'), { force: true })
      assert.equal(list(out), list(workspace))
      rmSync(out, { recursive: true })
    })
  }
})
