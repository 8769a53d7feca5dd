import { noFindings } from './findings.ts'
import { withHeartbeat } from './heartbeat.ts'
import type { Inputs } from './inputs.ts'
import { openJournal } from './journal.ts'
import { makePlan } from './plan.ts'
import { summarizes } from './report/summarizes.ts'
import type { World } from './world.ts'

/** One run, from its inputs to its report. True when it ended well. */
export async function launch(inputs: Inputs, unknown: readonly string[], around: World): Promise<boolean> {
  const world = { ...around, log: withHeartbeat(around.log) }
  const journal = openJournal(world)
  const report = await journal.conclude(async () => {
    const plan = await makePlan(inputs, unknown, world)
    plan.warnings.forEach(journal.warn)
    const { carryOut } = await import('./later.ts')
    return await carryOut(plan, world, journal)
  })
  const { writeReport } = await import('./later.ts')
  return writeReport(report, world, summarizes(inputs, world.env, noFindings()))
}
