import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { type Rig, rig } from '../rig/rig.ts'
import { serve } from '../scenario/site.ts'
import { compile, pushBase } from '../zero/program.ts'
import { attempt, type Case, type Result, type Versions } from './attempt.ts'
import type { Fault } from './faults.ts'
import { push, type Recipe, type Version } from './images.ts'
import { type Lane, type LaneOptions, openLane } from './lane.ts'
import { type Event, happens } from './moments.ts'
import { planCases, renderTable } from './plan.ts'
import { isLossless, migrateFails, workerFails } from './project.ts'
import { seededRandom } from './random.ts'

// Injects every fault at every stage of the transaction. Afterwards the service must respond, the run must report what
// runs on the server, nothing may be left, and `relay` and `start-first` may lose no request. SWEEP=long goes through
// all cases on each lane, SWEEP_SEED sets the order and the delays, and SWEEP_ONLY (a regular expression for
// `STAGE FAULT`) and SWEEP_LANES (one for the name of a lane) select cases.

const long = process.env['SWEEP'] === 'long'
const seed = Number(process.env['SWEEP_SEED'] ?? (long ? randomInt(10_000) : 1))
const only = new RegExp(process.env['SWEEP_ONLY'] ?? '.')
const selectedLanes = new RegExp(process.env['SWEEP_LANES'] ?? '.')

interface SweptLane extends Omit<LaneOptions, 'repository'> {
  readonly name: string
  /** The events at which this kind of project is most at risk. The short sweep only uses these. */
  readonly at?: readonly Event[]
}

interface Sweep {
  readonly title: string
  readonly minutes: number
  readonly lanes: readonly SweptLane[]
  /** Each lane goes through its own cases. Otherwise the lanes share the cases. */
  readonly each: boolean
}

const trixie = { suite: 'trixie', store: 'classic' } as const

const sweeps: readonly Sweep[] = [
  {
    title: 'the sweep',
    minutes: Number(process.env['SWEEP_MINUTES'] ?? (long ? 40 : 4)),
    each: long,
    lanes: [
      { name: 'small', grace: 1, worker: true, small: true, variable: true },
      { name: 'kept', grace: 4, worker: true, around: 'keep', composed: true },
      { name: 'large', grace: 1, worker: true, large: true, variable: true, composed: true, server: trixie },
      { name: 'rolled back', grace: 4, worker: true, small: true, around: 'roll back', server: trixie },
    ],
  },
  {
    title: 'the sweep of realistic projects',
    minutes: Number(process.env['SWEEP_MINUTES'] ?? (long ? 40 : 2)),
    each: true,
    lanes: [
      // Networks that change, and files that the compose file uses.
      {
        name: 'nested',
        grace: 1,
        worker: true,
        composed: true,
        nested: true,
        network: true,
        at: ['bring', 'up', 'gate', 'keep', 'rollback', 'settle'],
      },
      // Dead containers, and containers outside the project with the service's labels.
      {
        name: 'crowd',
        grace: 4,
        worker: true,
        crowd: true,
        server: trixie,
        at: ['record', 'up', 'gate', 'verify', 'rollback', 'settle'],
      },
      // A one-off service with the same image, for a configured platform.
      {
        name: 'once',
        grace: 1,
        worker: true,
        once: true,
        at: ['pull', 'up', 'gate', 'keep', 'rollback', 'settle'],
      },
      {
        name: 'relay',
        grace: 5,
        relay: true,
        at: ['rehearse', 'divert', 'drain', 'up', 'gate', 'direct', 'keep', 'settle'],
      },
      // The whole project, including a service with another image.
      {
        name: 'whole',
        grace: 1,
        worker: true,
        composed: true,
        whole: true,
        at: ['record', 'up', 'gate', 'keep', 'rollback', 'settle'],
      },
      {
        name: 'start-first',
        grace: 5,
        startFirst: true,
        at: ['beside', 'beside-withdraw', 'drain', 'up', 'gate', 'keep', 'settle'],
      },
    ],
  },
]

/** The faults of the short sweep of realistic projects: those that kill a participant of the deploy. */
const hardest = /killed|RST|rebooted/

for (const each of sweeps) {
  const { title, minutes } = each
  const lanes = each.lanes.filter(({ name }) => selectedLanes.test(name))
  if (lanes.length === 0) continue
  test(`${title}, seed ${seed}, ${minutes} minutes`, { timeout: (minutes + 6) * 60_000 }, async () => {
    const results = await sweep({ ...each, lanes })
    console.log(`\nSeed ${seed}. Cells: tried/passed.\n\n${renderTable(results.map(verdict))}\n`)
    console.log(counts(results))
    for (const result of results.filter(bad)) console.log(shown(result))
    assert.ok(results.filter(({ missed }) => !missed).length > 0, 'nothing was tried')
    assert.equal(results.filter(bad).length, 0, counts(results))
  })
}

interface Opened {
  readonly name: string
  readonly lane: Lane
  readonly versions: Versions
  readonly queue: Case[]
}

