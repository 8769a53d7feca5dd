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

/** What the runner brings to the post step: the last that was written. */
const written = (): unknown =>
  JSON.parse(
    readFileSync(file, 'utf8')
      .match(/^\[.*\]$/gm)
      ?.at(-1) ?? '',
  )

test('what is to be undone has the last run on the server in it, as far as it was told', () => {
  writeFileSync(file, '')
  remember({ kind: 'directory', path: '/a' })
  remember({ kind: 'run', path: '/r1', told: 0 })
  remember({ kind: 'run', path: '/r2', told: 0 })
  remember({ kind: 'directory', path: '/b' })
  remember({ kind: 'run', path: '/r2', told: 70 })
  assert.deepEqual(written(), [
    { kind: 'directory', path: '/a' },
    { kind: 'directory', path: '/b' },
    { kind: 'run', path: '/r2', told: 70 },
  ])
  forgetRun()
  assert.equal((written() as unknown[]).length, 2)
})
