import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { localRun, NotStarted } from '../../../src/core/process.ts'

const run = localRun({ PATH: process.env['PATH'] ?? '' })
const sh = (script: string, stdin?: string) => ({
  file: 'sh',
  args: ['-c', script],
  ...(stdin === undefined ? {} : { stdin }),
})

test('an outcome has the exit code and both streams', async () => {
  assert.deepEqual(await run(sh('echo out; echo err >&2; exit 3')), {
    code: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  })
})

test('stdin arrives unchanged, and no shell interprets the arguments', async () => {
  const odd = `a'b"c $HOME \\ é\nnext`
  const result = await run({ file: 'sh', args: ['-c', 'cat; printf %s "$1"', 'sh', odd], stdin: odd })
  assert.equal(result.stdout, odd + odd)
})

test('complete lines are passed on while the command runs', async () => {
  const lines: string[] = []
  await run(sh('printf "a\\nb"; sleep 0.1; printf "c\\n\\303"; sleep 0.1; printf "\\251"'), {
    onLine: line => lines.push(line),
  })
  assert.deepEqual(lines, ['a', 'bc', 'é'])
})

test('a command that does not read all of its stdin still has its exit code', async () => {
  // Runs in a separate process, because node:test counts every uncaught exception as a failure.
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

test('a timeout ends the command and all its child processes', async () => {
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

/**
 * Asserts that the attempt fails with a Failure that gives the reason. (The error that Node throws right away once
 * reached no handler and ended the process.)
 */
async function assertNotStarted(attempt: Promise<unknown>, cause: RegExp, code: string): Promise<void> {
  await assert.rejects(attempt, error => {
    assert.ok(error instanceof NotStarted)
    assert.match(error.problems[0]?.cause ?? '', cause)
    assert.ok(error.problems[0]?.remedy)
    assert.equal(error.code, code)
    return true
  })
}

test('a command that does not exist', async () => {
  await assertNotStarted(
    run({ file: 'no-such-command', args: [] }),
    /`no-such-command` could not be started/,
    'ENOENT',
  )
})

test('a program is found only in absolute directories of the PATH', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-path-'))
  const here = process.cwd()
  writeFileSync(join(directory, 'own'), '#!/bin/sh\necho ran\n', { mode: 0o755 })
  mkdirSync(join(directory, 'bin/own'), { recursive: true })
  try {
    process.chdir(directory)
    for (const PATH of ['', ':', '.', `${relative('/', directory)}:`, join(directory, 'bin')])
      await assertNotStarted(localRun({ PATH })({ file: 'own', args: [] }), /`own`/, 'ENOENT')
    const PATH = `:${join(directory, 'bin')}:${directory}`
    assert.equal((await localRun({ PATH })({ file: 'own', args: [] })).stdout, 'ran\n')
  } finally {
    process.chdir(here)
    rmSync(directory, { recursive: true })
  }
})

/**
 * Runs the body in a separate process, because node:test counts every unhandled rejection as a failure. Returns its
 * output. In the body, `report` resolves to the exit code, or to the error code and cause.
 */
function outputOf(body: string): string {
  const source = new URL('../../../src/core/process.ts', import.meta.url).href
  const script = `import { localRun } from '${source}'
    const run = localRun(process.env)
    const report = attempt => attempt.then(({ code }) => String(code), ({ code, problems }) => code + ': ' + problems?.[0]?.cause)
    ${body}`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  })
  return stdout + stderr
}

test('arguments that are too long', () => {
  const output = outputOf(`console.log(await report(run({ file: 'true', args: ['x'.repeat(200_000)] })))`)
  assert.match(output, /^E2BIG: .*larger than the system allows/)
})

test('an environment that is too long fails only its own command, not one that runs at the same time', () => {
  const output = outputOf(`
    const other = report(run({ file: 'sh', args: ['-c', 'echo once >&2; sleep 1; exit 7'] }))
    const env = { A: 'x'.repeat(200_000) }
    console.log(await report(run({ file: 'true', args: [], env })), await other)`)
  assert.match(output, /^E2BIG: .* 7\n$/)
})

test('a program that is still being written is retried, and fails if it stays busy', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-busy-'))
  const program = join(directory, 'docker')
  copyFileSync('/bin/true', program)
  try {
    const output = outputOf(`
      import { closeSync, openSync } from 'node:fs'
      const open = openSync('${program}', 'r+')
      console.log(await report(run({ file: '${program}', args: ['buildx', 'build'] })))
      setTimeout(() => closeSync(open), 200)
      console.log(await report(run({ file: '${program}', args: [] })))`)
    assert.match(output, /^ETXTBSY: `docker` .*ETXTBSY.*\n0\n$/)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('a file that is not executable', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-none-'))
  const program = join(directory, 'docker')
  writeFileSync(program, '\0', { mode: 0o644 })
  await assertNotStarted(
    run({ file: program, args: [] }),
    /`docker` could not be started: the user/,
    'EACCES',
  )
  rmSync(directory, { recursive: true })
})

test('a background process that keeps stdout open does not delay the outcome forever', async () => {
  const began = Date.now()
  assert.equal((await run(sh('sleep 12.5 & echo out'))).stdout, 'out\n')
  assert.ok(Date.now() - began < 20_000)
})

test('a command sees only the given environment', async () => {
  process.env['INPUT_SSH-KEY'] = 'secret'
  assert.doesNotMatch((await run({ file: 'env', args: [] })).stdout, /secret/)
})
