/** The public check: its result from the runner, and what the server does without one. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { suite, test } from 'node:test'
import { openStand, type Parameters, service } from './stand.ts'

const asked = (limit: string, lost: string): Parameters => [
  ['check-url', 'https://app.example/'],
  ['check-limit', limit],
  ['on-lost', lost],
]

interface Case {
  readonly name: string
  readonly limit?: string
  readonly lost: string
  readonly word?: string
  readonly kind: 'ok' | 'rolled-back'
  readonly reason?: string
  readonly says?: RegExp
}

const gone = 'the runner was lost before https://app.example/ had answered'
const cases: readonly Case[] = [
  {
    name: 'the runner sends no result, and `check-on-lost` keeps the release',
    lost: 'keep',
    kind: 'ok',
    says: /No answer from the runner after 0 s: `check-on-lost` is keep\./,
  },
  {
    name: 'the runner sends no result, and `check-on-lost` rolls back',
    lost: 'roll back',
    kind: 'rolled-back',
    reason: gone,
    says: /No answer from the runner after 0 s: `check-on-lost` is roll back\./,
  },
  {
    name: 'the runner sends no result in time, and `check-on-lost` keeps the release',
    limit: '1',
    lost: 'keep',
    kind: 'ok',
    says: /after 1 s/,
  },
  {
    name: 'the runner sends no result in time, and `check-on-lost` rolls back',
    limit: '1',
    lost: 'roll back',
    kind: 'rolled-back',
    reason: gone,
  },
  {
    name: 'the runner reports that it cannot check, and `check-on-lost` rolls back',
    limit: '60',
    lost: 'roll back',
    word: 'lost on its way',
    kind: 'rolled-back',
    reason: gone,
    says: /No answer from the runner on its way:/,
  },
  { name: 'the check succeeds, with any `check-on-lost`', lost: 'roll back', word: 'keep', kind: 'ok' },
  {
    name: 'the check fails, with any `check-on-lost`',
    lost: 'keep',
    word: 'roll it answered 502',
    kind: 'rolled-back',
    reason: 'it answered 502',
  },
]

suite('a release with a public check, if', () => {
  for (const { name, limit = '0', lost, word, kind, reason, says = /Wait for the public check/ } of cases) {
    test(name, () => {
      using stand = openStand()
      stand.write('conf', 'old\n')
      for (const image of ['one', 'two']) stand.image(image)
      assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
      const { verdict, log } = stand.deploy([service('web', 'two'), ...asked(limit, lost)], {
        files: {
          'payload/whole': '',
          'payload/files/conf': 'new\n',
          ...(word === undefined ? {} : { decision: `${word}\n` }),
        },
      })
      assert.deepEqual([verdict?.kind, verdict?.reason], [kind, reason], log)
      assert.equal(verdict?.stage, kind === 'ok' ? undefined : 'front')
      assert.match(log, says)
      const [web] = stand.containers('web')
      assert.deepEqual(
        [web?.['image'], web?.['status'], stand.read('conf')],
        kind === 'ok'
          ? [stand.imageOf('two'), 'running', 'new\n']
          : [stand.imageOf('one'), 'running', 'old\n'],
      )
      assert.equal(existsSync(`${stand.state}/record`), false, 'nothing is left to settle')
    })
  }

  test('it is the first release, the runner sends no result, and `check-on-lost` rolls back: is removed', () => {
    using stand = openStand()
    stand.image('one')
    const { verdict, log } = stand.deploy([service('web', 'one'), ...asked('0', 'roll back')])
    assert.deepEqual([verdict?.kind, verdict?.reason], ['removed', gone], log)
    assert.deepEqual(stand.containers('web'), [])
  })
})
