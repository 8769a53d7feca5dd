/**
 * The answers of containers.sh in the shells of servers, with a docker that always gives the same answer.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import answerScript from '../../../../src/target/compose-host/answer.sh'
import { type Answer, readAnswer } from '../../../../src/target/compose-host/answer.ts'
import containersScript from '../../../../src/target/compose-host/containers.sh'
import { parseContainers, stateScript } from '../../../../src/target/compose-host/containers.ts'
import { shells } from '../../deploy/shells.ts'

const place = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-unit-')))
after(() => rmSync(place, { recursive: true }))
mkdirSync(join(place, 'real'))
mkdirSync(join(place, 'elsewhere'))
symlinkSync('real', join(place, 'linked'))

const docker = join(place, 'docker')
writeFileSync(
  docker,
  `#!/bin/sh
case "$*" in
  *working_dir*--format*) ;;
  *'--format {{.Label "com.docker.compose.project"}} '*) printf '%s\\n' 'old ${place}/real' 'other ${place}/elsewhere' 'app ${place}/linked' 'gone /nowhere' ;;
esac
`,
)
chmodSync(docker, 0o755)

/** Each of these calls ends only after the other has begun. */
const together = join(place, 'together')
writeFileSync(
  together,
  `#!/bin/sh
case "$1" in network | volume) ;; *) exit 0 ;; esac
: >'${place}/begun/'"$1"
left=600
until [ -e '${place}/begun/network' ] && [ -e '${place}/begun/volume' ]; do
  [ "$left" -gt 0 ] || exit 1
  left=$((left - 1))
  sleep 0.05
done
echo "$1"
`,
)
chmodSync(together, 0o755)

function ask(shell: readonly string[], directory: string, client = docker, user: Partial<User> = {}): Answer {
  const [file = '', ...options] = shell
  const input = answerScript + stateScript + containersScript
  const { stdout, status } = spawnSync(file, [...options, '-s', 'app', join(place, directory), client], {
    input,
    encoding: 'utf8',
    ...user,
  })
  const answer = readAnswer({ code: status, stdout })
  assert.ok(answer !== undefined, stdout)
  return answer
}

interface User {
  readonly uid: number
  readonly gid: number
}

/** Root may write anywhere. */
const other: Partial<User> = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

const sum = (text: string): string => createHash('sha256').update(text).digest('hex')

for (const shell of shells) {
  suite(`what is on the server, in ${shell.join(' ')}`, () => {
    for (const directory of ['real', 'linked'])
      test(`the projects that run from ${directory}, also by another path`, () => {
        assert.deepEqual(parseContainers(ask(shell, directory)).projects, ['app', 'old'])
      })

    test('the run that last verified each service, without invalid releases', () => {
      const releases = join(place, 'real/.slipway/app/releases')
      mkdirSync(join(releases, 'web/r1'), { recursive: true })
      mkdirSync(join(releases, 'db'))
      mkdirSync(join(releases, 'half'))
      writeFileSync(join(releases, 'web/current'), 'r1\n')
      writeFileSync(
        join(releases, 'web/r1/release'),
        'image app@sha256:1\nnumber 7\nworkflow C I\nref refs/heads/main\n',
      )
      writeFileSync(join(releases, 'half/current'), 'r9\n')
      const { verified } = parseContainers(ask(shell, 'real'))
      assert.deepEqual(verified, [
        {
          service: 'web',
          image: 'app@sha256:1',
          when: '',
          workflow: 'C I',
          ref: 'refs/heads/main',
          number: 7,
          url: '',
        },
      ])
      rmSync(join(place, 'real/.slipway'), { recursive: true })
    })

    test('the services that an interrupted deploy, and one that broke, were changing', () => {
      const state = join(place, 'real/.slipway/app')
      const line = (name: string, kind: string) =>
        `${name} app:1 app@sha256:2 1 ${kind} 10 sha256:1 - - - 1 1\n`
      mkdirSync(join(state, 'record'), { recursive: true })
      mkdirSync(join(state, 'broken/r1'), { recursive: true })
      writeFileSync(join(state, 'record/services'), line('web', '-') + line('job', 'one-shot'))
      writeFileSync(join(state, 'record/made'), 'db new\n')
      writeFileSync(join(state, 'broken/r1/services'), line('worker', '-'))
      const { unsettled, unfinished } = parseContainers(ask(shell, 'real'))
      assert.equal(unfinished, true)
      assert.deepEqual(Object.fromEntries(unsettled), {
        web: 'lasting',
        job: 'one-shot',
        db: undefined,
        worker: 'lasting',
      })
      rmSync(join(place, 'real/.slipway'), { recursive: true })
      assert.equal(parseContainers(ask(shell, 'real')).unsettled.size, 0)
    })

    test('the files that the login may not delete or restore', () => {
      const put = (file: string, text: string) => {
        mkdirSync(join(place, 'real', file, '..'), { recursive: true })
        writeFileSync(join(place, 'real', file), text)
      }
      for (const file of ['conf/a', 'conf/b', 'open/a']) put(file, 'now')
      const print = (text: string, file: string) => `${sum(text)}  ./${file}\n`
      put('.slipway/app/copied', print('now', 'conf/a') + print('then', 'conf/b') + print('now', 'open/a'))
      put(
        '.slipway/app/kept/r1/prints',
        `${print('then', 'conf/a')}644 ./conf/a\n${print('x', 'conf/new dir/c')}`,
      )
      put('.slipway/app/kept/r2/prints', print('now', 'conf/a') + print('then', 'open/a'))
      chmodSync(place, 0o755)
      chmodSync(join(place, 'real'), 0o755)
      chmodSync(join(place, 'real/open'), 0o777)
      chmodSync(join(place, 'real/conf'), 0o555)
      const { lockedCopies, lockedKept } = parseContainers(ask(shell, 'real', docker, other))
      assert.deepEqual(lockedCopies, [{ directory: 'conf', path: 'conf/a' }])
      assert.deepEqual(lockedKept, {
        r1: [
          { directory: 'conf', path: 'conf/a' },
          { directory: 'conf', path: 'conf/new dir/c' },
        ],
      })
      chmodSync(join(place, 'real/conf'), 0o777)
      const open = parseContainers(ask(shell, 'real', docker, other))
      assert.deepEqual([open.lockedCopies, open.lockedKept], [undefined, undefined])
      for (const name of ['.slipway', 'conf', 'open']) rmSync(join(place, 'real', name), { recursive: true })
    })

    test('independent parts run in parallel', () => {
      mkdirSync(join(place, 'begun'))
      const { surroundings } = parseContainers(ask(shell, 'real', together))
      rmSync(join(place, 'begun'), { recursive: true })
      assert.deepEqual([surroundings.networks, surroundings.volumes], [['network'], ['volume']])
    })

    test('the ports that programs listen on', () => {
      const { surroundings } = parseContainers(ask(shell, 'real'))
      assert.ok(
        surroundings.listening.every(({ port, protocol }) => port > 0 && ['tcp', 'udp'].includes(protocol)),
      )
    })
  })
}