async function sweep({ minutes, lanes, each }: Sweep): Promise<Result[]> {
  const all = await rig()
  const repository = `octo/faults-${randomInt(36 ** 6).toString(36)}`
  const lossless = lanes.some(isLossless)
  const program = lossless ? await compile(all) : ''
  const zero = lossless ? await pushBase(all, program) : ''
  const plain = await pushPlain(all, repository)
  const loaded = lossless ? await pushLoaded(all, `${repository}-zero`, zero) : { good: [], bad: [] }
  const shared = casesFor({ name: '', grace: 1 }, seed, () => true)
  const opened = await Promise.all(
    lanes.map(async ({ name, at, ...options }, index): Promise<Opened> => {
      const images = isLossless(options) ? { repository: `${repository}-zero`, base: zero } : { repository }
      const lane = await openLane(all, { ...options, ...images })
      const may = (event: Event) => happens(event, lane) && (long || (at?.includes(event) ?? true))
      return {
        name,
        lane,
        versions: isLossless(options) ? loaded : { ...plain, bad: badFor(options, plain.bad) },
        queue: each ? casesFor({ name, at, ...options } as SweptLane, seed + index, may) : shared,
      }
    }),
  )
  const end = performance.now() + minutes * 60_000
  process.once('SIGTERM', () => void close(opened))
  try {
    const done = opened.map(one => work(one, program, () => performance.now() + extraTime(one.lane) > end))
    return (await Promise.all(done)).flat()
  } finally {
    await close(opened)
  }
}

/** Returns how many milliseconds longer a case takes than on other lanes, so that none starts too late. */
const extraTime = ({ options: { startFirst } }: Lane): number => (startFirst === true ? 30_000 : 0)

function casesFor({ at }: SweptLane, number: number, may: (event: Event) => boolean): Case[] {
  const mayInject = ({ name }: Fault): boolean => long || at === undefined || hardest.test(name)
  return planCases(seededRandom(number), may, mayInject).filter(({ event, fault }) =>
    only.test(`${event} ${fault.name}`),
  )
}

async function pushPlain(all: Rig, repository: string): Promise<Versions> {
  const bad: Recipe[] = [
    { page: 'bad', run: 'CMD ["sh", "-c", "sleep 0.2; echo crashed on purpose >&2; exit 1"]' },
    { page: 'bad-worker', run: `${workerFails}\n${serve}` },
    { page: 'bad-migrate', run: `${migrateFails}\n${serve}` },
  ]
  const good = ['one', 'two', 'three', 'four'].map(page => ({ page }))
  const pushed = await push(all, repository, [...bad, ...good])
  return { bad: pushed.slice(0, bad.length), good: pushed.slice(bad.length) }
}

/** Returns the failing versions whose failing service is part of the project. */
const badFor = ({ worker, once }: Omit<SweptLane, 'name'>, bad: readonly Version[]): Version[] =>
  bad.filter(
    ({ page }) => (page !== 'bad-worker' || worker === true) && (page !== 'bad-migrate' || once === true),
  )

async function pushLoaded(all: Rig, repository: string, from: string): Promise<Versions> {
  const recipe = (page: string, mode: string): Recipe => ({
    page,
    from,
    run: `ENV PAGE=${page} MODE=${mode} BOOT=300`,
  })
  const pushed = await push(all, repository, [
    recipe('bad', 'crash'),
    ...['one', 'two', 'three', 'four'].map(page => recipe(page, 'graceful')),
  ])
  return { bad: pushed.slice(0, 1), good: pushed.slice(1) }
}

const close = (opened: readonly Opened[]) =>
  Promise.all(opened.map(({ lane }) => lane[Symbol.asyncDispose]()))

/** Runs the cases from the queue that are possible on this lane, until there are none or the time is over. */
async function work(
  { name, lane, versions, queue }: Opened,
  program: string,
  late: () => boolean,
): Promise<Result[]> {
  const results: Result[] = []
  const first = await lane.deploy(versions.good[0] as Version)
  assert.equal(first.conclusion, 'success', first.log)
  if (lane.options.startFirst === true) await lane.sh('docker compose up -d --no-deps --quiet-pull proxy')
  while (!late()) {
    const index = queue.findIndex(
      ({ event, fault }) => happens(event, lane) && (fault.on?.(lane, event) ?? true),
    )
    const [next] = index < 0 ? [] : queue.splice(index, 1)
    if (next === undefined) break
    const began = performance.now()
    const result = await attempt(lane, next, versions, program)
    results.push(result)
    const took = Math.round((performance.now() - began) / 100) / 10
    const how = result.missed ? 'missed' : bad(result) ? 'BAD' : 'ok'
    console.log(`${how} (${name}): ${next.fault.name} at ${next.event} + ${next.offset} ms, ${took} s`)
    if (bad(result)) console.log(problemsOf(result))
  }
  return results
}

const problemsOf = ({ unreachable, contradictions, leftovers, lost }: Result): string =>
  [...unreachable, ...contradictions, ...leftovers, ...lost].map(line => `  ${line}`).join('\n')

const bad = ({ unreachable, contradictions, leftovers, lost }: Result): boolean =>
  unreachable.length + contradictions.length + leftovers.length + lost.length > 0

const verdict = (result: Result) => ({ ...result, ok: !bad(result) })

function counts(results: readonly Result[]): string {
  const having = (key: 'unreachable' | 'contradictions' | 'leftovers' | 'lost') =>
    results.filter(each => each[key].length > 0).length
  const missed = results.filter(each => each.missed).length
  const damaged = results.filter(each => each.damaged).length
  return `${results.length} tried (${missed} of them ended before the fault could be injected; ${damaged} damaged the engine itself): ${having('unreachable')} left the service unreachable, ${having('contradictions')} contradicted the server, ${having('leftovers')} left something behind, ${having('lost')} lost a request despite relay or start-first.`
}

const shown = (result: Result): string =>
  `\n## ${result.fault.name} at ${result.event} + ${result.offset} ms\n${problemsOf(result)}\n${result.logs.join('\n-- then --\n')}`
