import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { interpolate, readEnvFile, variablesOf } from '../../../../src/compose/interpolation.ts'

// Compared with `docker compose config` 2.40 with SET=x EMPTY= in the environment.
const values = new Map([
  ['SET', 'x'],
  ['EMPTY', ''],
])

suite('interpolation', () => {
  const table: readonly { input: string; expected: string; names: readonly string[] }[] = [
    { input: 'app:1', expected: 'app:1', names: [] },
    { input: 'app:$SET', expected: 'app:x', names: ['SET'] },
    { input: 'app:${SET}-slim', expected: 'app:x-slim', names: ['SET'] },
    { input: 'app:${UNSET}', expected: 'app:', names: ['UNSET'] },
    { input: 'app:${UNSET:-latest}', expected: 'app:latest', names: ['UNSET'] },
    { input: 'app:${EMPTY:-latest}', expected: 'app:latest', names: ['EMPTY'] },
    { input: 'app:${EMPTY-latest}', expected: 'app:', names: ['EMPTY'] },
    { input: 'app:${SET:+on}${UNSET+off}', expected: 'app:on', names: ['SET', 'UNSET'] },
    { input: '${UNSET:-${SET}-${EMPTY:-y}}:1', expected: 'x-y:1', names: ['UNSET', 'SET', 'EMPTY'] },
    { input: 'app:${SET:?why}', expected: 'app:x', names: ['SET'] },
    { input: 'a$$b', expected: 'a$b', names: [] },
    { input: 'a$$SET', expected: 'a$SET', names: [] },
    { input: 'costs $5', expected: 'costs $5', names: [] },
    { input: '${SET}/${SET}', expected: 'x/x', names: ['SET'] },
  ]
  for (const { input, expected, names } of table)
    test(input, () => {
      assert.equal(
        interpolate(input, name => values.get(name)),
        expected,
      )
      assert.deepEqual(variablesOf(input), names)
    })
})

suite('an env file', () => {
  const table: readonly { name: string; input: string; expected: Record<string, string> }[] = [
    { name: 'plain', input: 'A=1\nB=two words\n', expected: { A: '1', B: 'two words' } },
    { name: 'blanks, export and CRLF', input: ' export A = 1 \r\nB=2\r\n', expected: { A: '1', B: '2' } },
    { name: 'comments', input: '# A=0\nA=1 # one\nB=a#b\n', expected: { A: '1', B: 'a#b' } },
    { name: 'quotes', input: `A='a # $B'\nB="say \\"hi\\""\n`, expected: { A: 'a # $B', B: 'say "hi"' } },
    {
      name: 'a value over several lines',
      input: 'A="one\nB=two"\nC=3',
      expected: { A: 'one\nB=two', C: '3' },
    },
    { name: 'the last one counts', input: 'A=1\nA=2\n', expected: { A: '2' } },
    { name: 'a byte order mark', input: '\ufeffA=1\nB=2\n', expected: { A: '1', B: '2' } },
    { name: 'empty', input: 'A=\nB=1\n', expected: { A: '', B: '1' } },
    { name: 'nothing', input: '', expected: {} },
  ]
  for (const { name, input, expected } of table)
    test(name, () => assert.deepEqual(Object.fromEntries(readEnvFile(input)), expected))
})
