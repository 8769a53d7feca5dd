import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { load } from 'js-yaml'
import { planBuild } from '../../src/buildx/plan.ts'
import { planCheck } from '../../src/check/plan.ts'
import { readContext } from '../../src/core/context.ts'
import { type Findings, noFindings } from '../../src/core/findings.ts'
import { planImage } from '../../src/image/plan.ts'
import { type Inputs, inputNames } from '../../src/inputs/inputs.ts'
import { planRegistry } from '../../src/registry/plan.ts'
import type { SshPlan } from '../../src/ssh/plan.ts'
import { planSsh } from '../../src/ssh/target.ts'
import { planDeploy } from '../../src/target/plan.ts'

const { inputs: declared } = load(readFileSync('action.yml', 'utf8')) as {
  inputs: Record<string, { default?: string }>
}

/** What has no default, and is needed for a plan that has all its parts. */
const given: Readonly<Record<string, string>> = {
  image: 'ghcr.io/octo/app',
  'ssh-host': 'deploy@example.com',
  'ssh-password': 'a password',
  'ssh-fingerprint': 'SHA256:uNiVztksCsDhcc0u9e8BrrdXUtrQ4Fm5R7rHnQq0NqE',
  'project-directory': '/srv/app',
  service: 'web',
  'check-url': 'https://example.com/',
  'github-token': 'a token',
}

const inputs = (fallback: (name: string) => string) =>
  Object.fromEntries(inputNames.map(name => [name, given[name] ?? fallback(name)])) as Inputs

const context = readContext(
  { GITHUB_REPOSITORY: 'octo/app', GITHUB_REF: 'refs/heads/main', GITHUB_SHA: 'a'.repeat(40) },
  '{}',
)
const ssh: SshPlan = {
  host: 'example.com',
  port: 22,
  user: 'deploy',
  authentication: { kind: 'password', password: 'a password' },
  hostKey: { kind: 'insecure' },
}

const parts: Readonly<Record<string, (inputs: Inputs, findings: Findings) => unknown>> = {
  image: (inputs, findings) => planImage(inputs, context, { env: {}, now: new Date(0) }, findings),
  build: (inputs, findings) => planBuild(inputs, context, findings, { env: {}, exists: () => true }),
  registry: async (inputs, findings) => {
    const image = await planImage(inputs, context, { env: {}, now: new Date(0) }, findings)
    const used = image.images.map(({ reference }) => reference)
    return planRegistry(inputs, context, { used, disabled: [] }, findings)
  },
  ssh: (inputs, findings) => planSsh(inputs, {}, findings),
  deploy: (inputs, findings) => planDeploy(inputs, ssh, findings),
  check: (inputs, findings) => planCheck(inputs, findings),
}

describe('an input that is given empty, for which GitHub takes no default, means the same as one left out', () => {
  for (const [part, plan] of Object.entries(parts)) {
    it(`in the plan of the ${part}`, async () => {
      const findings = noFindings()
      const empty = await plan(
        inputs(() => ''),
        findings,
      )
      const leftOut = await plan(
        inputs(name => declared[name]?.default ?? ''),
        findings,
      )
      assert.deepEqual(findings, noFindings())
      assert.deepEqual(empty, leftOut)
    })
  }
})
