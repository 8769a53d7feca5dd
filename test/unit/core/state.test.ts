import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { forgetRun, remember } from '../../../src/core/state.ts'

const directory = mkdtempSync(join(tmpdir(), 'slipway-state-'))
const file = join(directory, 'state')
process.env['GITHUB_STATE'] = file
after(() => rmSync(directory, { recursive: true }))

/** Returns the state that the runner passes to the post step: the last one written. */
const written = (): unknown =>
  JSON.parse(
    readFileSync(file, 'utf8')
      .match(/^\[.*\]$/gm)
      ?.at(-1) ?? '',
  )

test('the state has only the last run on the server, with the bytes of its log that were shown', () => {
  writeFileSync(file, '')
  remember({ kind: 'directory', path: '/a' })
  remember({ kind: 'run', path: '/r1', shownBytes: 0 })
  remember({ kind: 'run', path: '/r2', shownBytes: 0 })
  remember({ kind: 'directory', path: '/b' })
  remember({ kind: 'run', path: '/r2', shownBytes: 70 })
  assert.deepEqual(written(), [
    { kind: 'directory', path: '/a' },
    { kind: 'directory', path: '/b' },
    { kind: 'run', path: '/r2', shownBytes: 70 },
  ])
  forgetRun()
  assert.equal((written() as unknown[]).length, 2)
})
