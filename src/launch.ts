import { noFindings } from './core/findings.ts'
import { withHeartbeat } from './core/heartbeat.ts'
import type { Runtime } from './core/runtime.ts'
import { startEarlyProbe } from './docker/probe.ts'
import type { Inputs } from './inputs/inputs.ts'
import { runPlan } from './pipeline.ts'
import { makePlan } from './plan/plan.ts'
import { summarizes } from './plan/summarizes.ts'
import { type Journal, openJournal } from './report/journal.ts'
import { writeReport } from './report/write.ts'

/** Runs the whole action, from its inputs to its report. Returns whether it succeeded. */
export async function launch(inputs: Inputs, unknown: readonly string[], base: Runtime): Promise<boolean> {
  const runtime = { ...base, log: withHeartbeat(base.log) }
  const journal = openJournal(runtime)
  const report = await journal.conclude(() => planAndRun(inputs, unknown, runtime, journal))
  return writeReport(report, runtime, summarizes(inputs, runtime.env, noFindings()))
}

/** Makes the plan and runs it. Starts the Docker probe first, because nothing else before a build takes as long. */
async function planAndRun(inputs: Inputs, unknown: readonly string[], runtime: Runtime, journal: Journal) {
  const finished = new AbortController()
  try {
    const cancelled = AbortSignal.any([runtime.cancelled, finished.signal])
    const earlyProbe = inputs['rollback-to'] === '' ? startEarlyProbe({ ...runtime, cancelled }) : undefined
    const plan = await makePlan(inputs, unknown, runtime)
    plan.warnings.forEach(journal.warn)
    return await runPlan(plan, earlyProbe, runtime, journal)
  } finally {
    finished.abort()
  }
}
