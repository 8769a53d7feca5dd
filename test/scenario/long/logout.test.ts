/** Servers that end whatever a login leaves behind (logind's KillUserProcesses), and a connection that drops there. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { suite, test } from 'node:test'
import { push, type Version } from '../../faults/images.ts'
import { type Lane, openLane } from '../../faults/lane.ts'
import { reached, runsOf } from '../../faults/moments.ts'
import { rig } from '../../rig/rig.ts'
import { warningsOf } from '../expect.ts'

const all = await rig()
const repository = `octo/logout-${randomInt(36 ** 6).toString(36)}`
const [one, two] = (await push(all, repository, [{ page: 'one' }, { page: 'two' }])) as [Version, Version]

const told = /`KillUserProcesses=yes`.*`sudo loginctl enable-linger deploy`/

/** The connection drops while the gate waits: its login ends there and then. */
async function dropped(lane: Lane) {
  assert.equal((await lane.deploy(one)).conclusion, 'success')
  const known = runsOf(lane)
  let over = false
  const shipped = lane.deploy(two, { with: { stability: 5 } }).finally(() => {
    over = true
  })
  assert.ok(await reached(lane, 'gate', known, () => over))
  lane.ssh.cut('RST')
  return await shipped
}

suite('where a log-out ends what the login has started', { concurrency: 2 }, () => {
  test('the transaction goes on where it can be made to linger', async () => {
    await using lane = await openLane(all, {
      repository,
      grace: 1,
      server: { logoutKills: true, lingers: true },
    })
    const run = await dropped(lane)
    assert.equal(run.conclusion, 'success', run.log)
    assert.doesNotMatch(warningsOf(run).join('\n'), told)
    assert.doesNotMatch(run.log, /Clean up after/)
    assert.equal(await lane.page(), 'two')
  })

  test('preflight says so where it cannot, and what the drop has cut off is settled', async () => {
    await using lane = await openLane(all, { repository, grace: 1, server: { logoutKills: true } })
    const run = await dropped(lane)
    assert.match(warningsOf(run).join('\n'), told)
    assert.match(run.log, /Clean up after .*, which was interrupted in the stage gate/)
    const serving = await lane.page()
    assert.equal(serving, run.conclusion === 'success' ? 'two' : 'one', run.log)
    const serves = [one, two].find(({ page }) => page === serving)
    assert.ok(run.outputs['deployed']?.endsWith(`@${serves?.digest}`), run.outputs['deployed'])
  })
})
