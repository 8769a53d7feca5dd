import type { BuildPlan } from '../buildx/plan.ts'
import { pushes } from '../buildx/result.ts'
import { type CheckPlan, planCheck } from '../check/plan.ts'
import type { Findings } from '../core/findings.ts'
import type { Runtime } from '../core/runtime.ts'
import { type DeploymentPlan, planDeployment } from '../github/deployment.ts'
import { mayUseSecrets, trustOf } from '../github/trust.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { hasUploads, type PayloadPlan, planPayload } from '../payload/plan.ts'
import { planSsh } from '../ssh/target.ts'
import { type DeployPlan, planDeploy } from '../target/plan.ts'

/** The part of the plan that concerns the server. */
export interface ServerPlan {
  /** Undefined if the run only builds and pushes. */
  readonly deploy: DeployPlan | undefined
  readonly check: CheckPlan | undefined
  readonly deployment: DeploymentPlan | undefined
}

export async function planServer(
  inputs: Inputs,
  build: BuildPlan,
  runtime: Runtime,
  findings: Findings,
): Promise<ServerPlan> {
  const payload = await planPayload(inputs, runtime.context.workspace, findings)
  const planned = planChange(inputs, build, payload, runtime, findings)
  return { ...planned, deployment: planDeployment(inputs, planned.deploy) }
}

/**
 * Plans the deploy and the check. An untrusted run (one that anyone can start) does not reach the server, unless
 * GitHub gives it secrets and the workflow sets `push: true`.
 */
function planChange(
  inputs: Inputs,
  build: BuildPlan,
  payload: PayloadPlan,
  { context, env }: Runtime,
  findings: Findings,
): Pick<ServerPlan, 'deploy' | 'check'> {
  const trust = trustOf(context)
  if (trust !== 'own' && !mayUseSecrets(inputs, context)) {
    if (inputs['ssh-host'] !== '') findings.warnings.push(`Nothing is deployed: ${reasons[trust]}.`)
    return { deploy: undefined, check: undefined }
  }
  const ssh = planSsh(inputs, env, findings)
  const deploy = inputs['ssh-host'] === '' ? undefined : planDeploy(inputs, ssh, findings)
  if (
    deploy !== undefined &&
    deploy.rollbackTo === undefined &&
    build.when !== 'never' &&
    !pushes(build.result)
  ) {
    findings.warnings.push(
      'Nothing is deployed: the server pulls from the registry, and this run does not push.',
    )
    return { deploy: undefined, check: undefined }
  }
  const sent = deploy?.rollbackTo === undefined ? payload : withoutFiles(payload, findings)
  return { deploy: deploy && { ...deploy, payload: sent }, check: planCheck(inputs, findings) }
}

/** Drops files and settings, because a rollback restores those that the release ran with. */
function withoutFiles(payload: PayloadPlan, { warnings }: Findings): PayloadPlan {
  if (hasUploads(payload))
    warnings.push(
      '`files` and `env` have no effect with `rollback-to`: a rollback restores the files and settings of that release.',
    )
  return { ...payload, files: [], filesDelete: false, settings: [] }
}

const reasons = {
  fork: 'this pull request comes from a fork, which gets no secrets',
  dependabot: 'this pull request comes from Dependabot, which gets no secrets',
  anyone: 'anyone could have started this run, and `push: true`, which would let it deploy, is not set',
  'fork-with-secrets': 'this run is for a fork, and `push: true`, which would let it deploy, is not set',
} as const
