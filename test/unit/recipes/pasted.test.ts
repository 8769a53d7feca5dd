import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readPasted } from '../../recipes/pasted.ts'

for (const path of ['README.md', '.github/README.zh-CN.md']) {
  const readme = readFileSync(path, 'utf8')
  const { workflow, commands } = readPasted(readme)

  test(`${path} has the promise and a whole workflow on its first screen`, () => {
    const lines = readme.slice(0, readme.indexOf('\n```\n')).split('\n')
    assert.ok(workflow.trimEnd().split('\n').length <= 9)
    const text = lines.filter(line => line.trim() !== '' && !/^```|^# /.test(line))
    assert.ok(text.length <= 10, `${text.length} lines`)
  })

  test(`${path} sets a server up by five commands`, () => {
    const alone = commands.replaceAll(/<<'(\w+)'\n[\s\S]*?\n\1$/gm, '')
    assert.equal(alone.trimEnd().split('\n').length, 5)
  })
}
