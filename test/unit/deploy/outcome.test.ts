import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { outcomeOf, problemOf, pullingServices } from '../../../src/deploy/outcome.ts'
import type { Verdict, VerdictKind } from '../../../src/deploy/verdict.ts'

const nothing = { deployed: {}, previous: {}, stages: [], output: '' }

const cases: readonly { kind: VerdictKind; reason?: string; expected: string }[] = [
  { kind: 'ok', expected: 'The new release is running.' },
  {
    kind: 'unchanged',
    reason: 'cancelled',
    expected: 'The deploy stopped: cancelled. Nothing was changed on the server.',
  },
  {
    kind: 'rolled-back',
    reason: 'web restarted 3 times',
    expected:
      'The new release failed: web restarted 3 times. Rolled back: the previous release is running again.',
  },
  {
    kind: 'superseded',
    reason: 'web runs a@x of the later run 7',
    expected: 'Superseded: web runs a@x of the later run 7, nothing was changed.',
  },
]

suite('the text of a verdict', () => {
  for (const { kind, reason, expected } of cases) {
    test(kind, () =>
      assert.equal(outcomeOf({ kind, ...(reason === undefined ? {} : { reason }), ...nothing }), expected),
    )
  }
})

suite('after a rollback, a service that pulls its image at each start', () => {
  const table = [
    { policies: ['always'], envSet: {}, expected: ['web'] },
    { policies: ['missing', 'every_2h'], envSet: {}, expected: ['worker'] },
    { policies: ['missing', undefined], envSet: {}, expected: [] },
    { policies: ['always'], envSet: { TAG: 'v2' }, expected: [] },
  ]
  for (const { policies, envSet, expected } of table) {
    test(`${policies.join(', ')}${'TAG' in envSet ? ', with its own tag' : ''}`, () => {
      const services = policies.map((pullPolicy, index) => ({
        name: index === 0 ? 'web' : 'worker',
        pullPolicy,
      }))
      assert.deepEqual(pullingServices({ facts: { services }, envSet }), expected)
    })
  }

  test('is mentioned, and only after a rollback', () => {
    const cause = (kind: VerdictKind) => problemOf({ kind, ...nothing }, { pulling: ['web'] }).cause
    assert.match(
      cause('rolled-back'),
      /running again\. .*`web` pulls it at each start .* `docker compose up -d`/,
    )
    assert.doesNotMatch(cause('unchanged'), /pull/)
  })
})

suite('a change that could not be rolled back', () => {
  const stages = (...names: string[]) => names.map(stage => ({ stage, milliseconds: 1 }))
  const broken = { ...nothing, kind: 'broken', stage: 'gate', reason: 'web restarted 3 times' } as const
  const cause = (more: Partial<Verdict>) => problemOf({ ...broken, ...more }).cause

  test('with `rollback` off was left in place on purpose', () => {
    assert.match(
      cause({ stages: stages('up', 'gate'), leftInPlace: true }),
      /not rolled back, because `rollback` is false/,
    )
    assert.match(
      cause({ leftInPlace: true, second: 'job-left' }),
      /because that would run the previous job again/,
    )
    assert.match(
      cause({ stages: stages('up', 'gate', 'rollback', 'gate') }),
      /The previous release could not be restored either/,
    )
    assert.match(cause({}), /could not be restored either/)
    assert.match(cause({ stage: 'of another version' }), /could not be restored either/)
  })

  test('is not reported as left in place unless the verdict says so', () => {
    assert.match(cause({ stages: stages('up', 'gate') }), /The previous release could not be restored either/)
  })

  test('before it touched a container says so', () => {
    const said = cause({ stage: 'before', stages: stages('record', 'pull', 'pin', 'before') })
    assert.match(said, /^The deploy stopped: .* The running containers were not touched/)
    assert.match(said, /could not be restored/)
    assert.doesNotMatch(said, /rollback|previous release/)
  })
})

suite('the remedy for a run that was cut off', () => {
  const verdict = { ...nothing, kind: 'rolled-back', stage: 'up', reason: 'why', code: 'cut-off' } as const
  const rows = [
    { name: 'on a Compose host', swarm: undefined, expected: '`docker compose ps`' },
    {
      name: 'on a Swarm',
      swarm: ['shop_web', 'shop_api'],
      expected: '`docker service ps shop_web shop_api`',
    },
    { name: 'on a Swarm, if the services are unknown', swarm: [], expected: '`docker service ps NAME`' },
  ] as const
  for (const { name, swarm, expected } of rows)
    test(`lists what runs ${name}`, () =>
      assert.ok(problemOf(verdict, { swarm }).remedy?.includes(`Check what runs (${expected})`)))
})

suite('the remedy', () => {
  const verdict = { ...nothing, kind: 'broken', stage: 'gate', reason: 'why' } as const
  const rows: readonly { name: string; input: Partial<Verdict>; expected: RegExp | undefined }[] = [
    {
      name: 'is the one of the reason code',
      input: { code: 'lock-timeout' },
      expected: /longer `lock-timeout`/,
    },
    {
      name: 'is the one of the last failure',
      input: { code: 'exited', second: 'not-restored' },
      expected: /deploy again: Slipway then tries again/,
    },
    {
      name: 'is the one of the stage, if an older version gave no code',
      input: {},
      expected: /start_period/,
    },
    { name: 'is missing for a stage of another version', input: { stage: 'launch' }, expected: undefined },
  ]
  for (const { name, input, expected } of rows) {
    test(name, () => {
      const { remedy } = problemOf({ ...verdict, ...input })
      if (expected === undefined) assert.equal(remedy, undefined)
      else assert.match(remedy ?? '', expected)
    })
  }
})
