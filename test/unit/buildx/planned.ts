import { type BuildPlan, type Machine, planBuild } from '../../../src/buildx/plan.ts'
import type { Context } from '../../../src/core/context.ts'
import { type Findings, noFindings } from '../../../src/core/findings.ts'
import type { InputName } from '../../../src/inputs/inputs.ts'
import { event, inputsOf, sha } from '../image/events.ts'

export type Given = Partial<Record<InputName, string>>

/** The context of a push to a public repository. */
export const context: Context = {
  ...event('push', 'refs/heads/main', { repository: { full_name: 'octocat/Hello-World', private: false } }),
  runId: '7',
  runAttempt: 2,
  workspace: '/workspace',
}

export const runUrl = `${context.serverUrl}/${context.repository}/actions/runs/7/attempts/2`
export const commitUrl = `${context.serverUrl}/${context.repository}.git#${sha}`

/** Returns the build plan for some inputs, and the findings. By default every path exists. */
export async function planned(
  given: Given,
  run: Context = context,
  machine: Machine = { env: {}, exists: () => true },
): Promise<{ plan: BuildPlan; findings: Findings }> {
  const findings = noFindings()
  const plan = await planBuild(inputsOf(given), run, findings, machine)
  return { plan, findings }
}
