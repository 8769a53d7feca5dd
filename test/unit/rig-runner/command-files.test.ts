import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseKeyValues, parsePaths } from '../../rig/runner/command-files.ts'

const good = [
  { name: 'nothing', input: '', expected: {} },
  { name: 'a line', input: 'a=1\n', expected: { a: '1' } },
  { name: 'empty values and equals signs', input: 'a=\n\nb=c=d<<e\n', expected: { a: '', b: 'c=d<<e' } },
  { name: 'a heredoc', input: 'a<<EOF\none\n\nb=2\nEOF\nc=3', expected: { a: 'one\n\nb=2', c: '3' } },
  { name: 'an empty heredoc', input: 'a<<EOF\nEOF\n', expected: { a: '' } },
  { name: 'a delimiter with an equals sign', input: 'a<<x=y\n1\nx=y\n', expected: { a: '1' } },
  { name: 'the last one wins', input: 'a=1\na=2\n', expected: { a: '2' } },
  { name: 'a carriage return is part of the value', input: 'a=1\r\n', expected: { a: '1\r' } },
]

const bad = [
  { name: 'neither sign', input: 'hello\n', expected: /Invalid format 'hello'/ },
  { name: 'no name', input: '=1\n', expected: /Invalid format '=1'/ },
  { name: 'no name before a heredoc', input: '<<E\n1\nE\n', expected: /Name must not be empty/ },
  { name: 'no delimiter', input: 'a<<\n1\n', expected: /delimiter must not be empty/ },
  { name: 'no end', input: 'a<<E\n1\n', expected: /Matching delimiter not found 'E'/ },
]

describe('a command file', () => {
  for (const { name, input, expected } of good) {
    it(name, () => assert.deepEqual(Object.fromEntries(parseKeyValues(input)), expected))
  }
  for (const { name, input, expected } of bad) {
    it(`with ${name} is refused`, () => assert.throws(() => parseKeyValues(input), expected))
  }
  it('of paths is a line each', () => assert.deepEqual(parsePaths('/a\n\n/b c\n'), ['/a', '/b c']))
})
