import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineSplitter } from '../../../src/core/lines.ts'

const split = (...chunks: (string | Buffer)[]): string[] => {
  const lines: string[] = []
  const splitter = lineSplitter(line => lines.push(line))
  for (const chunk of chunks) splitter.write(Buffer.from(chunk))
  splitter.end()
  return lines
}

const rows: { name: string; input: (string | Buffer)[]; expected: string[] }[] = [
  { name: 'nothing', input: [], expected: [] },
  { name: 'one line', input: ['a\n'], expected: ['a'] },
  { name: 'no line break at the end', input: ['a'], expected: ['a'] },
  { name: 'a line in several chunks', input: ['a', 'b', 'c\nd', '\n'], expected: ['abc', 'd'] },
  { name: 'empty lines', input: ['\n\na\n\n'], expected: ['', '', 'a', ''] },
  { name: 'carriage returns', input: ['a\r', '\nb\r\n'], expected: ['a', 'b'] },
  {
    name: 'a character split across two chunks',
    input: [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])],
    expected: ['é'],
  },
]

for (const { name, input, expected } of rows) test(name, () => assert.deepEqual(split(...input), expected))

test('an endless line is truncated, and takes no more memory', () => {
  const piece = 'x'.repeat(1000)
  const [line, ...more] = split(...Array.from({ length: 20_000 }, () => piece), '\nnext')
  assert.equal(line, `${'x'.repeat(65_536)}…`)
  assert.deepEqual(more, ['next'])
})
