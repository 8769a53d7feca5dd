import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { VerdictKind } from '../../src/deploy/verdict.ts'
import { outcomeOf, problemOf } from '../../src/outcome.ts'

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

test('a release that was left because `rollback` is off is not one that could not be rolled back', () => {
  const stages = (...names: string[]) => names.map(stage => ({ stage, milliseconds: 1 }))
  const broken = { ...nothing, kind: 'broken', stage: 'gate', reason: 'web restarted 3 times' } as const
  const cause = (...names: string[]) => problemOf({ ...broken, stages: stages(...names) }).cause
  assert.match(cause('up', 'gate'), /left as it is, as `rollback` is off/)
  assert.match(cause('up', 'gate', 'rollback', 'gate'), /Neither it nor the previous release/)
  assert.match(problemOf(broken).cause, /Neither it nor/)
})
