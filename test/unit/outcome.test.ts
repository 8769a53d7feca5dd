import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { VerdictKind } from '../../src/deploy/verdict.ts'
import { outcomeOf } from '../../src/outcome.ts'

const nothing = { deployed: {}, previous: {}, stages: [], output: '' }

const cases: readonly { kind: VerdictKind; reason?: string; expected: string }[] = [
  { kind: 'ok', expected: 'The new release serves.' },
  {
    kind: 'unchanged',
    reason: 'cancelled',
    expected: 'The deploy stopped: cancelled. Nothing was changed on the server.',
  },
  {
    kind: 'rolled-back',
    reason: 'web restarted 3 times',
    expected:
      'The new release failed: web restarted 3 times. It was rolled back: the previous release serves again.',
  },
  {
    kind: 'superseded',
    reason: 'web runs a@x of the later run 7',
    expected: 'Superseded: web runs a@x of the later run 7, nothing was changed.',
  },
]

suite('what a verdict means', () => {
  for (const { kind, reason, expected } of cases) {
    test(kind, () =>
      assert.equal(outcomeOf({ kind, ...(reason === undefined ? {} : { reason }), ...nothing }), expected),
    )
  }
})
