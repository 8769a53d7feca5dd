import { appendFileSync } from 'node:fs'
import { type Context, readContext } from '../core/context.ts'
import { Failure } from '../core/errors.ts'
import { noFindings } from '../core/findings.ts'
import type { Log } from '../core/log.ts'
import type { Environment, Runtime } from '../core/runtime.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { summarizes } from '../plan/summarizes.ts'
import { plainHeadline } from './headline.ts'
import { logError } from './log-error.ts'
import { setOutputs } from './outputs.ts'
import { type Report, releasesOf } from './report.ts'
import { renderSummary } from './summary.ts'

/** Reports how the run ended in the log, the outputs and the summary. Returns whether it succeeded. */
export function writeReport(report: Report, { log, context, env }: Runtime, summary: boolean): boolean {
  if (report.failure !== undefined) logError(log, report.failure)
  const { deploy, end } = report
  const serving = deploy && releasesOf(deploy, 'serving')
  const previous = deploy && releasesOf(deploy, 'previous')
  setOutputs({
    'rolled-back': end === 'rolled-back' ? 'true' : 'false',
    ...(serving ? { deployed: serving } : {}),
    ...(previous ? { previous } : {}),
  })
  if (summary) appendSummary(env['GITHUB_STEP_SUMMARY'], report, context, log)
  log.line(plainHeadline(report, new Date()))
  return good.has(end) && report.failure === undefined
}

/** Says why a run ended that came to no report: something before the pipeline failed, or Slipway itself is at fault. */
export function writeFailure(error: unknown, inputs: Inputs, env: Environment, log: Log): void {
  logError(log, error)
  if (!summarizes(inputs, env, noFindings())) return
  const failure = error instanceof Failure ? error : new Failure('report', fault(error))
  const context = readContext(env, '')
  const report: Report = { end: 'failed', failure, stages: [], warnings: [] }
  appendSummary(env['GITHUB_STEP_SUMMARY'], report, context, log)
}

const fault = (error: unknown) => ({
  cause: `Internal error in Slipway: ${error instanceof Error ? error.message : String(error)}`,
  remedy: 'Please report it with the log of this step.',
})

/**
 * Writes the summary, with what the log masks hidden before Markdown changes its form: GitHub's runner hides it once more,
 * others do not. A summary that cannot be written does not make a release fail. (@actions/core's would load `fs/promises`
 * at every start.)
 */
function appendSummary(file: string | undefined, report: Report, context: Context, log: Log): void {
  if (file === undefined || file === '') return
  try {
    appendFileSync(file, renderSummary(hidden(report, log.hide), context))
  } catch (error) {
    log.warning(`The job summary could not be written: ${String(error)}`)
  }
}

/** Returns a copy of plain data, with each text in it hidden. */
function hidden<T>(value: T, hide: (text: string) => string): T
function hidden(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value)
  if (value instanceof Failure) return new Failure(value.stage, hidden(value.problems, hide))
  if (Array.isArray(value)) return value.map(each => hidden(each, hide))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hidden(each, hide)]))
}

const good: ReadonlySet<Report['end']> = new Set([
  'released',
  'pushed',
  'built',
  'nothing',
  'planned',
  'superseded',
])
