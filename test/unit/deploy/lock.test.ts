import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { scriptParts, shells } from './shells.ts'

// Many contenders for one lock, in every available shell; two of three are killed at a random moment. An independent
// oracle checks that no two hold the lock at once: flock(1), which the script itself does not use.

const hasFlock = spawnSync('flock', ['--version']).status === 0

/** The script of a contender: it holds the lock for a moment, through a child that outlives it if it is killed. */
const contend = `
begin_run() {
  umask 077
  exec 6>&1
  find_limiter
  mkfifo "$run/alive.new"
  exec 9<>"$run/alive.new"
  mv "$run/alive.new" "$run/alive"
  put "$run/who" 'url test' 'by me' "since $(utc)"
}
project=test lock_timeout=60
begin_run
take_lock || exit 3
exec 8>"$state/oracle"
flock -n 8 || echo OVERLAP >>"$state/events"
echo "got $id" >>"$state/events"
sweep
sleep "0.$2"
`

const state = mkdtempSync(join(tmpdir(), 'lock-'))
mkdirSync(join(state, 'lock'))
const script = scriptParts(['parameters', 'run', 'engine', 'lock', 'sweep'], contend)

async function contender(index: number): Promise<void> {
  const run = join(state, 'runs', `c${index}`)
  mkdirSync(run, { recursive: true })
  writeFileSync(join(run, 'script'), script)
  const [file = '', ...args] = shells[index % shells.length] ?? []
  const child = spawn(file, [...args, join(run, 'script'), 'run', String(index % 3)], { stdio: 'ignore' })
  const exited = new Promise<void>(resolve => child.on('exit', () => resolve()))
  if (index % 3 !== 0) {
    await sleep((index * 37) % 700)
    child.kill('SIGKILL')
  }
  await exited
}

suite('the lock', { skip: !hasFlock && 'flock(1), the oracle, is not installed' }, () => {
  after(() => rmSync(state, { recursive: true, force: true }))

  test('has one holder at a time, and every contender that is not killed gets it', {
    timeout: 120_000,
  }, async () => {
    const count = Number(process.env['CONTENDERS'] ?? 24)
    const all = Array.from({ length: count }, async (_, index) => {
      await sleep(index * 60)
      await contender(index)
    })
    await Promise.all(all)
    const events = readFileSync(join(state, 'events'), 'utf8').trimEnd().split('\n')
    const got = new Set(events.filter(line => line.startsWith('got')))
    const living = Array.from({ length: count }, (_, index) => index).filter(index => index % 3 === 0)
    assert.equal(events.filter(line => line === 'OVERLAP').length, 0)
    for (const index of living) assert.ok(got.has(`got c${index}`), `c${index} never had the lock`)
  })
})
