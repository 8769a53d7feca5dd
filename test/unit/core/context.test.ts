import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readContext, readEvent } from '../../../src/core/context.ts'
import { Failure } from '../../../src/core/errors.ts'
import { privateDirectory } from '../../../src/core/private-files.ts'

const places: readonly { name: string; own?: string; workspace?: string; expected: string }[] = [
  { name: "the job's own", own: '/runner/_temp', expected: '/runner/_temp' },
  { name: 'none is set', expected: tmpdir() },
  { name: 'an empty one', own: '', expected: tmpdir() },
  { name: 'one that is relative', own: '_temp', expected: tmpdir() },
  { name: 'one in the workspace', own: '/repo/_temp', expected: tmpdir() },
  { name: 'the workspace itself', own: '/repo', expected: tmpdir() },
  { name: 'one beside it', own: '/repo-temp', expected: '/repo-temp' },
  { name: 'one whose name begins with dots', own: '/repo/..temp', expected: tmpdir() },
  { name: "a comma, which ends an attribute of docker's", own: '/runner,1/_temp', expected: tmpdir() },
  { name: 'a quote', own: '/runner"/_temp', expected: tmpdir() },
  { name: 'a blank, which ends nothing', own: '/my runner/_temp', expected: '/my runner/_temp' },
  { name: 'the workspace is where the system has its own', workspace: '/tmp', expected: '/var/tmp' },
]

for (const { name, own, workspace = '/repo', expected } of places) {
  test(`where private files go: ${name}`, () => {
    const env = { GITHUB_WORKSPACE: workspace, ...(own === undefined ? {} : { RUNNER_TEMP: own }) }
    assert.equal(readContext(env, '').temp, expected)
  })
}

test('a private directory is for its owner alone', async () => {
  const path = await privateDirectory(tmpdir(), 'test')
  assert.equal(statSync(path).mode & 0o777, 0o700)
  await rm(path, { recursive: true })
})

test('a place where none can be made is named', async () => {
  await assert.rejects(privateDirectory('/nowhere', 'test'), error => {
    assert.ok(error instanceof Failure)
    assert.match(error.message, /`\/nowhere`: ENOENT/)
    return true
  })
})

for (const text of ['{', '[]', 'null', '7', '"x"', ' ']) {
  test(`an event that is no object: ${text}`, () => {
    assert.throws(
      () => readContext({ GITHUB_EVENT_PATH: '/e.json' }, text),
      /`\/e.json`\) is not a JSON object/,
    )
  })
}

test('an event is read from the file that the runner names, and there need not be one', () => {
  assert.equal(readEvent({}), '')
  assert.deepEqual(readContext({}, '').payload, {})
  assert.equal(
    readEvent({ GITHUB_EVENT_PATH: join(import.meta.dirname, 'context.test.ts') }).slice(0, 6),
    'import',
  )
  assert.throws(() => readEvent({ GITHUB_EVENT_PATH: '/nowhere' }), /cannot be read: ENOENT/)
})
