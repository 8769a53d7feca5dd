/** A record is settled by the script in it, of any version. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { cut, look, openStand, type Stand, service } from './stand.ts'

const reference = 'reg.example/app:latest'

/** The script of a future version: this version knows neither the files of its record nor its way to settle. */
const later = `
run=\${0%/*}
[ "$1" = settle ] || exit 9
{
  printf 'record %s\\ndocker %s\\ncompose %s\\nversion %s\\n' "$2" "$(printf %s "$3" | tr '\\n' ' ')" "$(printf %s "$4" | tr '\\n' ' ')" "$5"
  while IFS= read -r line; do echo "order $line"; done
  pwd
} >"\${run%/runs/*}/told"
# Descriptor 9 holds the lock.
{ : >&9; } 2>/dev/null && echo 'with the lock' >>"\${run%/runs/*}/told"
echo 'Settled by what a version to come knows.'
[ ! -e "$2/fails" ] || exit 1
rm -r "$2"
`

function leave(stand: Stand, at: string, more: Readonly<Record<string, string>> = {}): void {
  const files = { script: later, order: 'format 99\nwhatever it is\n', 'cells.bin': '\u0001\u0002', ...more }
  for (const [name, text] of Object.entries(files)) stand.write(`.slipway/test/${at}/${name}`, text)
}

const told = (stand: Stand): string => readFileSync(`${stand.state}/told`, 'utf8')

suite('a record of a future version', () => {
  for (const at of ['record', 'broken/zz-later'])
    test(`in ${at} is settled by its own script, and the deploy goes on`, () => {
      using stand = openStand()
      stand.image('one')
      leave(stand, at)
      const { verdict, log } = stand.deploy([service('web', 'one')])
      assert.equal(verdict?.kind, 'ok', log)
      assert.match(log, /Settled by what a version to come knows\./)
      assert.equal(existsSync(`${stand.state}/${at}`), false)
      const docker = `${stand.engine}/docker`
      assert.equal(
        told(stand),
        `record ${stand.state}/${at}\ndocker ${docker} \ncompose ${docker} compose \nversion 2.40\n` +
          `order format 99\norder whatever it is\n${stand.directory}\nwith the lock\n`,
      )
      assert.deepEqual(
        stand.containers('web').map(({ status }) => status),
        ['running'],
      )
    })

  test('that its script cannot settle stops the deploy before anything is changed', () => {
    using stand = openStand()
    stand.image('one')
    leave(stand, 'record', { fails: '' })
    const { verdict, log } = stand.deploy([service('web', 'one')])
    assert.deepEqual(
      [verdict?.kind, verdict?.stage, verdict?.code],
      ['unchanged', 'record', 'unsettled'],
      log,
    )
    assert.equal(existsSync(`${stand.state}/record/cells.bin`), true, 'the record stays for the next run')
    assert.deepEqual(stand.containers('web'), [])
  })
})

test('a change that was cut off is settled by its own order, with the docker commands of the next run', () => {
  using stand = openStand()
  for (const image of ['one', 'two']) stand.image(image)
  assert.equal(stand.deploy([service('web', 'one', { grace: 0 })]).verdict?.kind, 'ok')
  for (const { id } of stand.containers('web')) stand.change(id ?? '', 'grace', '0')
  stand.once(look, cut, 'gate')
  stand.deploy([service('web', 'two', { grace: 0 }), ['host-after', 'true']], {
    id: 'cut',
    before: '[ "$1" != settle ] || echo "  its own script"\n',
  })
  assert.equal(existsSync(`${stand.state}/record/script`), true)
  assert.doesNotMatch(readFileSync(`${stand.state}/record/order`, 'utf8'), /env_set|host_hook|prepare/)
  // With the compose files of the next run, it would not find the service.
  const { log } = stand.deploy([
    ['mode', 'settle'],
    ['after', 'cut'],
    ['compose-file', '/nowhere.yaml'],
  ])
  assert.match(log, /its own script/)
  assert.match(log, /Settled the interrupted deploy: rolled-back/)
  assert.equal(stand.containers('web')[0]?.['image'], stand.imageOf('one'), `${reference} ${log}`)
})
