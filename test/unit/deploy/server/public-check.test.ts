/** The public check: what the runner says of it, and what the server does when the runner says nothing. */
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
    name: 'nobody says a word, and a lost runner means that it stays',
    lost: 'keep',
    kind: 'ok',
    says: /No answer from the runner after 0 s: `check-on-lost` is keep\./,
  },
  {
    name: 'nobody says a word, and a lost runner means back',
    lost: 'roll back',
    kind: 'rolled-back',
    reason: gone,
    says: /No answer from the runner after 0 s: `check-on-lost` is roll back\./,
  },
  {
    name: 'nobody says a word for as long as is waited, and a lost runner means that it stays',
    limit: '1',
    lost: 'keep',
    kind: 'ok',
    says: /after 1 s/,
  },
  {
    name: 'nobody says a word for as long as is waited, and a lost runner means back',
    limit: '1',
    lost: 'roll back',
    kind: 'rolled-back',
    reason: gone,
  },
  {
    name: 'the runner says itself that it is lost to this, and that means back',
    limit: '60',
    lost: 'roll back',
    word: 'lost on its way',
    kind: 'rolled-back',
    reason: gone,
    says: /No answer from the runner on its way:/,
  },
  { name: 'the runner says yes, whatever a lost one means', lost: 'roll back', word: 'keep', kind: 'ok' },
  {
    name: 'the runner says no, whatever a lost one means',
    lost: 'keep',
    word: 'roll it answered 502',
    kind: 'rolled-back',
    reason: 'it answered 502',
  },
]

suite('a release with a public check, where', () => {
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

  test('nobody says a word of a first release, and a lost runner means back: it goes', () => {
    using stand = openStand()
    stand.image('one')
    const { verdict, log } = stand.deploy([service('web', 'one'), ...asked('0', 'roll back')])
    assert.deepEqual([verdict?.kind, verdict?.reason], ['removed', gone], log)
    assert.deepEqual(stand.containers('web'), [])
  })
})
