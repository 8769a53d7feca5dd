import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Masks } from '../../rig/runner/masks.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

const cases = [
  { name: 'a value, twice', masks: ['s3cret'], input: 'a s3cret b s3cret', expected: 'a *** b ***' },
  { name: 'nothing', masks: ['', '  '], input: 'a  b', expected: 'a  b' },
  { name: 'each line', masks: ['first line\nsecond line'], input: 'x second line', expected: 'x ***' },
  { name: 'values that overlap', masks: ['abcd', 'cdef'], input: '-abcdef-', expected: '-***-' },
  { name: 'values that touch', masks: ['abc', 'def'], input: 'abcdef', expected: '***' },
  { name: 'a value in another', masks: ['bc', 'abcd'], input: 'abcd', expected: '***' },
  { name: 'JSON', masks: ['a"b\\c'], input: JSON.stringify({ k: 'a"b\\c' }), expected: '{"k":"***"}' },
  { name: 'a URI', masks: ['p@ss/word'], input: 'https://u:p%40ss%2Fword@h', expected: 'https://u:***@h' },
  { name: 'Base64', masks: ['user-password'], input: base64('user-password'), expected: '***' },
  { name: 'Base64 behind a name', masks: ['pass-of-nine'], input: base64('bob:pass-of-nine'), hides: true },
]

describe('masks hide', () => {
  for (const { name, masks, input, expected, hides } of cases) {
    it(name, () => {
      const shown = new Masks(masks).apply(input)
      if (hides) assert.match(shown, /\*\*\*/)
      else assert.equal(shown, expected)
    })
  }
})
