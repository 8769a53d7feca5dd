import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readContext, readEvent } from '../../../src/core/context.ts'
import { Failure } from '../../../src/core/errors.ts'
import { privateDirectory } from '../../../src/core/private-files.ts'

const directories: readonly { name: string; runnerTemp?: string; workspace?: string; expected: string }[] = [
  { name: 'set by the runner', runnerTemp: '/runner/_temp', expected: '/runner/_temp' },
  { name: 'not set', expected: tmpdir() },
  { name: 'empty', runnerTemp: '', expected: tmpdir() },
  { name: 'relative', runnerTemp: '_temp', expected: tmpdir() },
  { name: 'inside the workspace', runnerTemp: '/repo/_temp', expected: tmpdir() },
  { name: 'the workspace itself', runnerTemp: '/repo', expected: tmpdir() },
  { name: 'next to the workspace', runnerTemp: '/repo-temp', expected: '/repo-temp' },
  { name: 'inside the workspace, with a leading `..`', runnerTemp: '/repo/..temp', expected: tmpdir() },
  { name: "with a comma, docker's separator", runnerTemp: '/runner,1/_temp', expected: tmpdir() },
  { name: 'with a quote', runnerTemp: '/runner"/_temp', expected: tmpdir() },
  { name: 'with a blank, which is harmless', runnerTemp: '/my runner/_temp', expected: '/my runner/_temp' },
  { name: 'not set, and the workspace is /tmp', workspace: '/tmp', expected: '/var/tmp' },
]

for (const { name, runnerTemp, workspace = '/repo', expected } of directories) {
  test(`directory for private files, RUNNER_TEMP is ${name}`, () => {
    const env = {
      GITHUB_WORKSPACE: workspace,
      ...(runnerTemp === undefined ? {} : { RUNNER_TEMP: runnerTemp }),
    }
    assert.equal(readContext(env, '').temp, expected)
  })
}

test('a private directory is accessible to its owner only', async () => {
  const path = await privateDirectory(tmpdir(), 'test')
  assert.equal(statSync(path).mode & 0o777, 0o700)
  await rm(path, { recursive: true })
})

test('the error names the directory in which none can be created', async () => {
  await assert.rejects(privateDirectory('/nowhere', 'test'), error => {
    assert.ok(error instanceof Failure)
    assert.match(error.message, /`\/nowhere`: ENOENT/)
    return true
  })
})

for (const text of ['{', '[]', 'null', '7', '"x"', ' ']) {
  test(`an event that is not an object: ${text}`, () => {
    assert.throws(
      () => readContext({ GITHUB_EVENT_PATH: '/e.json' }, text),
      /`\/e.json`\) is not a JSON object/,
    )
  })
}

test('the event is read from the file that the runner names; without a file it is empty', () => {
  assert.equal(readEvent({}), '')
  assert.deepEqual(readContext({}, '').payload, {})
  assert.equal(
    readEvent({ GITHUB_EVENT_PATH: join(import.meta.dirname, 'context.test.ts') }).slice(0, 6),
    'import',
  )
  assert.throws(() => readEvent({ GITHUB_EVENT_PATH: '/nowhere' }), /cannot be read: ENOENT/)
})
