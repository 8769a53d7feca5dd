/** The payload on a real file system, in every shell that a server may have: placed, cut off, and restored. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { slowShells } from './shells.ts'
import { call, put, stand } from './stand.ts'

/** Lists the files of the project with their content, without `.slipway`. */
const tree = (directory: string): string =>
  execFileSync(
    'sh',
    [
      '-c',
      'find . ! -path "./.slipway*" | sort | while IFS= read -r f; do stat -c "%a %F %n" "$f"; [ ! -f "$f" ] || sha256sum <"$f"; done',
    ],
    { cwd: directory, encoding: 'utf8' },
  )

/** Kills the shell before its Nth step that changes a file, as a crash of the host would. */
const cutAt = (count: number) =>
  `steps=0\ncut() { steps=$((steps + 1)); [ "$steps" != ${count} ] || kill -9 $$; command "$@"; }\n${oneByOne}` +
  ['cp', 'mkdir', 'rm', 'rmdir', 'chmod'].map(name => `${name}() { cut ${name} "$@"; }\n`).join('') +
  ['mv', 'ln'].map(name => `${name}() { one_by_one ${name} "$@"; }\n`).join('')

/** Moves several files to a directory one by one, so that a cut may come between any two. */
const oneByOne = `one_by_one() {
  local name=$1 last option='' code=0
  shift
  for last in "$@"; do :; done
  case $last in */) ;; *) cut "$name" "$@"; return ;; esac
  case $1 in -f) option=-f; shift ;; esac
  while [ $# -gt 1 ]; do cut "$name" $option "$1" "$last" || code=1; shift; done
  return $code
}
`

const before = {
  'compose.yaml': 'old\n',
  'conf/a': 'a\n',
  'conf/b': 'b\n',
  'conf/same': 'same\n',
  '.env': 'A=1\nB=2\n',
  keep: 'k',
}
const payload = {
  'files/compose.yaml': 'new\n',
  'files/conf/a': 'A\n',
  'files/conf/b': 'B\n',
  'files/conf/c': 'C\n',
  'files/conf/same': 'same\n',
  'files/new/deep/b c': 'b\n',
  'settings/B': 'B="x\\ny"',
}
const place = 'stage=bring; merge_settings && refuse_unsafe_paths && place_payload || exit 3'

