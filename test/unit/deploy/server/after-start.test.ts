/** What is restored if something fails after the new release has started, with and without `rollback`. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { suite, test } from 'node:test'
import { digestOf, openStand, type Parameters, type Stand, service } from './stand.ts'

const payload = { 'payload/whole': '', 'payload/files/conf': 'new\n', 'payload/settings/B': 'B=2' }
const settle: Parameters = [
  ['mode', 'settle'],
  ['after', 'x'],
]

interface Failure {
  readonly name: string
  readonly stage: string
  readonly reason: string
  readonly more: Parameters
  readonly word?: string
}

const command = "*' run --rm '*"
const failures: readonly Failure[] = [
  {
    name: 'a command in the new image',
    stage: 'after',
    reason: 'the command in web exited with code 4',
    more: [['run-after', 'web\u001fwarm\u001fup']],
  },
  {
    name: 'a command on the server',
    stage: 'after',
    reason: 'the command on the server exited with code 3',
    more: [
      ['host-after', 'true'],
      ['host-after', 'exit 3'],
    ],
  },
  {
    name: 'a command with its timeout',
    stage: 'after',
    reason: 'the command on the server did not finish within 1 s',
    more: [
      ['host-after', 'sleep 20'],
      ['hook-timeout', '1'],
    ],
  },
  {
    name: 'the public check',
    stage: 'front',
    reason: 'it answered 502',
    more: [
      ['check-url', 'https://app.example/'],
      ['check-limit', '60'],
      ['on-lost', 'keep'],
    ],
    word: 'roll it answered 502\n',
  },
]

/** Deploys a release, and a second one for which something fails. */
function fail(stand: Stand, { more, word }: Pick<Failure, 'more' | 'word'>, rollback: boolean) {
  stand.write('conf', 'old\n')
  stand.write('.env', 'A=1\n')
  for (const image of ['one', 'two', 'three']) stand.image(image)
  assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
  stand.once(command, 'exit 4')
  return stand.deploy([service('web', 'two'), ['rollback', `${rollback}`], ...more], {
    files: { ...payload, ...(word === undefined ? {} : { decision: word }) },
  })
}

const there = (stand: Stand) => [
  stand.containers('web').map(({ image, status }) => `${image} ${status}`),
  stand.read('conf'),
  stand.read('.env'),
]
const older = (stand: Stand) => [[`${stand.imageOf('one')} running`], 'old\n', 'A=1\n']
const newer = (stand: Stand) => [[`${stand.imageOf('two')} running`], 'new\n', 'A=1\nB=2\n']

for (const failure of failures) {
  suite(`if ${failure.name} fails`, () => {
    test('the previous release and its files are restored', () => {
      using stand = openStand()
      const { verdict, log } = fail(stand, failure, true)
      assert.deepEqual(
        [verdict?.kind, verdict?.stage, verdict?.reason, verdict?.leftInPlace, verdict?.deployed],
        ['rolled-back', failure.stage, failure.reason, undefined, { web: digestOf('one') }],
        log,
      )
      assert.deepEqual(there(stand), older(stand))
      assert.equal(existsSync(`${stand.state}/broken`), false)
    })

    test('and `rollback` is off, the new release stays with its files, and the log says so', () => {
      using stand = openStand()
      const { verdict, log } = fail(stand, failure, false)
      assert.deepEqual(
        [verdict?.kind, verdict?.stage, verdict?.reason, verdict?.leftInPlace, verdict?.deployed],
        ['broken', failure.stage, failure.reason, true, { web: digestOf('two') }],
        log,
      )
      assert.match(log, /Not rolled back: `rollback` is false\./)
      assert.deepEqual(there(stand), newer(stand))
    })
  })
}

suite('a failed release that was left in place', () => {
  const [, failure] = failures
  assert(failure !== undefined)

  test('stays after a run that only settles, and after a deploy that changes nothing', () => {
    using stand = openStand()
    fail(stand, failure, false)
    assert.doesNotMatch(stand.deploy(settle).log, /settled/)
    const nothing = stand.deploy([service('web', 'none')])
    assert.equal(nothing.verdict?.kind, 'unchanged', nothing.log)
    assert.deepEqual(there(stand), newer(stand))
  })

  test('is forgotten after the next successful release', () => {
    using stand = openStand()
    fail(stand, failure, false)
    const { verdict, log } = stand.deploy([service('web', 'three')])
    assert.deepEqual([verdict?.kind, existsSync(`${stand.state}/broken`)], ['ok', false], log)
    assert.equal(stand.read('conf'), 'new\n')
  })
})

for (const { name, more } of [
  { name: 'in the new image', more: [['run-before', 'web\u001fweb\u001fmigrate']] },
  { name: 'on the server', more: [['host-before', 'exit 4']] },
] as const) {
  test(`a release whose command before it fails ${name} leaves nothing behind, even with rollback off`, () => {
    using stand = openStand()
    const { verdict, log } = fail(stand, { more }, false)
    assert.deepEqual([verdict?.kind, verdict?.stage], ['unchanged', 'before'], log)
    assert.match(verdict?.reason ?? '', /exited with code 4$/)
    assert.deepEqual(there(stand), older(stand))
  })
}

suite('a verdict of a rollback that fails says why', () => {
  const table = [
    {
      name: 'a container cannot be restored',
      before: 'restore_services() { fail container-not-started "test-web-1 could not be started again"; }\n',
      second: ['container-not-started', 'test-web-1 could not be started again'],
    },
    {
      name: 'the containers cannot be listed',
      before: 'note_touched() { [ "$stage" != rollback ] || fail engine-unreachable "no containers"; }\n',
      second: ['engine-unreachable', 'no containers'],
    },
    {
      name: 'the engine is away',
      before: 'engine_answers() { [ "$stage" != rollback ]; }\n',
      second: ['engine-unreachable', 'the Docker engine did not answer for 1 s'],
    },
  ] as const
  for (const { name, before, second } of table)
    test(name, () => {
      using stand = openStand()
      stand.image('one')
      stand.image('bad', 'exited 3')
      assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
      const { verdict, log } = stand.deploy([service('web', 'bad'), ['engine-timeout', '1']], { before })
      assert.deepEqual(
        [verdict?.kind, verdict?.code, verdict?.second, verdict?.reason],
        ['broken', 'exited', second[0], `web exited with code 3; and ${second[1]}`],
        log,
      )
    })
})
