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

/** Reports the result of the run in the log, the outputs and the summary. Returns whether the run succeeded. */
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
  return successes.has(end) && report.failure === undefined
}

/** Reports the error of a run without a report: something before the pipeline failed, or Slipway has a bug. */
export function writeFailure(error: unknown, inputs: Inputs, env: Environment, log: Log): void {
  logError(log, error)
  if (!summarizes(inputs, env, noFindings())) return
  const failure = error instanceof Failure ? error : new Failure('report', internalError(error))
  const context = readContext(env, '')
  const report: Report = { end: 'failed', failure, stages: [], warnings: [] }
  appendSummary(env['GITHUB_STEP_SUMMARY'], report, context, log)
}

const internalError = (error: unknown) => ({
  cause: `Internal error in Slipway: ${error instanceof Error ? error.message : String(error)}`,
  remedy: 'Please report it with the log of this step.',
})

/**
 * Appends to the job summary. Masks secrets before Markdown changes their form: GitHub's runner masks them again, other
 * runners do not. If the summary cannot be written, the release does not fail. (The summary of @actions/core would load
 * `fs/promises` at every start.)
 */
function appendSummary(file: string | undefined, report: Report, context: Context, log: Log): void {
  if (file === undefined || file === '') return
  try {
    appendFileSync(file, renderSummary(masked(report, log.hide), context))
  } catch (error) {
    log.warning(`The job summary could not be written: ${String(error)}`)
  }
}

/** The fields that choose what the summary says, and hold no text of the user: a masked one would match nothing. */
const choices: ReadonlySet<string> = new Set(['end', 'code', 'strategy'])

/** Returns a copy of plain data with secrets masked in every text. */
function masked<T>(value: T, hide: (text: string) => string): T
function masked(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value)
  if (value instanceof Failure) return new Failure(value.stage, masked(value.problems, hide))
  if (Array.isArray(value)) return value.map(each => masked(each, hide))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, choices.has(key) ? each : masked(each, hide)]),
  )
}

/** The ends with which the step succeeds. */
const successes: ReadonlySet<Report['end']> = new Set([
  'released',
  'pushed',
  'built',
  'nothing',
  'planned',
  'superseded',
])
