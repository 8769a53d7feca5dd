import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { conditionHolds, expand } from '../../rig/runner/expressions.ts'

const contexts = { github: { token: 'ghs_1', event: { number: 7 } }, runner: { os: 'Linux' } }

const cases = [
  { name: 'no expression', input: 'plain $text', expected: 'plain $text' },
  { name: 'a value', input: '${{ github.token }}', expected: 'ghs_1' },
  { name: 'a deeper value, with text about it', input: 'pr-${{github.event.number}}!', expected: 'pr-7!' },
  { name: 'one that is not there', input: '${{ github.event.a.b }}', expected: '' },
  { name: 'a literal', input: "${{ 'it''s' }}", expected: "it's" },
]

describe('an expression', () => {
  for (const { name, input, expected } of cases) {
    it(name, () => assert.equal(expand(input, contexts), expected))
  }
  it('that is more than a value is refused', () =>
    assert.throws(() => expand('${{ a || b }}', contexts), /unsupported/))
  it('of an unknown context is refused', () =>
    assert.throws(() => expand('${{ git.token }}', contexts), /git/))
})

const conditions = [
  { input: 'always()', expected: [true, true, true] },
  { input: 'success()', expected: [true, false, false] },
  { input: '${{ failure() }}', expected: [false, true, false] },
  { input: '!cancelled()', expected: [true, true, false] },
]

describe('a condition', () => {
  for (const { input, expected } of conditions) {
    it(input, () =>
      assert.deepEqual(
        (['success', 'failure', 'cancelled'] as const).map(conclusion => conditionHolds(input, conclusion)),
        expected,
      ),
    )
  }
})
