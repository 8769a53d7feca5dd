import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { rig } from '../rig/rig.ts'
import { serve } from '../scenario/site.ts'
import { attempt, type Case, type Result, type Versions } from './attempt.ts'
import { openChance } from './chance.ts'
import { push, type Version } from './images.ts'
import { type Lane, type LaneOptions, openLane } from './lane.ts'
import { happens } from './moments.ts'
import { planCases, renderTable } from './plan.ts'
import { workerFails } from './project.ts'

// Every stage of the transaction times everything that may go wrong: no service may end unreachable, no run may say
// other than what its server does, and nothing may be left. SWEEP=long goes through all of it, and on; SWEEP_SEED
// chooses order and moments; SWEEP_ONLY (a regular expression for `stage fault`) picks.

const long = process.env['SWEEP'] === 'long'
const minutes = Number(process.env['SWEEP_MINUTES'] ?? (long ? 40 : 4))
const seed = Number(process.env['SWEEP_SEED'] ?? (long ? randomInt(10_000) : 1))
const only = new RegExp(process.env['SWEEP_ONLY'] ?? '.')

const lanes: readonly Omit<LaneOptions, 'repository'>[] = [
  { grace: 1, small: true, variable: true },
  { grace: 4, around: 'keep', composed: true },
  { grace: 1, large: true, variable: true, composed: true, server: { suite: 'trixie', store: 'classic' } },
  { grace: 4, small: true, around: 'roll back', server: { suite: 'trixie', store: 'classic' } },
]

test(`the sweep, seed ${seed}, ${minutes} minutes`, { timeout: (minutes + 5) * 60_000 }, async () => {
  const results = await sweep()
  console.log(`\nSeed ${seed}. Cells: tried/ended well.\n\n${renderTable(results.map(verdict))}\n`)
  console.log(counts(results))
  for (const result of results.filter(bad)) console.log(shown(result))
  assert.ok(results.filter(({ missed }) => !missed).length > 0, 'nothing was tried')
  assert.equal(results.filter(bad).length, 0, counts(results))
})

async function sweep(): Promise<Result[]> {
  const all = await rig()
  const repository = `octo/faults-${randomInt(36 ** 6).toString(36)}`
  const pushed = await push(all, repository, [
    { page: 'bad', run: 'CMD ["sh", "-c", "sleep 0.2; echo crashed on purpose >&2; exit 1"]' },
    { page: 'bad-worker', run: `${workerFails}\n${serve}` },
    ...['one', 'two', 'three', 'four'].map(page => ({ page })),
  ])
  const versions = { bad: pushed.slice(0, 2), good: pushed.slice(2) }
  const end = performance.now() + minutes * 60_000
  const chance = openChance(seed)
  const queue = planCases(chance).filter(({ event, fault }) => only.test(`${event} ${fault.name}`))
  const opened = await Promise.all(
    lanes.map(options => openLane(all, { ...options, worker: true, repository })),
  )
  process.once('SIGTERM', () => void close(opened))
  try {
    const done = opened.map(lane => work(lane, versions, queue, () => performance.now() > end))
    return (await Promise.all(done)).flat()
  } finally {
    await close(opened)
  }
}

const close = (opened: readonly Lane[]) => Promise.all(opened.map(lane => lane[Symbol.asyncDispose]()))

/** Takes from the queue what can be tried here, until it is empty or the time is over. */
async function work(lane: Lane, versions: Versions, queue: Case[], late: () => boolean): Promise<Result[]> {
  const results: Result[] = []
  const first = await lane.deploy(versions.good[0] as Version)
  assert.equal(first.conclusion, 'success', first.log)
  while (!late()) {
    const index = queue.findIndex(
      ({ event, fault }) => happens(event, lane) && (fault.on?.(lane, event) ?? true),
    )
    const [next] = index < 0 ? [] : queue.splice(index, 1)
    if (next === undefined) break
    const began = performance.now()
    const result = await attempt(lane, next, versions)
    results.push(result)
    const took = Math.round((performance.now() - began) / 100) / 10
    const how = result.missed ? 'missed' : bad(result) ? 'BAD' : 'ok'
    console.log(`${how}: ${next.fault.name} at ${next.event} + ${next.offset} ms, ${took} s`)
    if (bad(result)) console.log(complaints(result))
  }
  return results
}

const complaints = ({ unreachable, untrue, left }: Result): string =>
  [...unreachable, ...untrue, ...left].map(line => `  ${line}`).join('\n')

const bad = ({ unreachable, untrue, left }: Result): boolean =>
  unreachable.length + untrue.length + left.length > 0

const verdict = (result: Result) => ({ ...result, ok: !bad(result) })

function counts(results: readonly Result[]): string {
  const having = (key: 'unreachable' | 'untrue' | 'left') =>
    results.filter(each => each[key].length > 0).length
  const missed = results.filter(each => each.missed).length
  return `${results.length} tried (${missed} of them ended before their moment came): ${having('unreachable')} left the service unreachable, ${having('untrue')} contradicted the server, ${having('left')} left something behind.`
}

const shown = (result: Result): string =>
  `\n## ${result.fault.name} at ${result.event} + ${result.offset} ms\n${complaints(result)}\n${result.logs.join('\n-- then --\n')}`
