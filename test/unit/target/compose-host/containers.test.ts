/** What the server answers about what is there now, by the shells that servers have, with a docker that has one answer. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import answerScript from '../../../../src/target/compose-host/answer.sh'
import { type Answer, readAnswer } from '../../../../src/target/compose-host/answer.ts'
import containersScript from '../../../../src/target/compose-host/containers.sh'
import { parseContainers } from '../../../../src/target/compose-host/containers.ts'
import stateScript from '../../../../src/target/compose-host/state.sh'
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

/** Each of these calls ends only when the other has begun. */
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

function ask(shell: readonly string[], directory: string, client = docker): Answer {
  const [file = '', ...options] = shell
  const input = answerScript + stateScript + containersScript
  const { stdout, status } = spawnSync(file, [...options, '-s', 'app', join(place, directory), client], {
    input,
    encoding: 'utf8',
  })
  const answer = readAnswer({ code: status, stdout })
  assert.ok(answer !== undefined, stdout)
  return answer
}

for (const shell of shells) {
  suite(`what is on the server, by ${shell.join(' ')}`, () => {
    for (const directory of ['real', 'linked'])
      test(`the projects that run from ${directory}, also by another path`, () => {
        assert.deepEqual(parseContainers(ask(shell, directory)).projects, ['app', 'old'])
      })

    test('the run that last verified each service, and nothing of what is broken', () => {
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

    test('what a deploy that was cut off, and one that broke, were changing', () => {
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

    test('at once where one thing does not need another', () => {
      mkdirSync(join(place, 'begun'))
      const { around } = parseContainers(ask(shell, 'real', together))
      rmSync(join(place, 'begun'), { recursive: true })
      assert.deepEqual([around.networks, around.volumes], [['network'], ['volume']])
    })

    test('the ports that something listens on', () => {
      const { around } = parseContainers(ask(shell, 'real'))
      assert.ok(around.listening.every(({ port, protocol }) => port > 0 && ['tcp', 'udp'].includes(protocol)))
    })
  })
}
