/** Judges the state of a Swarm service: runs the real script with captured answers of managers (engine 28.5). */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { scriptParts, shells } from '../../deploy/shells.ts'

const place = mkdtempSync(join(tmpdir(), 'judge-'))
after(() => rmSync(place, { recursive: true, force: true }))

const judge = readFileSync(new URL('../../../../src/target/swarm/agent/judge.sh', import.meta.url), 'utf8')
const main = `
newline='
'
judge "$1" "$2" "$3" "$4" "$5"
printf '%s good=%s waiting=%s old=%s bad=%s|%s\\n' "$result" "$good" "$waiting" "$others" "$bad" "$why"
`
const script = join(place, 'script')
// judge.sh needs only is_number of the other parts.
const isNumber = /^is_number\(\) \{[\s\S]*?^\}/m.exec(scriptParts(['parameters'], ''))?.[0] ?? ''
writeFileSync(script, `${isNumber}\n${judge}\n${main}`)

const one = `reg.example/app:one@sha256:${'1'.repeat(64)}`
const two = `reg.example/app@sha256:${'2'.repeat(64)}`
const three = `reg.example/app:three@sha256:${'3'.repeat(64)}`

interface Service {
  readonly state?: string
  readonly mark?: string
  readonly image?: string
  readonly replicas?: number | ''
  readonly mode?: string
  readonly restart?: string
  readonly iteration?: number | ''
  readonly message?: string
}

const service = ({
  state = '',
  mark = 'run',
  image = two,
  replicas = 3,
  mode = 'replicated',
  restart = 'any',
  iteration = '',
  message = '',
}: Service = {}): string =>
  `service|${state}|${mark}|${image}|${replicas}|${mode}|before|${one}|${restart}|0 5000000000 0 5000000000|${iteration}|${message}`

/** Returns a task of the current specification that runs, unless the arguments say otherwise. */
const task = (
  id: string,
  { desired = 'running', state = 'running', node = 'n1', iteration = '', error = '' } = {},
) => `task|${id}|${desired}|${state}|${node}|${two}|${iteration}|${error}`
const current = (...ids: string[]) => ids.map(id => `current|${id}`)
const running = (...ids: string[]) => [...current(...ids), ...ids.map(id => task(id))]

const exit = 'task: non-zero exit (1)'
const failed = (...ids: string[]) =>
  ids.map(id => task(id, { desired: 'shutdown', state: 'failed', error: exit }))

