import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { code } from '../../../src/report/markdown.ts'

suite('monospace', () => {
  const rows: readonly (readonly [text: string, expected: string])[] = [
    ['deploy@example.com', '`deploy@example.com`'],
    ['a_b*c <d> & [e]', '`a_b*c <d> & [e]`'],
    ['a|b', '<code>a&#124;b</code>'],
    ['a`b', '<code>a&#96;b</code>'],
    ['a\\', '<code>a&#92;</code>'],
    ['<a|b>\nc', '<code>&lt;a&#124;b&gt; c</code>'],
    [' a', '<code> a</code>'],
    ['', '<code></code>'],
  ]
  for (const [text, expected] of rows) test(JSON.stringify(text), () => assert.equal(code(text), expected))
})
