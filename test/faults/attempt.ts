import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Acting, ActionRun } from '../rig/runner.ts'
import { type Fault, killScripts } from './faults.ts'
import type { Version } from './images.ts'
import { contradictions, quiet, served, verdictOf } from './judge.ts'
import type { Lane } from './lane.ts'
import { type Event, reached, runsOf } from './moments.ts'
import { letAnHourPass, residue } from './residue.ts'

/** A fault at a moment. */
export interface Case {
  readonly event: Event
  readonly fault: Fault
  /** Milliseconds after the event. */
  readonly offset: number
}

export interface Result extends Case {
  /** The moment never came: nothing was tried. */
  readonly missed: boolean
  readonly unreachable: readonly string[]
  readonly untrue: readonly string[]
  readonly left: readonly string[]
  readonly logs: readonly string[]
}

/** What the deploys of a lane take from: releases that serve, and one that does not. */
export interface Versions {
  readonly good: readonly Version[]
  readonly bad: Version
}

/** Deploys, with a fault at its moment, and looks at what that has left; the next deploy has to put it in order. */
export async function attempt(lane: Lane, each: Case, { good, bad }: Versions): Promise<Result> {
  if (each.event === 'settle') await leaveHalfWay(lane, good)
  const before = (await served(lane, each.event === 'settle' ? 0 : 10_000)) ?? ''
  const [, second] = others(good, before)
  const version = each.event === 'rollback' ? bad : others(good, before)[0]
  const deployed = await troubled(lane, each, version, second)
  const over = await quiet(lane)
  const now = (await served(lane, each.fault.away ? 20_000 : 3000)) ?? ''
  const logs = deployed.runs.map(({ run }) => tale(run))
  const mixed = await mixture(lane, now)
  const untrue = await lies(lane, each, deployed, { before, now, all: [...good, bad] })
  const after = await following(lane, good, now)
  return {
    ...each,
    missed: !deployed.befallen,
    unreachable: [...(over ? [] : ['it never ended']), ...(now === '' ? ['nothing serves'] : [])],
    untrue: [...untrue, ...mixed, ...after.untrue],
    left: after.left,
    logs: [...logs, after.log],
  }
}

/** Files, settings and image are all of one release. A settled run may be half a deploy's, which is put in order later. */
async function mixture(lane: Lane, now: string): Promise<string[]> {
  const brought = await lane.brought()
  const unfinished = (await lane.sh(`ls -d ${lane.state}/record 2>/dev/null || :`)) !== ''
  return unfinished || (brought.length === 1 && brought[0] === now)
    ? []
    : [`${now} serves, with what ${brought.join(' and ')} brought`]
}

/** Two versions that are not what serves. */
function others(good: readonly Version[], page: string): [Version, Version] {
  const [first, second] = good.filter(version => version.page !== page)
  if (first === undefined || second === undefined) throw new Error('three versions are needed')
  return [first, second]
}

interface Deployed {
  readonly befallen: boolean
  readonly runs: readonly Shipped[]
}

interface Shipped {
  readonly run: ActionRun
  readonly version: Version
  readonly runId: string
}

async function troubled(lane: Lane, each: Case, version: Version, second: Version): Promise<Deployed> {
  const known = runsOf(lane)
  const first = ship(lane, version)
  const started: Promise<Shipped>[] = [first.shipped]
  const next = (user: 'deploy' | 'second') => started.push(ship(lane, second, user).shipped)
  const acting = await first.acting
  const befallen = each.event === 'checks' || (await reached(lane, each.event, known, first.isOver))
  let heal: (() => Promise<void>) | undefined
  if (befallen) {
    await sleep(each.offset)
    heal = await each.fault.befall({ lane, acting, next })
  }
  await first.shipped
  const done = await Promise.all(started)
  await heal?.()
  return { befallen, runs: done }
}

/** Starts a deploy; `acting` is there once it says something. */
function ship(lane: Lane, version: Version, user: 'deploy' | 'second' = 'deploy') {
  const runId = String(randomInt(1e9, 2e9))
  let over = false
  const heard = Promise.withResolvers<Acting>()
  const shipped = lane
    .deploy(version, { user, runId, onLine: (_, acting) => heard.resolve(acting) })
    .then(run => ({ run, version, runId }))
    .finally(() => {
      over = true
    })
  return { acting: heard.promise, shipped, isOver: () => over }
}

/** A deploy whose script is killed in the middle of `up`, with nobody left to put it in order. */
async function leaveHalfWay(lane: Lane, good: readonly Version[]): Promise<void> {
  const known = runsOf(lane)
  const { acting, shipped, isOver } = ship(lane, others(good, (await lane.page()) ?? '')[0])
  const action = await acting
  await reached(lane, 'up', known, isOver)
  await sleep(300)
  action.die()
  killScripts(lane)
  await shipped
  await quiet(lane)
}

interface Serving {
  readonly before: string
  readonly now: string
  readonly all: readonly Version[]
}

async function lies(lane: Lane, { fault, event }: Case, { runs: done }: Deployed, serving: Serving) {
  const { before, now, all } = serving
  const [first, second] = done
  if (first === undefined) return []
  const verdict = await verdictOf(lane, first.runId)
  const found: string[] = []
  if (second !== undefined) {
    if (second.run.conclusion !== 'success') found.push(`the next one is not green: ${second.run.conclusion}`)
    if (now !== second.version.page) found.push(`the next one is green, and ${now} serves`)
    const green = first.run.conclusion === 'success'
    if (green !== (verdict === 'ok')) found.push(`${first.run.conclusion}, and the history says ${verdict}`)
    return found
  }
  const serves = now === first.version.page
  if (serves !== (verdict === 'ok')) found.push(`the history says ${verdict}, and ${now} serves`)
  // What half a deploy left serves as either of two: which one it settled on is not known here.
  const known = event === 'settle' && !serves ? now : before
  if (fault.lost === true) return found
  return [
    ...found,
    ...contradictions({ run: first.run, version: first.version, before: known, now, versions: all }),
  ]
}

/** Where something is left, the next deploy has to come through all the same, and to remove it. */
async function following(lane: Lane, good: readonly Version[], now: string) {
  const registry = `:${lane.registry.port}`
  if ((await residue(lane, registry)).length === 0) return { untrue: [], left: [], log: '' }
  await letAnHourPass(lane)
  const { run, version } = await ship(lane, others(good, now)[0], 'second').shipped
  await quiet(lane)
  const page = await served(lane, 3000)
  const green = run.conclusion === 'success' && page === version.page
  const untrue = green ? [] : [`the deploy after it is ${run.conclusion}, and ${page ?? 'nothing'} serves`]
  return { untrue, left: await residue(lane, registry), log: tale(run) }
}

const tale = (run: ActionRun): string =>
  `${run.log}\n== ${run.conclusion}, exit code ${run.code}, deployed ${run.outputs['deployed'] ?? '-'}\n${run.post?.log ?? ''}`
