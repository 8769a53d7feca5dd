import type { Findings } from '../core/findings.ts'
import type { Environment } from '../core/runtime.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { boolean, parseGoBoolean } from '../inputs/values.ts'

/**
 * Whether to write a summary: yes, unless `summary` or DOCKER_BUILD_SUMMARY (a variable of Docker's actions) is
 * false.
 */
export function summarizes(inputs: Pick<Inputs, 'summary'>, env: Environment, findings: Findings): boolean {
  const asked = boolean(inputs, 'summary', findings, true)
  return asked && parseGoBoolean(env['DOCKER_BUILD_SUMMARY'] ?? '') !== false
}
