import type { Findings } from '../core/findings.ts'
import type { Environment } from '../core/runtime.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { boolean, parseGoBoolean } from '../inputs/values.ts'

/** Whether a summary is written: unless `summary`, or the switch of Docker's actions in the environment, says no. */
export function summarizes(inputs: Pick<Inputs, 'summary'>, env: Environment, findings: Findings): boolean {
  const asked = boolean(inputs, 'summary', findings, true)
  return asked && parseGoBoolean(env['DOCKER_BUILD_SUMMARY'] ?? '') !== false
}
