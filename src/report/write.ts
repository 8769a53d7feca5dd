import { appendFileSync } from 'node:fs'
import type { Log } from '../core/log.ts'
import type { World } from '../core/runtime.ts'
import { plainHeadline } from './headline.ts'
import { setOutputs } from './outputs.ts'
import { type Report, releasesOf } from './report.ts'
import { renderSummary } from './summary.ts'
import { tell } from './tell.ts'

/** Says how the run ended: what is wrong, the outputs that are known now, the summary. True when it ended well. */
export function writeReport(report: Report, { log, context, env }: World, summary: boolean): boolean {
  if (report.failure !== undefined) tell(log, report.failure)
  const { deploy, end } = report
  const serving = deploy && releasesOf(deploy, 'serving')
  const previous = deploy && releasesOf(deploy, 'previous')
  setOutputs({
    'rolled-back': end === 'rolled-back' ? 'true' : 'false',
    ...(serving ? { deployed: serving } : {}),
    ...(previous ? { previous } : {}),
  })
  if (summary) appendSummary(env['GITHUB_STEP_SUMMARY'], renderSummary(report, context), log)
  log.line(plainHeadline(report, new Date()))
  return good.has(end) && report.failure === undefined
}

/** A summary that cannot be written does not make a release fail. (@actions/core's would load `fs/promises` at every start.) */
function appendSummary(file: string | undefined, text: string, log: Log): void {
  if (file === undefined || file === '') return
  try {
    appendFileSync(file, text)
  } catch (error) {
    log.warning(`The job summary could not be written: ${String(error)}`)
  }
}

const good: ReadonlySet<Report['end']> = new Set([
  'released',
  'pushed',
  'built',
  'nothing',
  'planned',
  'superseded',
])
