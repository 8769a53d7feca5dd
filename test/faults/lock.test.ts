import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { rig } from '../rig/rig.ts'
import type { RunningAction } from '../rig/runner.ts'
import { killScripts } from './faults.ts'
import { push } from './images.ts'
import { waitForPage, waitUntilIdle } from './judge.ts'
import { type Lane, openLane } from './lane.ts'
import { reached, runsOf } from './moments.ts'
import { letAnHourPass, residue } from './residue.ts'

// Only one transaction runs at a time in a project, whichever users deploy and however the lock holder ends.

const all = await rig()
const repository = `octo/lock-${randomInt(36 ** 6).toString(36)}`
const versions = await push(
  all,
  repository,
  ['one', 'two', 'three'].map(page => ({ page })),
)
const [one, two, three] = versions
assert.ok(one && two && three)

suite('the lock', { concurrency: 1 }, () => {
  test('serializes twenty deploys by two users', { timeout: 600_000 }, async () => {
    await using lane = await openLane(all, { repository, grace: 1 })
    const stopWatching = watchLock(lane)
    const started = Array.from({ length: 20 }, (_, index) =>
      lane.deploy(versions[index % 3] ?? one, {
        user: index % 2 === 0 ? 'deploy' : 'second',
        runId: String(5000 + index),
        timeout: 580_000,
        with: { 'lock-timeout': 580 },
      }),
    )
    const runs = await Promise.all(started)
    await waitUntilIdle(lane)
    const overlaps = await stopWatching()
    for (const run of runs) assert.equal(run.conclusion, 'success', run.log)
    const last = (await historyOf(lane.sh)).at(-1)
    const index = Number(last?.runId) - 5000
    assert.equal(await waitForPage(lane, 3000), versions[index % 3]?.page)
    const order = await historyOf(lane.sh)
    assert.equal(order.length, 20, 'each run is in the history once')
    assert.equal(new Set(order.map(({ runId }) => runId)).size, 20)
    assertChained(order)
    assert.deepEqual(overlaps, [], 'two runs held the lock at once')
    await letAnHourPass(lane)
    assert.deepEqual(await residue(lane, `:${lane.registry.port}`), [])
  })

  test('passes to the next run within seconds if its holder is killed', { timeout: 180_000 }, async () => {
    await using lane = await openLane(all, { repository, grace: 1 })
    assert.equal((await lane.deploy(one)).conclusion, 'success')
    const earlier = runsOf(lane)
    const started = Promise.withResolvers<RunningAction>()
    const holder = lane.deploy(two, {
      runId: '1',
      // The other run has to reach the lock in this time, and then settles this one, which takes as long again.
      with: { stability: 25, 'wait-timeout': 60 },
      onLine: (_, action) => started.resolve(action),
    })
    const action = await started.promise
    assert.ok(await reached(lane, 'gate', earlier, isSettled(holder)))
    const waits = Promise.withResolvers<void>()
    const onLine = (line: string) => line.includes('Waiting: ') && waits.resolve()
    const waiting = lane.deploy(three, { user: 'second', runId: '2', onLine })
    await waits.promise
    action.loseRunner()
    assert.ok(killScripts(lane) > 0)
    const began = performance.now()
    const run = await waiting
    const seconds = (performance.now() - began) / 1000
    await holder
    assert.equal(run.conclusion, 'success', run.log)
    assert.match(run.log, /Waiting: the lock is held by .*actions\/runs\/1 \(octo\) since /)
    assert.ok(seconds < 90, `took ${seconds} s`)
    assert.equal(await waitForPage(lane, 3000), 'three')
  })

  test('is not taken from a slow holder', { timeout: 180_000 }, async () => {
    await using lane = await openLane(all, { repository, grace: 1 })
    const earlier = runsOf(lane)
    const holder = lane.deploy(one, { runId: '1', with: { stability: 15 } })
    assert.ok(await reached(lane, 'gate', earlier, isSettled(holder)))
    const waiting = await lane.deploy(two, { user: 'second', runId: '2', with: { 'lock-timeout': 4 } })
    assert.equal(waiting.conclusion, 'failure')
    assert.match(waiting.annotations.at(-1)?.message ?? '', /gave up waiting/i)
    assert.match(waiting.log, /actions\/runs\/1 /)
    const run = await holder
    assert.equal(run.conclusion, 'success', run.log)
    assert.equal(await waitForPage(lane, 3000), 'one')
  })
})

function isSettled(work: Promise<unknown>): () => boolean {
  let settled = false
  const settle = () => {
    settled = true
  }
  work.then(settle, settle)
  return () => settled
}

type Sh = (command: string) => Promise<string>

interface Entry {
  readonly runId: string
  readonly verdict: string
  readonly image: string
  readonly previous: string
}

async function historyOf(sh: Sh): Promise<Entry[]> {
  const [, ...lines] = (await sh('cat .slipway/app/history.tsv')).trim().split('\n')
  return lines.map(line => {
    const cells = line.split('\t')
    const [, verdict = '', , image = ''] = cells
    const runId = /\/runs\/(\d+)$/.exec(cells[11] ?? '')?.[1] ?? ''
    return { runId, verdict, image, previous: cells[13] ?? '' }
  })
}

/** Asserts that every deploy succeeded and found the image of the one before it: no two deploys interleaved. */
function assertChained(order: readonly Entry[]): void {
  for (const [index, { verdict, previous }] of order.entries()) {
    assert.equal(verdict, 'ok')
    assert.equal(previous, order[index - 1]?.image ?? '-', `number ${index}`)
  }
}

/**
 * Polls whether several runs hold the lock without a verdict. Returns a function that stops and returns what it saw.
 */
function watchLock(lane: Lane): () => Promise<string[]> {
  let watching = true
  const found: string[] = []
  const watch = (async () => {
    while (watching) {
      const inside = runsOf(lane).filter(id => isInside(lane, id))
      // Check again, because a run may have ended while the others were checked.
      const still = inside.filter(id => isInside(lane, id))
      if (still.length > 1) found.push(still.join(' and '))
      await sleep(50)
    }
  })()
  return async () => {
    watching = false
    await watch
    return found
  }
}

/** Reports whether a run holds the lock: it records further stages after `lock`, and has no verdict yet. */
function isInside(lane: Lane, id: string): boolean {
  const directory = lane.hostPath(`${lane.state}/runs/${id}`)
  try {
    const reachedStages = readFileSync(`${directory}/stages`, 'utf8').trim().split('\n')
    return reachedStages.length > 1 && !existsSync(`${directory}/verdict`)
  } catch {
    return false
  }
}
