import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineSplitter } from '../../../src/core/lines.ts'

const cut = (...chunks: (string | Buffer)[]): string[] => {
  const lines: string[] = []
  const splitter = lineSplitter(line => lines.push(line))
  for (const chunk of chunks) splitter.write(Buffer.from(chunk))
  splitter.end()
  return lines
}

const rows: { name: string; input: (string | Buffer)[]; expected: string[] }[] = [
  { name: 'nothing', input: [], expected: [] },
  { name: 'a line', input: ['a\n'], expected: ['a'] },
  { name: 'without an end', input: ['a'], expected: ['a'] },
  { name: 'in pieces', input: ['a', 'b', 'c\nd', '\n'], expected: ['abc', 'd'] },
  { name: 'empty ones', input: ['\n\na\n\n'], expected: ['', '', 'a', ''] },
  { name: 'carriage returns', input: ['a\r', '\nb\r\n'], expected: ['a', 'b'] },
  { name: 'half a character', input: [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])], expected: ['é'] },
]

for (const { name, input, expected } of rows) test(name, () => assert.deepEqual(cut(...input), expected))

test('a line without end takes no memory: what is beyond its beginning is left out', () => {
  const piece = 'x'.repeat(1000)
  const [line, ...more] = cut(...Array.from({ length: 20_000 }, () => piece), '\nnext')
  assert.equal(line, `${'x'.repeat(65_536)}…`)
  assert.deepEqual(more, ['next'])
})
