/** A dropped connection to servers that kill a login's processes at logout (logind's KillUserProcesses). */
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

const expectedWarning = /`KillUserProcesses=yes`.*`sudo loginctl enable-linger deploy`/

/** Deploys a release and drops the connection during the gate, which ends the login at once. */
async function deployWithDrop(lane: Lane) {
  assert.equal((await lane.deploy(one)).conclusion, 'success')
  const earlier = runsOf(lane)
  let finished = false
  const ended = lane.deploy(two, { with: { stability: 5 } }).finally(() => {
    finished = true
  })
  assert.ok(await reached(lane, 'gate', earlier, () => finished))
  lane.ssh.cut('RST')
  return await ended
}

suite('on a server that kills processes at logout', { concurrency: 2 }, () => {
  test('the transaction continues if the user can linger', async () => {
    await using lane = await openLane(all, {
      repository,
      grace: 1,
      server: { logoutKills: true, lingers: true },
    })
    const run = await deployWithDrop(lane)
    assert.equal(run.conclusion, 'success', run.log)
    assert.doesNotMatch(warningsOf(run).join('\n'), expectedWarning)
    assert.doesNotMatch(run.log, /Clean up after/)
    assert.equal(await lane.page(), 'two')
  })

  test('preflight warns if the user cannot, and the interrupted deploy is settled', async () => {
    await using lane = await openLane(all, { repository, grace: 1, server: { logoutKills: true } })
    const run = await deployWithDrop(lane)
    assert.match(warningsOf(run).join('\n'), expectedWarning)
    assert.match(run.log, /Clean up after .*, which was interrupted in the stage gate/)
    const serving = await lane.page()
    assert.equal(serving, run.conclusion === 'success' ? 'two' : 'one', run.log)
    const version = [one, two].find(({ page }) => page === serving)
    assert.ok(run.outputs['deployed']?.endsWith(`@${version?.digest}`), run.outputs['deployed'])
  })
})
