import * as core from '@actions/core'
import type { World } from '../world.ts'
import { setOutputs } from './outputs.ts'
import type { Report } from './report.ts'
import { renderSummary } from './summary.ts'
import { tell } from './tell.ts'

/** Says how the run ended: what is wrong, the outputs that are known now, the summary. True when it ended well. */
export async function writeReport(
  report: Report,
  { log, context, env }: World,
  summary: boolean,
): Promise<boolean> {
  if (report.failure !== undefined) tell(log, report.failure)
  const { deploy, end } = report
  setOutputs({
    'rolled-back': end === 'rolled-back' ? 'true' : 'false',
    ...(deploy?.serving === undefined ? {} : { deployed: deploy.serving }),
    ...(deploy?.previous === undefined ? {} : { previous: deploy.previous }),
  })
  if (summary && env['GITHUB_STEP_SUMMARY'] !== undefined)
    await core.summary.addRaw(renderSummary(report, context)).write()
  return good.has(end)
}

const good: ReadonlySet<Report['end']> = new Set(['released', 'pushed', 'built', 'planned', 'superseded'])
