import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readPasted } from '../../recipes/pasted.ts'

const english = readFileSync('README.md', 'utf8')
const chinese = readFileSync('.github/README.zh-CN.md', 'utf8')

for (const [path, readme] of Object.entries({ 'README.md': english, '.github/README.zh-CN.md': chinese })) {
  test(`${path} is under 15 kB`, () => {
    assert.ok(Buffer.byteLength(readme) < 15_000, `${Buffer.byteLength(readme)} bytes`)
  })

  test(`${path} has the promise and a whole workflow on its first screen`, () => {
    const before = readme.slice(0, readme.indexOf('\n```yaml\n')).split('\n')
    assert.ok(before.length <= 12, `${before.length} lines before the workflow`)
    assert.ok(readPasted(readme).workflow.trimEnd().split('\n').length <= 26)
  })

  test(`the set-up in ${path} stops at the first error`, () => {
    assert.match(readPasted(readme).commands, /^\(set -e\n[\s\S]* sh -es [\s\S]*\)\n$/)
  })
}

test('both languages give the same to paste', () => {
  const { workflow, commands } = readPasted(english)
  const other = readPasted(chinese)
  assert.equal(other.workflow, workflow)
  assert.equal(other.commands, commands)
})
