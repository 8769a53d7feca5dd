import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import { envLine } from '../../../src/payload/dotenv.ts'
import { parseSettings } from '../../../src/payload/settings.ts'

describe('lines of `env`', () => {
  const table = [
    { name: 'a literal value', input: `A= it's "x" #1 `, expected: { A: ` it's "x" #1 ` } },
    {
      name: 'a multi-line value',
      input: 'A<<EOF\none\n\ntwo\nEOF\nB=2',
      expected: { A: 'one\n\ntwo', B: '2' },
    },
    { name: 'an empty multi-line value', input: 'A<<EOF\nEOF', expected: { A: '' } },
    {
      name: 'line ends inside a value',
      input: 'A<<EOF\none\r\ntwo\nEOF\nB=2',
      expected: { A: 'one\r\ntwo', B: '2' },
    },
    {
      name: 'input with Windows line ends',
      input: 'A<<EOF\r\none\r\nEOF\r\nB=2\r\n',
      expected: { A: 'one', B: '2' },
    },
    { name: 'a line separator of Unicode', input: 'A=a\u2028b', expected: { A: 'a\u2028b' } },
    { name: 'comments and blank lines', input: '# A=1\n\nB=', expected: { B: '' } },
    { name: '`<<` after an equals sign', input: 'A=1<<EOF', expected: { A: '1<<EOF' } },
  ]
  for (const { name, input, expected } of table) {
    it(name, () => {
      const findings = noFindings()
      const found = Object.fromEntries(parseSettings(input, findings).map(each => [each.name, each.value]))
      assert.deepEqual({ found, problems: findings.problems }, { found: expected, problems: [] })
    })
  }

  const wrong = [
    {
      name: 'a line without a name',
      input: 'just text',
      cause: /^Line 1 of `env` cannot be read: it is neither/,
    },
    {
      name: 'a value without its closing line',
      input: 'X=1\nA<<EOF\nsecret',
      cause: /^Line 2 .* the line `EOF` that ends the value of `A` is missing/,
    },
    { name: 'a duplicate name', input: 'A=1\nA=2', cause: /sets `A` twice/ },
    { name: 'an invalid name', input: '1A=x', cause: /^Line 1/ },
    { name: 'a bad line after a multi-line value', input: 'A<<E\n1\n2\nE\nsecret', cause: /^Line 5/ },
  ]
  for (const { name, input, cause } of wrong) {
    it(`rejects ${name}, and shows no value`, () => {
      const findings = noFindings()
      parseSettings(input, findings)
      assert.match(findings.problems[0]?.cause ?? '', cause)
      assert.doesNotMatch(JSON.stringify(findings), /secret/)
    })
  }
})

// `config` of Compose 2.40.3, 2.26.1 and 1.29.2 read each of these lines back as its value.
describe('a line of the env file', () => {
  const table = [
    { value: 'plain-1.2/x', v2: 'A=plain-1.2/x', v1: 'A=plain-1.2/x' },
    { value: '', v2: 'A=', v1: 'A=' },
    { value: '$X', v2: 'A="\\$X"', v1: 'A="$X"' },
    { value: '${X}', v2: 'A="\\${X}"', v1: 'A="${:-$}{X}"' },
    { value: 'a "b"\n', v2: 'A="a \\"b\\"\\n"', v1: 'A="a \\"b\\"\\n"' },
    { value: 'c:\\', v2: 'A="c:\\\\"', v1: 'A="c:${:-\\}"' },
  ]
  for (const { value, v2, v1 } of table) {
    it(JSON.stringify(value), () => {
      const setting = { name: 'A', value }
      assert.deepEqual([envLine(setting, false), envLine(setting, true)], [v2, v1])
    })
  }
})
