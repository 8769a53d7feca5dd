/** When the pull on all nodes has come to its end: by what the tasks of its job say, second for second. */
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
  new URL('../../../../src/target/swarm/agent/everywhere.sh', import.meta.url),
  'utf8',
)
// A clock that goes on with each nap, and a job whose tasks are asked for by the second.
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
    name: 'all four nodes have it',
    tasks: 'for node in a b c d; do echo "failed|$node|"; done',
    expected: 'all of 4 after 0 s',
  },
  {
    name: 'one of four is no node for it, and the job begins again and again on the others',
    tasks: 'for node in a b c; do echo "failed|$node|"; done; echo "ready|a|"; echo "failed|b|$time"',
    expected: 'all of 3 after 3 s',
  },
  {
    name: 'one is still at it',
    tasks: 'echo "failed|a|"; if [ "$time" -lt 7 ]; then echo "preparing|b|"; else echo "failed|b|"; fi',
    expected: 'all of 2 after 10 s',
  },
  {
    name: 'a node is rejected twice',
    tasks: 'echo "failed|a|"; echo "rejected|b|no"; echo "rejected|b|no"',
    expected: 'pull-failed after 0 s',
  },
  { name: 'no node takes it', tasks: 'echo "pending||"', expected: 'platform-missing after 20 s' },
] as const

for (const shell of shells)
  suite(`a pull on every node, by ${shell.join(' ')}:`, () => {
    for (const { name, tasks, expected } of rows)
      test(name, () => {
        const script = join(place, 'script')
        writeFileSync(script, `${part}\ntasks() { ${tasks}; }\n${main}`)
        const [file = '', ...options] = shell
        const { stdout, stderr } = spawnSync(file, [...options, script], { encoding: 'utf8' })
        assert.equal(`${stdout}${stderr}`.trim(), expected)
      })
  })
