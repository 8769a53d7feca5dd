/** A rollback restores the files of a kept release: on a real file system, in every shell that a server may have. */
import assert from 'node:assert/strict'
import { appendFileSync, chmodSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { describe, it } from 'node:test'
import { shells } from './shells.ts'
import { call, put, type Stand, stand } from './stand.ts'

const image = (letter: string) => `r.example/app@sha256:${letter.repeat(64)}`

/** Deploys and verifies a release with a payload; the ID of the run is `run-NAME`. */
function release(
  shell: readonly string[],
  site: Stand,
  name: string,
  payload: Record<string, string>,
  more = ':',
): string {
  const state = `${site.directory}/.slipway/app`
  put(state, {
    'record/run': `id run-${name}\nurl u\nbegan-at 1\n`,
    'record/services': `web app:latest ${image(name)} 1 - 10\n`,
    'releases/web/current': '',
  })
  rmSync(`${state}/record/paths`, { force: true })
  if (Object.keys(payload).length > 0) put(`${site.run}/payload`, { whole: '', ...payload })
  else rmSync(`${site.run}/payload`, { recursive: true, force: true })
  const place = '[ ! -d "$run/payload" ] || { merge_settings && refuse_unsafe_paths && place_payload; }'
  const text = `read_files=$directory/compose.yaml$newline; keep_releases=1; ${more}; ${place} && keep_project && write_history ok "$record"`
  const { status, output } = call(shell, site, text)
  assert.equal(status, 0, output)
  return output
}

/** Rolls back to a release as `rollback-to` does. Returns the log. */
function rollBack(shell: readonly string[], site: Stand, to: string): string {
  const text = `rollback_to=${to}; services="web app:latest - 1 - 10$newline"
runs_image() { return 1; }; snapshot() { :; }
mkdir -p "$run"; rm -rf "$run/payload"
choose_release || exit 3
[ ! -d "$run/payload" ] || { merge_settings && refuse_unsafe_paths && place_payload; }`
  const { status, output } = call(shell, site, text)
  assert.equal(status, 0, output)
  return output
}

for (const shell of shells) {
  describe(`the files that a release ran with, in ${shell.join(' ')}`, () => {
    const read = ({ directory }: Stand, file: string) => readFileSync(`${directory}/${file}`, 'utf8')

    it('are restored: compose file, settings and files, including those of earlier uploads', () => {
      const site = stand({ 'compose.yaml': 'by hand\n', mine: 'mine' }, {})
      release(shell, site, 'a', { 'files/conf/x y': 'one\n', 'settings/A': 'A=1' })
      release(shell, site, 'b', { 'files/compose.yaml': 'two\n', 'settings/A': 'A=2' })
      release(shell, site, 'c', { 'files/conf/x y': 'three\n', 'files/conf/new': 'new\n' })
      // A write into the file in place must not change the kept copy.
      appendFileSync(`${site.directory}/conf/x y`, 'by hand\n')
      assert.match(rollBack(shell, site, image('b').slice(-71)), /files of that release are restored/)
      assert.deepEqual(
        ['compose.yaml', 'conf/x y', '.env', 'conf/new', 'mine'].map(file => read(site, file)),
        ['two\n', 'one\n', 'A=2\n', 'new\n', 'mine'],
      )
      assert.equal(statSync(`${site.directory}/.env`).mode & 0o777, 0o600)
      rmSync(site.directory, { recursive: true })
    })

    it('are restored: files that the compose files refer to, even if Slipway did not copy them', () => {
      const site = stand({ 'compose.yaml': 'x\n', 'sub/app env': 'one\n', 'sub/base.yaml': 'one\n' }, {})
      put(site.directory, { huge: 'x'.repeat(1048577), '../outside.env': 'one\n' })
      const parts = ['sub/app env', 'sub/base.yaml', 'huge', 'gone.env', '../outside.env']
      const given = `part_files=$(printf "$directory/%s\\n" ${parts.map(name => `'${name}'`).join(' ')})$newline`
      release(shell, site, 'a', {}, given)
      put(site.directory, { 'sub/app env': 'two\n', 'sub/base.yaml': 'two\n', huge: 'two' })
      release(shell, site, 'b', {}, given)
      put(site.directory, { 'sub/app env': 'by hand\n', huge: 'by hand' })
      rollBack(shell, site, image('a').slice(-71))
      assert.deepEqual(
        ['sub/app env', 'sub/base.yaml', 'huge'].map(file => read(site, file)),
        ['one\n', 'one\n', 'by hand'],
      )
      rmSync(site.directory, { recursive: true })
    })

    it('are stored once if they are the same, and are deleted with the release', () => {
      const site = stand({ 'compose.yaml': 'x\n' }, {})
      const kept = `${site.directory}/.slipway/app/kept`
      release(shell, site, 'a', { 'files/same': 'same\n', 'files/other': 'a\n' })
      release(shell, site, 'b', { 'files/same': 'same\n', 'files/other': 'b\n' })
      const file = (run: string, name: string) => statSync(`${kept}/run-${run}/files/${name}`).ino
      assert.equal(file('a', 'same'), file('b', 'same'))
      assert.notEqual(file('b', 'same'), statSync(`${site.directory}/same`).ino)
      assert.notEqual(file('a', 'other'), file('b', 'other'))
      release(shell, site, 'c', {})
      release(shell, site, 'd', {})
      assert.deepEqual(readdirSync(kept).sort(), ['latest', 'run-b', 'run-c', 'run-d'])
      assert.equal(statSync(kept).mode & 0o077, 0)
      rmSync(site.directory, { recursive: true })
    })

    it('are copied if only some of them can be linked', () => {
      const site = stand({ 'compose.yaml': 'x\n' }, {})
      release(shell, site, 'a', { 'files/conf/a': 'one\n', 'files/conf/b': 'two\n' })
      const some = 'ln() { for last in "$@"; do :; done; command ln "$1" "$last"; return 1; }'
      assert.doesNotMatch(release(shell, site, 'b', {}, some), /could not be saved/)
      assert.deepEqual(
        ['conf/a', 'conf/b', 'compose.yaml'].map(file => read(site, `.slipway/app/kept/run-b/files/${file}`)),
        ['one\n', 'two\n', 'x\n'],
      )
      rmSync(site.directory, { recursive: true })
    })

    it('are stored and read again if their digests are lost', () => {
      const site = stand({ 'compose.yaml': 'x\n' }, {})
      const kept = `${site.directory}/.slipway/app/kept`
      release(shell, site, 'a', { 'files/conf/a': 'one\n' })
      rmSync(`${kept}/run-a/prints`)
      release(shell, site, 'b', { 'files/conf/a': 'two\n' })
      assert.equal(read(site, '.slipway/app/kept/run-b/files/conf/a'), 'two\n')
      rollBack(shell, site, image('a').slice(-71))
      assert.equal(read(site, 'conf/a'), 'one\n')
      rmSync(site.directory, { recursive: true })
    })

    it('are not kept if they cannot be read completely', () => {
      const site = stand({ 'compose.yaml': 'x\n' }, {})
      const state = `${site.directory}/.slipway/app`
      put(state, { 'record/run': 'id run-a\n', 'record/services': `web app:latest ${image('a')} 1 - 10\n` })
      const text =
        'read_files=$directory/compose.yaml$newline; keep_releases=1; xargs() { return 1; }; keep_project'
      const { output } = call(shell, site, text)
      assert.match(output, /could not be saved/)
      assert.deepEqual(readdirSync(`${state}/kept`), [])
      rmSync(site.directory, { recursive: true })
    })

    it('are missing for a release of an older history: only its image is restored', () => {
      const site = stand({ 'compose.yaml': 'x\n' }, {})
      release(shell, site, 'a', {})
      rmSync(`${site.directory}/.slipway/app/kept`, { recursive: true })
      assert.match(rollBack(shell, site, 'previous'), /were not kept: only its image is restored/)
      rmSync(site.directory, { recursive: true })
    })

    for (const { name, profiles } of [
      { name: 'whose profile is not active', profiles: true },
      { name: 'beside another that Compose rejects', profiles: false },
    ])
      it(`declare the image of a service ${name}`, () => {
        const shown = "printf 'services:\\n  web:\\n    image: app:1.0\\n'"
        const compose = `#!/bin/sh\ncase "$*" in *"--profile *"*) ${profiles ? shown : 'exit 1'} ;; *) ${profiles ? "echo 'services: {}'" : shown} ;; esac\n`
        const site = stand({ compose }, {})
        chmodSync(`${site.directory}/compose`, 0o755)
        const { output } = call(
          shell,
          site,
          'find_limiter; project=app compose_words="$directory/compose$newline" compose_major=2 shadow=$directory rollback_to=previous; ' +
            'services="web app:1.1 repo@sha256:1 1 - 10$newline"; declare_again; printf %s "$services"',
        )
        assert.equal(output, 'web app:1.0 repo@sha256:1 1 - 10\n')
        rmSync(site.directory, { recursive: true })
      })

    it('declare an image, which is parsed from the output of Compose', () => {
      const site = stand({}, {})
      const config = `name: app\nservices:\n  db:\n    image: pg:1\n  web:\n    command:\n      - 'image: no'\n    image: app:1\n    labels:\n      image: no\nvolumes:\n  web:\n    image: no\n`
      put(site.directory, { config })
      assert.equal(call(shell, site, 'images_in_config <"$directory/config"').output, 'db pg:1\nweb app:1\n')
      rmSync(site.directory, { recursive: true })
    })
  })
}
