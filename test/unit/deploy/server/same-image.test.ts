/** A change of only files and settings: the image does not tell which of the two releases runs. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { cut, openStand, type Parameters, type Stand, service } from './stand.ts'

const settle: Parameters = [
  ['mode', 'settle'],
  ['after', 'cut'],
]
const payload = { 'payload/whole': '', 'payload/files/conf': 'new\n' }

/** Deploys a release, and a second one of the same image that is cut off. */
function cutShort(stand: Stand, options: { at?: string; before?: string }, more: Parameters = []): void {
  stand.write('conf', 'old\n')
  stand.image('one')
  assert.equal(stand.deploy([service('web', 'one', { grace: 0 })]).verdict?.kind, 'ok')
  for (const { id } of stand.containers('web')) stand.change(id ?? '', 'grace', '0')
  if (options.at !== undefined) stand.once(options.at, cut)
  const { verdict, log } = stand.deploy([service('web', 'one', { grace: 0 }), ...more], {
    id: 'cut',
    files: payload,
    // The run that settles the change uses this script, too.
    before: `[ "$1" = settle ] || {\n:\n${options.before ?? ''}}\n`,
  })
  assert.equal(verdict, undefined, log)
}

function assertGoesBack(stand: Stand): void {
  const { verdict, log } = stand.deploy(settle)
  assert.equal(verdict?.kind, 'rolled-back', log)
  assert.equal(stand.read('conf'), 'old\n')
}

suite('a change of only files that was cut off', () => {
  test('goes back if Compose had not started', () => {
    using stand = openStand()
    cutShort(stand, { at: "*' up '*" })
    assertGoesBack(stand)
  })

  test('goes back if the public check had failed', () => {
    using stand = openStand()
    cutShort(stand, { before: 'roll_back() { kill -9 $$; }\n' }, [
      ['check-url', 'https://app.example/'],
      ['check-limit', '0'],
      ['on-lost', 'roll back'],
    ])
    assertGoesBack(stand)
  })

  test('goes back if it was cut off while the restored release was being verified', () => {
    using stand = openStand()
    cutShort(stand, {
      before: `restore_services() { make_anew_all; }
make_anew_all() { while read -r name declared new replicas kind grace old old_reference kept pointer count ran <&3; do recreate_service; done 3<"$record/services"; }
verify_release() { fail digest-mismatch "it is not well"; }
verify_old() { kill -9 $$; }
`,
    })
    assertGoesBack(stand)
  })
})
