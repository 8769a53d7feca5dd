import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import { boolean, integer, seconds } from '../../../src/inputs/values.ts'

const booleans: readonly [text: string, expected: boolean | 'problem'][] = [
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
  ['', true],
  ['yes', 'problem'],
  ['on', 'problem'],
  ['1', 'problem'],
  ['tRUE', 'problem'],
]

for (const [text, expected] of booleans) {
  test(`boolean: ${JSON.stringify(text)}`, () => {
    const findings = noFindings()
    assert.equal(boolean({ push: text }, 'push', findings, true), expected === 'problem' ? true : expected)
    assert.deepEqual(
      findings.problems.map(({ cause }) => cause),
      expected === 'problem' ? [`\`push\` is \`${text}\`, which is neither true nor false.`] : [],
    )
  })
}

const numbers: readonly [read: typeof seconds, text: string, expected: number | string][] = [
  [integer, '', 7],
  [integer, '5', 5],
  [integer, '0', 'less than 1'],
  [integer, '-3', 'less than 1'],
  [integer, '1000', 'more than 900'],
  [integer, '5.5', 'not a whole number'],
  [integer, '1e3', 'not a whole number'],
  [integer, 'five', 'not a whole number'],
  [seconds, '', 7],
  [seconds, '120', 120],
  [seconds, '90s', 90],
  [seconds, '2m', 120],
  [seconds, '2m30s', 150],
  [seconds, '1h', 'more than 900'],
  [seconds, '0', 'less than 1'],
  [seconds, '2 m', 'not a duration'],
  [seconds, '30s2m', 'not a duration'],
  [seconds, '2m30', 'not a duration'],
  [seconds, 'm', 'not a duration'],
  [seconds, '-5', 'not a duration'],
]

for (const [read, text, expected] of numbers) {
  test(`${read.name}: ${JSON.stringify(text)}`, () => {
    const findings = noFindings()
    const value = read({ 'wait-timeout': text }, 'wait-timeout', findings, { fallback: 7, min: 1, max: 900 })
    assert.equal(value, typeof expected === 'number' ? expected : 7)
    const causes = findings.problems.map(({ cause }) => cause).join()
    if (typeof expected === 'number') assert.equal(causes, '')
    else assert.match(causes, new RegExp(`^\`wait-timeout\` is \`${text}\`, which is ${expected}`))
  })
}
