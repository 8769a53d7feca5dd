import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localRun } from '../../../src/core/process.ts'

const run = localRun({ PATH: process.env['PATH'] ?? '' })
const sh = (script: string, stdin?: string) => ({
  file: 'sh',
  args: ['-c', script],
  ...(stdin === undefined ? {} : { stdin }),
})

test('an outcome is the exit code and both streams', async () => {
  assert.deepEqual(await run(sh('echo out; echo err >&2; exit 3')), {
    code: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  })
})

test('stdin arrives as it is, and arguments are not interpreted', async () => {
  const odd = `a'b"c $HOME \\ é\nnext`
  const result = await run({ file: 'sh', args: ['-c', 'cat; printf %s "$1"', 'sh', odd], stdin: odd })
  assert.equal(result.stdout, odd + odd)
})

test('lines come whole while it runs', async () => {
  const lines: string[] = []
  await run(sh('printf "a\\nb"; sleep 0.1; printf "c\\n\\303"; sleep 0.1; printf "\\251"'), {
    onLine: line => lines.push(line),
  })
  assert.deepEqual(lines, ['a', 'bc', 'é'])
})

test('a command that does not read its stdin to the end has its exit code all the same', async () => {
  // In a process of its own, as node:test takes every uncaught exception for a failure.
  const local = JSON.stringify(new URL('../../../src/core/process.ts', import.meta.url).href)
  const script = `const { localRun } = await import(${local})
    const run = localRun({ PATH: process.env.PATH })
    console.log((await run({ file: 'sh', args: ['-c', 'exit 3'], stdin: 'x'.repeat(2_000_000) })).code)`
  const args = ['--input-type=module', '--eval', script]
  assert.deepEqual(await run({ file: process.execPath, args }), { code: 0, stdout: '3\n', stderr: '' })
})

test('a killed command has no exit code', async () => {
  assert.equal((await run(sh('kill -9 $$'))).code, null)
})

test('a time-out ends the command with everything that it started', async () => {
  const began = Date.now()
  const result = await run(sh('sleep 31.5 & sleep 31.5; echo not reached'), { timeout: 200 })
  assert.notEqual(result.code, 0)
  assert.equal(result.stdout, '')
  assert.ok(Date.now() - began < 10_000)
  assert.equal((await run({ file: 'pgrep', args: ['-f', '^sleep 31.5$'] })).stdout, '')
})

test('an abort ends a command that ignores the interrupt', async () => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 200)
  const result = await run(sh('trap "" INT; while :; do sleep 0.1; done'), { signal: stop.signal })
  assert.equal(result.code, null)
})

test('a command that does not exist is told as such', async () => {
  await assert.rejects(run({ file: 'no-such-command', args: [] }), /no-such-command/)
})

test('a command sees only the environment that it is given', async () => {
  process.env['INPUT_SSH-KEY'] = 'secret'
  assert.doesNotMatch((await run({ file: 'env', args: [] })).stdout, /secret/)
})
