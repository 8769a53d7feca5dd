import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { code, prose, sentences } from '../../../src/report/markdown.ts'

suite('monospace', () => {
  const rows: readonly (readonly [text: string, expected: string])[] = [
    ['deploy@example.com', '`deploy@example.com`'],
    ['a_b*c <d> & [e]', '`a_b*c <d> & [e]`'],
    ['a|b', '<code>a&#124;b</code>'],
    ['a`b', '<code>a&#96;b</code>'],
    ['a\\', '<code>a&#92;</code>'],
    ['<a|b>\nc', '<code>&lt;a&#124;b&gt; c</code>'],
    ['a\rb', '<code>a b</code>'],
    ['a \r\n b', '<code>a b</code>'],
    [' a', '<code> a</code>'],
    ['', '<code></code>'],
  ]
  for (const [text, expected] of rows) test(JSON.stringify(text), () => assert.equal(code(text), expected))
})

test('line ends in escaped text are removed: after one, a heading could begin', () => {
  for (const end of ['\n', '\r', '\r\n', ' \r\r ']) {
    assert.equal(prose(`a${end}# b`), 'a # b')
    assert.equal(sentences(`a \`b${end}c\` d`).search(/[\r\n]/), -1)
  }
})
