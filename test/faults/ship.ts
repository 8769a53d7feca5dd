import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ActionRun, RunningAction } from '../rig/runner.ts'
import type { Case } from './attempt.ts'
import { killScripts } from './faults.ts'
import type { Version } from './images.ts'
import { quiet } from './judge.ts'
import type { Lane } from './lane.ts'
import { reached, runsOf } from './moments.ts'

export interface Shipped {
  readonly run: ActionRun
  readonly version: Version
  readonly runId: string
}

let number = 0

/** Starts a deploy, which is later than all before it; `acting` is there once it says something. */
export function ship(lane: Lane, version: Version, user: 'deploy' | 'second' = 'deploy') {
  const runId = String(randomInt(1e9, 2e9))
  number += 1
  let over = false
  const heard = Promise.withResolvers<RunningAction>()
  const shipped: Promise<Shipped> = lane
    .deploy(version, { user, runId, number, onLine: (_, acting) => heard.resolve(acting) })
    .then(run => ({ run, version, runId }))
    .finally(() => {
      over = true
    })
  return { acting: heard.promise, shipped, isOver: () => over }
}

export interface Deployed {
  readonly befallen: boolean
  /** What was deployed, and what the fault has deployed at once behind it. */
  readonly runs: readonly Shipped[]
}

/** Deploys a version, with a fault at its moment, or another one behind it where the fault says so. */
export async function troubled(lane: Lane, each: Case, version: Version, second: Version): Promise<Deployed> {
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

/** A deploy whose script is killed in the middle of `up`, with nobody left to put it in order. */
export async function leaveHalfWay(lane: Lane, version: Version): Promise<void> {
  const known = runsOf(lane)
  const { acting, shipped, isOver } = ship(lane, version)
  const action = await acting
  await reached(lane, 'up', known, isOver)
  await sleep(300)
  action.loseRunner()
  killScripts(lane)
  await shipped
  await quiet(lane)
}

export const tale = (run: ActionRun): string =>
  `${run.log}\n== ${run.conclusion}, exit code ${run.code}, deployed ${run.outputs['deployed'] ?? '-'}\n${run.post?.log ?? ''}`