for (const shell of slowShells) {
  describe(`the payload, in ${shell.join(' ')}`, () => {
    it('is put in place, and the previous files are restored', () => {
      const site = stand(before, payload)
      chmodSync(`${site.directory}/conf/a`, 0o640)
      const old = tree(site.directory)
      const placed = call(shell, site, place)
      assert.equal(placed.status, 0, placed.output)
      const text = execFileSync('cat', ['compose.yaml', 'conf/a', 'new/deep/b c', '.env', 'keep'], {
        cwd: site.directory,
        encoding: 'utf8',
      })
      assert.equal(text, 'new\nA\nb\nA=1\nB="x\\ny"\nk')
      assert.equal(call(shell, site, 'restore_files').status, 0)
      assert.equal(tree(site.directory), old)
      rmSync(site.directory, { recursive: true })
    })

    it('has the digests that the runner sends, except the env file, which is built on the server', () => {
      const site = stand(before, payload)
      const of = (text: string) => createHash('sha256').update(text).digest('hex')
      const lines = [
        // The digest of the file in place: the upload counts as unchanged.
        `${of('a\n')}  ./conf/a`,
        `${of('B\n')}  ./conf/b`,
        `${of(before['.env'])}  ./.env`,
        // A line of a kept release.
        '600 ./conf/same',
      ]
      put(site.run, { 'payload/prints': `${lines.join('\n')}\n` })
      const placed = call(shell, site, place)
      assert.equal(placed.status, 0, placed.output)
      const text = execFileSync('cat', ['conf/a', 'conf/b', 'conf/c', 'conf/same', '.env'], {
        cwd: site.directory,
        encoding: 'utf8',
      })
      assert.equal(text, 'a\nB\nC\nsame\nA=1\nB="x\\ny"\n')
      assert.doesNotMatch(readFileSync(`${site.directory}/.slipway/app/record/placed`, 'utf8'), /conf\/same/)
      rmSync(site.directory, { recursive: true })
    })

    it('is restored by name, even if a name ends with a blank', () => {
      const site = stand(
        { 'conf/x': 'mine\n', 'conf/y ': 'old\n', 'mine/.keep': '' },
        { 'files/conf/x ': 'new\n', 'files/conf/y ': 'new\n', 'files/mine /z': 'new\n' },
      )
      rmSync(`${site.directory}/mine/.keep`)
      const old = tree(site.directory)
      assert.equal(call(shell, site, place).status, 0)
      assert.equal(readFileSync(`${site.directory}/conf/y `, 'utf8'), 'new\n')
      const back = call(shell, site, 'restore_files')
      assert.equal(back.status, 0, back.output)
      assert.equal(tree(site.directory), old)
      rmSync(site.directory, { recursive: true })
    })

    it('is not put in place if its files cannot be listed', () => {
      for (const broken of ['xargs() { return 1; }', 'find() { return 1; }']) {
        const site = stand(before, payload)
        const old = tree(site.directory)
        assert.equal(call(shell, site, `${broken}; ${place}`).status, 3, broken)
        assert.equal(tree(site.directory), old)
        rmSync(site.directory, { recursive: true })
      }
    })

    it('gets the variable that sets the image in its `.env`, with any `env-file`', () => {
      const standing = 'TAG=1\nB=1\n'
      const sent = 'TAG=main\nB=2\n'
      const table = [
        { name: 'with settings in another file', own: 'app.env', setting: 'A=1', place: standing },
        { name: 'without settings', own: 'app.env', place: standing },
        { name: 'with an .env that is already in place', own: 'app.env', place: sent },
        {
          name: 'with settings in the same file',
          own: '.env',
          setting: 'A=1',
          place: standing,
          more: 'A=1\n',
        },
        { name: 'as the settings file itself', own: '.env', place: sent },
      ]
      for (const { name, own, setting, place: text, more = '' } of table) {
        const settings = setting === undefined ? {} : { 'settings/A': setting }
        const site = stand({ '.env': text }, { 'files/.env': sent, ...settings })
        put(site.run, { 'payload/prints': `${createHash('sha256').update(sent).digest('hex')}  ./.env\n` })
        const old = tree(site.directory)
        const set = `settings_file=${own}; env_set="TAG=2$newline"; stage=bring`
        const steps = 'merge_settings && refuse_unsafe_paths && set_variables && place_payload || exit 3'
        const placed = call(shell, site, `${set}; ${steps}`)
        assert.equal(placed.status, 0, placed.output)
        assert.match(placed.output, /^ {2}Set TAG=2 in .*\/\.env$/m)
        assert.equal(readFileSync(`${site.directory}/.env`, 'utf8'), `TAG=2\nB=2\n${more}`, name)
        assert.equal(call(shell, site, 'restore_settings').status, 0)
        assert.equal(tree(site.directory), old, name)
        rmSync(site.directory, { recursive: true })
      }
    })

    it('is restored completely after a cut at any step, including steps of the rollback', () => {
      let ended = false
      for (let count = 1; !ended; count += 1) {
        const site = stand(before, payload)
        const old = tree(site.directory)
        const first = call(shell, site, cutAt(count) + place)
        ended = first.signal === null
        assert.ok(count < 100 && (ended || first.signal === 'SIGKILL'), first.output)
        call(shell, site, `${cutAt(1 + (count % 7))}restore_files`)
        const back = call(shell, site, 'restore_files')
        assert.equal(back.status, 0, back.output)
        assert.equal(tree(site.directory), old, `after a cut at step ${count}`)
        rmSync(site.directory, { recursive: true })
      }
    })

    it('is checked together with files beside the project, before it is put in place', () => {
      const site = stand({ 'app/own': 'own\n', 'common.env': 'common\n' }, { 'files/conf': 'conf\n' })
      const text =
        'directory=$directory/app; make_shadow && cat "$shadow/own" "$shadow/conf" "$shadow/../common.env"'
      assert.equal(call(shell, site, text).output, 'own\nconf\ncommon\n')
      const files = `compose_files=$directory/../common.env$newline$directory/conf$newline/none/x$newline`
      const { output } = call(shell, site, `directory=$directory/app; make_shadow; ${files}; shadow_options`)
      const root = `${site.run}/shadow${site.directory}`
      assert.equal(output, `-f\n${root}/app/../common.env\n-f\n${root}/app/conf\n-f\n/none/x\n`)
      rmSync(site.directory, { recursive: true })
    })

    it('recreates the containers if a file differs from the verified release, in content or mode', () => {
      const site = stand({ 'conf/a': 'a\n' }, { 'files/conf/a': 'A\n' })
      const release = `${site.directory}/.slipway/app/releases/web`
      const anew = '; [ ! -e "$record/recreate" ] || echo anew'
      assert.match(call(shell, site, place + anew).output, /anew/)
      const verified = call(shell, site, 'payload_line').output
      put(release, { current: 'zero\n', 'zero/release': verified })
      const again = (text: string, mode: number) => {
        put(site.directory, { 'conf/a': text })
        chmodSync(`${site.directory}/conf/a`, mode)
        rmSync(`${site.directory}/.slipway/app/record/recreate`, { force: true })
        put(site.run, { 'payload/files/conf/a': 'A\n' })
        return /anew/.test(call(shell, site, place + anew).output)
      }
      const { mode } = statSync(`${site.directory}/conf/a`)
      assert.deepEqual(
        [again('A\n', mode), again('by hand\n', mode), again('A\n', 0o600)],
        [false, true, true],
      )
      rmSync(site.directory, { recursive: true })
    })

    it('handles a thousand files with few processes', () => {
      const names = Array.from({ length: 1000 }, (_, number) => `conf/${number % 3}/${number}`)
      const files = (text: string, under: string) =>
        Object.fromEntries(names.map(name => [`${under}${name}`, `${text} ${name}`]))
      const site = stand(files('old', ''), files('new', 'files/'))
      const count = ['mv', 'ln', 'cp', 'mkdir', 'rm', 'stat', 'id', 'chown']
        .map(name => `${name}() { echo program >>"$run/programs"; command ${name} "$@"; }\n`)
        .join('')
      const { status, output } = call(shell, site, `${count}${place}; restore_files || exit 4`)
      assert.equal(status, 0, output)
      const programs = readFileSync(`${site.run}/programs`, 'utf8').split('\n').length
      assert.ok(programs < 200, `${programs} programs`)
      assert.equal(readFileSync(`${site.directory}/conf/2/2`, 'utf8'), 'old conf/2/2')
      rmSync(site.directory, { recursive: true })
    })

    it('leaves nothing behind after an interrupted upload', () => {
      const site = stand({}, {})
      put(site.run, { 'payload.17/files/a': 'half', 'payload.18/x': '', 'shadow/x': '' })
      const archive =
        'mkdir "$run/t" && : >"$run/t/whole" && tar -cf "$run/tar" -C "$run/t" whole && rm -r "$run/t"'
      const staged = call(shell, site, `${archive} && stage <"$run/tar"; rm "$run/tar"`)
      assert.equal(staged.status, 0, staged.output)
      assert.deepEqual(readdirSync(site.run).sort(), ['payload', 'script', 'shadow'])
      put(site.run, { 'payload.19/files/a': 'half' })
      call(shell, site, 'drop_staged')
      assert.deepEqual(readdirSync(site.run), ['script'])
      rmSync(site.directory, { recursive: true })
    })

    it('follows no link, and replaces no directory by a file or the reverse', () => {
      const table = [
        { make: 'ln -s /tmp conf', files: { 'files/conf/x': '' }, says: /conf is a symbolic link/ },
        { make: 'ln -s ../x x', files: { 'files/x': '' }, says: /x is a symbolic link/ },
        {
          make: ': >kept; ln -s kept .env',
          files: { 'settings/A': 'A=1' },
          says: /\.env is a symbolic link/,
        },
        { make: 'mkdir x', files: { 'files/x': '' }, says: /is a directory/ },
        { make: ': >x', files: { 'files/x/y': '' }, says: /is not a directory/ },
      ]
      for (const { make, files, says } of table) {
        const site = stand({}, files)
        execFileSync('sh', ['-c', make], { cwd: site.directory })
        const { status, output } = call(shell, site, place)
        assert.deepEqual([status, says.test(output)], [3, true], output)
        rmSync(site.directory, { recursive: true })
      }
    })

    it('logs the names of the variables and whether they change, never a value', () => {
      const site = stand(
        { '.env': 'A=1\nB="x\ny"\n' },
        { 'settings/A': 'A=1', 'settings/B': 'B=hunter2', 'settings/C': 'C=hunter3' },
      )
      put(`${site.directory}/.slipway/app`, { 'record/run': 'id x\nurl u\nbegan-at 1\n' })
      const ended = 'write_history ok "$record"; tail -n 1 "$history"'
      const { output } = call(shell, site, `${place}; ${ended}`)
      assert.match(output, /^ {2}\.env: A unchanged, B changed, C added$/m)
      assert.match(output, /\t-\tA unchanged, B changed, C added\n$/)
      assert.doesNotMatch(output, /hunter/)
      writeFileSync(`${site.directory}/.slipway/app/history.tsv`, 'when\tprevious\n')
      assert.match(call(shell, site, ended).output, /\tx\t-\n$/, 'one without that column goes on without it')
      rmSync(site.directory, { recursive: true })
    })

    it('logs errors of Compose without the values of variables', () => {
      const site = stand(
        {},
        { 'settings/A': 'A="hunter2 and"', 'settings/B': 'B=abc', 'files/.env': 'C=hunter3\n' },
      )
      put(site.run, { error: 'bad "hunter4" in hunter2 and, hunter3, abc\nhunter3hunter3\n' })
      const { output } = call(
        shell,
        site,
        'merge_settings && make_shadow && log_error_without_values "$shadow"',
      )
      assert.match(output, /^ {2}bad "…" in …, …, abc\n {2}……$/m)
      rmSync(site.directory, { recursive: true })
    })

    it('gives the group access to the env file only if it had access before, or if the file is new', () => {
      const table = [
        { project: 0o755, before: 0o644, after: 0o600 },
        { project: 0o775, before: 0o600, after: 0o600 },
        { project: 0o775, before: 0o640, after: 0o660 },
        { project: 0o775, before: undefined, after: 0o660 },
      ]
      for (const { project, before: mode, after } of table) {
        const site = stand(mode === undefined ? {} : { '.env': 'A=1\n' }, { 'settings/A': 'A=2' })
        if (mode !== undefined) chmodSync(`${site.directory}/.env`, mode)
        chmodSync(`${site.directory}/.slipway/app`, project)
        assert.equal(call(shell, site, place).status, 0)
        assert.equal(statSync(`${site.directory}/.env`).mode & 0o777, after)
        rmSync(site.directory, { recursive: true })
      }
    })

    it('replaces the line that sets a variable, and keeps everything else byte for byte', () => {
      const table = [
        { text: 'A=1\nB=2\n', expected: 'A=new\nB=2\n' },
        { text: 'B=2', expected: 'B=2\nA=new\n' },
        { text: '', expected: 'A=new\n' },
        { text: 'A=1\nA=2\nB=3', expected: 'A=1\nA=new\nB=3' },
        { text: 'export\tA=x\nB=1\n', expected: 'export A=new\nB=1\n' },
        { text: '\ufeffA=x\nB=1\n', expected: '\ufeffA=new\nB=1\n' },
        { text: '\ufeffexport A=x\n', expected: '\ufeffexport A=new\n' },
        { text: '# A=0\n  export A = x\r\nB="\\n"  \r\n', expected: '# A=0\nexport A=new\nB="\\n"  \r\n' },
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
