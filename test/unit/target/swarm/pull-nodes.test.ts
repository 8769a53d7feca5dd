/** Decides when the pull on all nodes is finished, from the states of its job's tasks, second by second. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { shells } from '../../deploy/shells.ts'

const place = mkdtempSync(join(tmpdir(), 'everywhere-'))
after(() => rmSync(place, { recursive: true, force: true }))

const part = readFileSync(
  new URL('../../../../src/target/swarm/agent/pull-nodes.sh', import.meta.url),
  'utf8',
)
// A clock that advances with each nap, and a job whose tasks depend on the second.
const main = `set -u -f
newline='
'
time=0 pull_timeout=60
is_cancelled() { return 1; }
seconds() { echo "$time"; }
nap() { time=$((time + 1)); }
say() { :; }
fail() { echo "$1 after $time s"; return 1; }
node_name() { echo "$1"; }
eligible_nodes() { echo 4; }
pull_tasks() { tasks; }
await_pulls job app@sha256:2 && echo "all of $pulled after $time s"
`

const rows = [
  {
    name: 'all four nodes have the image',
    tasks: 'for node in a b c d; do echo "failed|$node|"; done',
    expected: 'all of 4 after 0 s',
  },
  {
    name: 'the image does not fit one of four nodes, and the job restarts on the others',
    tasks: 'for node in a b c; do echo "failed|$node|"; done; echo "ready|a|"; echo "failed|b|$time"',
    expected: 'all of 3 after 3 s',
  },
  {
    name: 'one node still pulls',
    tasks: 'echo "failed|a|"; if [ "$time" -lt 7 ]; then echo "preparing|b|"; else echo "failed|b|"; fi',
    expected: 'all of 2 after 10 s',
  },
  {
    name: 'a node is rejected twice',
    tasks: 'echo "failed|a|"; echo "rejected|b|no"; echo "rejected|b|no"',
    expected: 'pull-failed after 0 s',
  },
  { name: 'the image fits no node', tasks: 'echo "pending||"', expected: 'platform-missing after 20 s' },
] as const

for (const shell of shells)
  suite(`a pull on every node, in ${shell.join(' ')}:`, () => {
    for (const { name, tasks, expected } of rows)
      test(name, () => {
        const script = join(place, 'script')
        writeFileSync(script, `${part}\ntasks() { ${tasks}; }\n${main}`)
        const [file = '', ...options] = shell
        const { stdout, stderr } = spawnSync(file, [...options, script], { encoding: 'utf8' })
        assert.equal(`${stdout}${stderr}`.trim(), expected)
      })
  })
