/** What is brought, on a real file system, by the shells that servers have: placed, cut, and put back. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { transactionScript } from '../../../src/deploy/script.ts'

const shells = [['dash'], ['busybox', 'sh'], ['bash', '--posix']]
const parts = transactionScript.replace(/main "\$@"\n$/, '')

/** A project directory, and a run with what it brings. */
interface Stand {
  readonly directory: string
  readonly run: string
}

function stand(before: Readonly<Record<string, string>>, brought: Readonly<Record<string, string>>): Stand {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bring-'))
  const run = `${directory}/.slipway/app/runs/one`
  put(directory, before)
  put(`${run}/brought`, { whole: '', ...brought })
  mkdirSync(`${run}/brought/files`, { recursive: true })
  mkdirSync(`${directory}/.slipway/app/record`)
  put(`${directory}/.slipway/app`, { 'record/services': 'web x y 1 - 10\n' })
  return { directory, run }
}

function put(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
}

/** All of the project but what the deploys keep there. */
const tree = (directory: string): string =>
  execFileSync(
    'sh',
    [
      '-c',
      'find . ! -path "./.slipway*" | sort | while read -r f; do stat -c "%a %F %n" "$f"; [ ! -f "$f" ] || sha256sum <"$f"; done',
    ],
    { cwd: directory, encoding: 'utf8' },
  )

function call(shell: readonly string[], { directory, run }: Stand, text: string) {
  writeFileSync(
    `${run}/script`,
    `${parts}\ndirectory=${directory}\nenv_file=$directory/.env\nexec 6>&1\nrecord=$state/record\numask 077\n${text}\n`,
  )
  const [file = '', ...args] = shell
  const { status, signal, stdout, stderr } = spawnSync(file, [...args, `${run}/script`], { encoding: 'utf8' })
  return { status, signal, output: stdout + stderr }
}

/** Ends the shell, as a lost host does, before its Nth step that changes a file. */
const cutAt = (count: number) =>
  `steps=0\ncut() { steps=$((steps + 1)); [ "$steps" != ${count} ] || kill -9 $$; command "$@"; }\n` +
  ['mv', 'ln', 'cp', 'mkdir', 'rm', 'rmdir', 'chmod']
    .map(name => `${name}() { cut ${name} "$@"; }\n`)
    .join('')

const before = {
  'compose.yaml': 'old\n',
  'conf/a': 'a\n',
  'conf/same': 'same\n',
  '.env': 'A=1\nB=2\n',
  keep: 'k',
}
const brought = {
  'files/compose.yaml': 'new\n',
  'files/conf/a': 'A\n',
  'files/conf/same': 'same\n',
  'files/new/deep/b c': 'b\n',
  'settings/B': 'B="x\\ny"',
}
const place = 'stage=bring; merge_settings && refuse_ways_out && place_brought || exit 3'

for (const shell of shells) {
  const missing = spawnSync(shell[0] ?? '', ['--version']).error !== undefined
  describe(`what is brought, by ${shell.join(' ')}`, { skip: missing && 'it is not here' }, () => {
    it('is in place, and comes back', () => {
      const site = stand(before, brought)
      chmodSync(`${site.directory}/conf/a`, 0o640)
      const old = tree(site.directory)
      const placed = call(shell, site, place)
      assert.equal(placed.status, 0, placed.output)
      const text = execFileSync('cat', ['compose.yaml', 'conf/a', 'new/deep/b c', '.env', 'keep'], {
        cwd: site.directory,
        encoding: 'utf8',
      })
      assert.equal(text, 'new\nA\nb\nA=1\nB="x\\ny"\nk')
      assert.equal(call(shell, site, 'put_brought_back').status, 0)
      assert.equal(tree(site.directory), old)
      rmSync(site.directory, { recursive: true })
    })

    it('is all old or all new after a cut at any step, also at one of putting it back', () => {
      let ended = false
      for (let count = 1; !ended; count += 1) {
        const site = stand(before, brought)
        const old = tree(site.directory)
        const first = call(shell, site, cutAt(count) + place)
        ended = first.signal === null
        assert.ok(count < 100 && (ended || first.signal === 'SIGKILL'), first.output)
        call(shell, site, `${cutAt(1 + (count % 7))}put_brought_back`)
        const back = call(shell, site, 'put_brought_back')
        assert.equal(back.status, 0, back.output)
        assert.equal(tree(site.directory), old, `after a cut at step ${count}`)
        rmSync(site.directory, { recursive: true })
      }
    })

    it('goes through no link, and takes no place of another kind', () => {
      const table = [
        { make: 'ln -s /tmp conf', files: { 'files/conf/x': '' }, says: /is a link/ },
        { make: 'mkdir x', files: { 'files/x': '' }, says: /is a directory/ },
        { make: ': >x', files: { 'files/x/y': '' }, says: /is no directory/ },
      ]
      for (const { make, files, says } of table) {
        const site = stand({}, files)
        execFileSync('sh', ['-c', make], { cwd: site.directory })
        const { status, output } = call(shell, site, place)
        assert.deepEqual([status, says.test(output)], [3, true], output)
        rmSync(site.directory, { recursive: true })
      }
    })

    it('replaces what sets a variable, and keeps all else byte for byte', () => {
      const table = [
        { text: 'A=1\nB=2\n', expected: 'A=new\nB=2\n' },
        { text: 'B=2', expected: 'B=2\nA=new\n' },
        { text: '', expected: 'A=new\n' },
        { text: 'A=1\nA=2\nB=3', expected: 'A=1\nA=new\nB=3' },
        { text: '# A=0\n  export A = x\r\nB="\\n"  \r\n', expected: '# A=0\nA=new\nB="\\n"  \r\n' },
        { text: 'M="x\nA=inside\ny"\n', expected: 'M="x\nA=inside\ny"\nA=new\n' },
        { text: 'A="x\ny \\" z\nend" # c\nB=2\n', expected: 'A=new\nB=2\n' },
        { text: "A='x\ny'\nB='it'\n", expected: "A=new\nB='it'\n" },
        { text: 'A="never ended\nB=2\n', expected: 'A=new\nB=2\n' },
        { text: 'AA=1\nXA=2\nA.B=3\n', expected: 'AA=1\nXA=2\nA.B=3\nA=new\n' },
        { text: 'M="a \\\\"\nA=1\n', expected: 'M="a \\\\"\nA=new\n' },
      ]
      for (const { text, expected } of table) {
        const site = stand({ '.env': text }, { 'settings/A': 'A=new' })
        assert.equal(call(shell, site, place).status, 0)
        assert.equal(execFileSync('cat', ['.env'], { cwd: site.directory, encoding: 'utf8' }), expected, text)
        rmSync(site.directory, { recursive: true })
      }
    })
  })
}
