/** Limits of size and of the number of commands. `npm run bench` measures times. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { action } from '../bench/action.ts'
import { callsOfDefaultPath } from '../bench/calls.ts'

const dist = join(action, 'dist')
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => ({ name: entry.name, text: readFileSync(join(entry.parentPath, entry.name), 'utf8') }))

suite('limits', () => {
  test('dist/ is at most 3.5 MB', () => {
    const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
    assert.ok(bytes > 0 && bytes <= 3_500_000, `${bytes} bytes`)
  })

  test('dist/ is readable: nothing in it is minified', () => {
    const scripts = files.filter(({ name }) => name.endsWith('.cjs'))
    assert.notEqual(scripts.length, 0)
    for (const { name, text } of scripts) {
      const average = text.length / text.split('\n').length
      assert.ok(average < 100, `${name} has ${average.toFixed(0)} characters per line`)
    }
  })

  test('the default path runs docker at most six times', async () => {
    const calls = await callsOfDefaultPath()
    assert.ok(calls.length > 0 && calls.length <= 6, calls.join('\n'))
    assert.equal(calls.filter(call => call === 'buildx build').length, 1, calls.join('\n'))
  })
})
