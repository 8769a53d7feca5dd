/** The pull on the server, from a registry that lags, refuses, or lacks the image. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf, openStand, service } from './stand.ts'

/** Shortens the waits between pulls. */
const before = 'sleep() { command sleep 0.1; }\n'

/** Refuses the first pulls. */
const refusing = (times: number, says: string): string =>
  `rm "$here/done"; echo x >>"$here/pulls"; [ "$(wc -l <"$here/pulls")" -gt ${times} ] || { echo '${says}'; exit 1; }`

const cases: readonly { says: string; times: number; kind: string; pulls: number; code?: string }[] = [
  { says: 'manifest unknown: manifest unknown', times: 2, kind: 'ok', pulls: 3 },
  { says: 'failed to resolve reference: reg.example/app: not found', times: 2, kind: 'ok', pulls: 3 },
  {
    says: 'manifest unknown: manifest unknown',
    times: 9,
    kind: 'unchanged',
    pulls: 4,
    code: 'image-missing',
  },
  {
    says: 'pull access denied, repository does not exist',
    times: 9,
    kind: 'unchanged',
    pulls: 1,
    code: 'pull-denied',
  },
  {
    says: 'unauthorized: authentication required',
    times: 9,
    kind: 'unchanged',
    pulls: 1,
    code: 'pull-denied',
  },
]

for (const { says, times, kind, pulls, code } of cases)
  test(`a pull that ends with "${says}" ${times} times ends ${kind}`, () => {
    using stand = openStand()
    stand.image('one')
    stand.once("'pull '*", refusing(times, says))
    const { verdict, log } = stand.deploy([service('web', 'one')], { before })
    assert.deepEqual([verdict?.kind, verdict?.code], [kind, code], log)
    assert.equal(stand.calls().filter(call => call.startsWith('pull ')).length, pulls, log)
  })

test('a pull of an old release that the registry lacks is not retried', () => {
  using stand = openStand()
  stand.image('one')
  assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
  const gone = refusing(9, 'manifest unknown')
  stand.once("'pull '* | 'image inspect '*reg.example/app@*", gone)
  const { log } = stand.deploy(
    [service('web', '-'), ['rollback-to', digestOf('one').slice(digestOf('one').indexOf('@') + 1)]],
    { before },
  )
  assert.match(log, /reg\.example\/app@sha256:[0-9a-f]{64} could not be pulled: manifest unknown/)
  assert.doesNotMatch(log, /again in/)
})
