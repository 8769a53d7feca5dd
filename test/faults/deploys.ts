import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ActionRun, RunningAction } from '../rig/runner.ts'
import type { Case } from './attempt.ts'
import { killScripts } from './faults.ts'
import type { Version } from './images.ts'
import { waitUntilIdle } from './judge.ts'
import type { Lane } from './lane.ts'
import { reached, runsOf } from './moments.ts'

/** A deploy that has ended. */
export interface EndedDeploy {
  readonly run: ActionRun
  readonly version: Version
  readonly runId: string
}

let number = 0

/** Starts a deploy with a higher run number than all before it. `action` resolves with its first line of output. */
export function startDeploy(lane: Lane, version: Version, user: 'deploy' | 'second' = 'deploy') {
  const runId = String(randomInt(1e9, 2e9))
  number += 1
  let finished = false
  const started = Promise.withResolvers<RunningAction>()
  const ended: Promise<EndedDeploy> = lane
    .deploy(version, { user, runId, number, onLine: (_, action) => started.resolve(action) })
    .then(run => ({ run, version, runId }))
    .finally(() => {
      finished = true
    })
  return { action: started.promise, ended, isFinished: () => finished }
}

export interface Deployed {
  readonly injected: boolean
  /** The deploy, and the one that the fault started right after it, if any. */
  readonly runs: readonly EndedDeploy[]
}

/** Deploys a version and injects the fault at its event. The fault may deploy the second version right after it. */
export async function deployWithFault(
  lane: Lane,
  each: Case,
  version: Version,
  second: Version,
): Promise<Deployed> {
  const earlier = runsOf(lane)
  const first = startDeploy(lane, version)
  const deploys: Promise<EndedDeploy>[] = [first.ended]
  const deployNext = (user: 'deploy' | 'second') => deploys.push(startDeploy(lane, second, user).ended)
  const action = await first.action
  const isThere = each.event === 'checks' || (await reached(lane, each.event, earlier, first.isFinished))
  let result: (() => Promise<void>) | 'missed' | undefined = 'missed'
  if (isThere) {
    await sleep(each.offset)
    result = await each.fault.inject({ lane, action, deployNext })
  }
  await first.ended
  const runs = await Promise.all(deploys)
  if (result === 'missed') return { injected: false, runs }
  await result?.()
  return { injected: true, runs }
}

/** Starts a deploy and kills its script in the middle of `up`, and the runner, so that the change stays unfinished. */
export async function interruptDeploy(lane: Lane, version: Version): Promise<void> {
  const earlier = runsOf(lane)
  const deploy = startDeploy(lane, version)
  const action = await deploy.action
  await reached(lane, 'up', earlier, deploy.isFinished)
  await sleep(300)
  action.loseRunner()
  killScripts(lane)
  await deploy.ended
  await waitUntilIdle(lane)
}

export const logOf = (run: ActionRun): string =>
  `${run.log}\n== ${run.conclusion}, exit code ${run.code}, deployed ${run.outputs['deployed'] ?? '-'}\n${run.post?.log ?? ''}`
