import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import { summarizes } from '../../../src/plan/summarizes.ts'

const cases: readonly { summary: string; variable?: string; expected: boolean; problem?: true }[] = [
  { summary: '', expected: true },
  { summary: 'true', expected: true },
  { summary: 'False', expected: false },
  { summary: 'true', variable: 'false', expected: false },
  { summary: '', variable: '0', expected: false },
  { summary: '', variable: 'true', expected: true },
  { summary: 'no', expected: true, problem: true },
]

for (const { summary, variable, expected, problem } of cases) {
  test(`summary: '${summary}', DOCKER_BUILD_SUMMARY ${variable}: ${expected}`, () => {
    const findings = noFindings()
    const env = variable === undefined ? {} : { DOCKER_BUILD_SUMMARY: variable }
    assert.equal(summarizes({ summary }, env, findings), expected)
    assert.equal(findings.problems.length, problem ? 1 : 0)
  })
}
