import { noFindings } from './core/findings.ts'
import { withHeartbeat } from './core/heartbeat.ts'
import type { Runtime } from './core/runtime.ts'
import { lookAtDocker } from './docker/probe.ts'
import type { Inputs } from './inputs/inputs.ts'
import { carryOut } from './pipeline.ts'
import { makePlan } from './plan/plan.ts'
import { summarizes } from './plan/summarizes.ts'
import { type Journal, openJournal } from './report/journal.ts'
import { writeReport } from './report/write.ts'

/** Runs the whole action, from its inputs to its report. Returns whether it succeeded. */
export async function launch(inputs: Inputs, unknown: readonly string[], around: Runtime): Promise<boolean> {
  const runtime = { ...around, log: withHeartbeat(around.log) }
  const journal = openJournal(runtime)
  const report = await journal.conclude(() => planAndGo(inputs, unknown, runtime, journal))
  return writeReport(report, runtime, summarizes(inputs, runtime.env, noFindings()))
}

/** Probes Docker while it makes the plan: the probe takes longer than anything else before a build. */
async function planAndGo(inputs: Inputs, unknown: readonly string[], runtime: Runtime, journal: Journal) {
  const over = new AbortController()
  try {
    const cancelled = AbortSignal.any([runtime.cancelled, over.signal])
    const look = inputs['rollback-to'] === '' ? lookAtDocker({ ...runtime, cancelled }) : undefined
    const plan = await makePlan(inputs, unknown, runtime)
    plan.warnings.forEach(journal.warn)
    return await carryOut(plan, look, runtime, journal)
  } finally {
    over.abort()
  }
}
