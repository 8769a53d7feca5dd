import { noFindings } from './core/findings.ts'
import { withHeartbeat } from './core/heartbeat.ts'
import type { World } from './core/runtime.ts'
import { lookAtDocker } from './docker/probe.ts'
import type { Inputs } from './inputs/inputs.ts'
import { carryOut } from './pipeline.ts'
import { makePlan } from './plan/plan.ts'
import { summarizes } from './plan/summarizes.ts'
import { type Journal, openJournal } from './report/journal.ts'
import { writeReport } from './report/write.ts'

/** One run, from its inputs to its report. True when it ended well. */
export async function launch(inputs: Inputs, unknown: readonly string[], around: World): Promise<boolean> {
  const world = { ...around, log: withHeartbeat(around.log) }
  const journal = openJournal(world)
  const report = await journal.conclude(() => planAndGo(inputs, unknown, world, journal))
  return writeReport(report, world, summarizes(inputs, world.env, noFindings()))
}

/** Docker is asked what it can do while the plan is made: that takes longer than all the rest before a build. */
async function planAndGo(inputs: Inputs, unknown: readonly string[], world: World, journal: Journal) {
  const over = new AbortController()
  try {
    const cancelled = AbortSignal.any([world.cancelled, over.signal])
    const look = inputs['rollback-to'] === '' ? lookAtDocker({ ...world, cancelled }) : undefined
    const plan = await makePlan(inputs, unknown, world)
    plan.warnings.forEach(journal.warn)
    return await carryOut(plan, look, world, journal)
  } finally {
    over.abort()
  }
}