const rows: readonly { name: string; facts: readonly string[]; expected: string }[] = [
  {
    name: 'all tasks run',
    facts: [service({ state: 'completed' }), ...running('a', 'b', 'c')],
    expected: 'converged good=3 waiting=0 old=0 bad=0|',
  },
  {
    name: 'only the label was changed, so there is no update',
    facts: [service(), ...running('a', 'b', 'c')],
    expected: 'converged good=3 waiting=0 old=0 bad=0|',
  },
  {
    name: 'the update is in progress',
    facts: [service({ state: 'updating' }), ...running('a'), task('x'), task('y')],
    expected: 'under-way good=1 waiting=0 old=2 bad=0|',
  },
  {
    name: 'all tasks run, and Swarm still monitors the last one',
    facts: [service({ state: 'updating' }), ...running('a', 'b', 'c')],
    expected: 'under-way good=3 waiting=0 old=0 bad=0|',
  },
  {
    name: 'a start-first update runs the old task next to the new one',
    facts: [service({ state: 'completed' }), ...running('a', 'b', 'c'), task('x')],
    expected: 'under-way good=3 waiting=0 old=1 bad=0|',
  },
  {
    name: 'an old task that is shutting down does not count',
    facts: [service(), ...running('a', 'b', 'c'), task('x', { desired: 'shutdown' })],
    expected: 'converged good=3 waiting=0 old=0 bad=0|',
  },
  {
    name: 'no node has room for a task',
    facts: [
      service({ state: 'updating' }),
      ...current('a'),
      task('a', {
        state: 'pending',
        node: '',
        error: 'no suitable node (insufficient resources on 3 nodes)',
      }),
    ],
    expected: 'under-way good=0 waiting=1 old=0 bad=0|no suitable node (insufficient resources on 3 nodes)',
  },
  {
    name: 'no replicas',
    facts: [service({ replicas: 0 })],
    expected: 'idle good=0 waiting=0 old=0 bad=0|',
  },
  {
    name: 'the tasks crashed three times for each replica',
    facts: [service({ state: 'updating', replicas: 1 }), ...current('a', 'b', 'c'), ...failed('a', 'b', 'c')],
    expected: `failing good=0 waiting=0 old=0 bad=3|its tasks keep exiting: ${exit}`,
  },
  {
    name: 'failures from before the change do not count',
    facts: [
      service({ replicas: 1 }),
      ...current('a', 'b', 'c', 'd'),
      ...['a', 'b', 'c'].map(id => `known|${id}`),
      ...failed('a', 'b', 'c'),
      task('d'),
    ],
    expected: 'converged good=1 waiting=0 old=0 bad=0|',
  },
  {
    name: 'an unhealthy task exits with code 0',
    facts: [service({ replicas: 1 }), ...current('a'), task('a', { desired: 'shutdown', state: 'complete' })],
    expected:
      'under-way good=0 waiting=0 old=0 bad=1|a task ended with exit code 0: it was unhealthy, or its program does not keep running',
  },
  {
    name: 'a one-shot has succeeded, and Swarm has paused its update',
    facts: [
      service({ state: 'paused', replicas: 1, restart: 'none', message: 'update paused' }),
      ...current('a'),
      task('a', { desired: 'shutdown', state: 'complete' }),
    ],
    expected: 'converged good=0 waiting=0 old=0 bad=0|',
  },
  {
    name: 'one of two one-shots has succeeded, and Swarm has paused the update',
    facts: [
      service({ state: 'paused', replicas: 2, restart: 'none', message: 'update paused' }),
      ...current('a'),
      task('a', { desired: 'shutdown', state: 'complete' }),
      task('x'),
    ],
    expected: 'paused good=0 waiting=0 old=1 bad=0|update paused',
  },
  {
    name: 'a one-shot has succeeded',
    facts: [
      service({ replicas: 1, restart: 'none' }),
      ...current('a'),
      task('a', { desired: 'shutdown', state: 'complete' }),
    ],
    expected: 'converged good=0 waiting=0 old=0 bad=0|',
  },
  {
    name: 'a one-shot has failed, and is not restarted',
    facts: [service({ replicas: 1, restart: 'none' }), ...current('a'), ...failed('a')],
    expected: `failing good=0 waiting=0 old=0 bad=1|its tasks keep exiting: ${exit}`,
  },
  {
    name: 'the node of a task is down, and Swarm has not moved it yet',
    facts: [service(), 'down|n9', ...current('a', 'b', 'c'), task('a'), task('b'), task('c', { node: 'n9' })],
    expected: 'under-way good=2 waiting=1 old=0 bad=0|',
  },
  {
    name: 'a node died, and Swarm waits for its task forever',
    facts: [service({ state: 'updating', mode: 'global', replicas: '' }), 'down|n9', ...running('a', 'b')],
    expected: 'stuck good=2 waiting=0 old=0 bad=0|',
  },
  {
    name: 'a global service has a task on every node',
    facts: [service({ state: 'completed', mode: 'global', replicas: '' }), ...running('a', 'b')],
    expected: 'converged good=2 waiting=0 old=0 bad=0|',
  },
  {
    name: 'a global service between two nodes, during a long delay',
    facts: [
      service({ state: 'updating', mode: 'global', replicas: '' }),
      ...running('a'),
      task('x'),
      task('y'),
    ],
    expected: 'under-way good=1 waiting=0 old=2 bad=0|',
  },
  {
    name: 'Swarm has paused the update',
    facts: [
      service({ state: 'paused', message: 'update paused due to failure' }),
      ...current('a'),
      ...failed('a'),
      task('x'),
    ],
    expected: `paused good=0 waiting=0 old=1 bad=1|${exit} (update paused due to failure)`,
  },
  {
    name: 'Swarm has rolled back: the service has the old mark again',
    facts: [
      service({ state: 'rollback_completed', mark: 'before', image: one, message: 'rollback completed' }),
      ...running('a', 'b', 'c'),
    ],
    expected: 'turned-back good=3 waiting=0 old=0 bad=0|rollback completed',
  },
  {
    name: 'somebody else updates the service to another image, with the mark of this run',
    facts: [service({ state: 'updating', image: three }), ...running('a')],
    expected: `superseded good=1 waiting=0 old=0 bad=0|another update has set it to ${three.slice(three.lastIndexOf('/') + 1)}`,
  },
  {
    name: 'another run has updated it',
    facts: [service({ mark: 'other', image: three }), ...running('a', 'b', 'c')],
    expected: `superseded good=3 waiting=0 old=0 bad=0|another update has set it to ${three.slice(three.lastIndexOf('/') + 1)}`,
  },
  {
    name: 'somebody else rolls the service back to a specification that it did not have before',
    facts: [service({ state: 'rollback_completed', mark: 'before', image: three })],
    expected: `superseded good=0 waiting=0 old=0 bad=0|another update has set it to ${three.slice(three.lastIndexOf('/') + 1)}`,
  },
  {
    name: 'a job has completed in its current iteration',
    facts: [
      service({ mode: 'job', replicas: 2, iteration: 7 }),
      ...current('a', 'b', 'old'),
      ...['a', 'b'].map(id => task(id, { desired: 'complete', state: 'complete', iteration: '7' })),
      task('old', { desired: 'complete', state: 'failed', iteration: '6', error: exit }),
    ],
    expected: 'done good=0 waiting=0 old=0 bad=0|',
  },
  {
    name: 'a job that fails again and again',
    facts: [
      service({ mode: 'job', replicas: 1, iteration: 7 }),
      ...current('a', 'b', 'c'),
      ...['a', 'b', 'c'].map(id => task(id, { state: 'failed', iteration: '7', error: exit })),
    ],
    expected: `failing good=0 waiting=0 old=0 bad=3|its tasks keep exiting: ${exit}`,
  },
  {
    name: 'an error that contains a bar and newlines',
    facts: [
      service({ replicas: 1 }),
      ...current('a'),
      task('a', { state: 'rejected', desired: 'shutdown', error: 'No such image: a|b\nsecond line' }),
    ],
    expected: 'under-way good=0 waiting=0 old=0 bad=1|No such image: a|b',
  },
]

for (const [file = '', ...options] of shells) {
  suite(`a Swarm service is judged in ${[file, ...options].join(' ')}:`, () => {
    for (const [index, { name, facts, expected }] of rows.entries())
      test(name, () => {
        const path = join(place, `facts-${index}`)
        writeFileSync(path, `${facts.join('\n')}\n`)
        const { stdout, stderr } = spawnSync(file, [...options, script, path, 'run', two, 'before', one], {
          encoding: 'utf8',
        })
        assert.deepEqual({ said: stdout.trimEnd(), stderr }, { said: expected, stderr: '' })
      })
  })
}
