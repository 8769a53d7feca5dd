import { type BringPlan, brings, planBring } from './bring/plan.ts'
import { secretsOf } from './bring/settings.ts'
import { type BuildPlan, planBuild } from './build/plan.ts'
import { isByDigest, pushes } from './build/result.ts'
import { type CheckPlan, planCheck } from './check/plan.ts'
import { type DeployPlan, planDeploy } from './deploy/plan.ts'
import { Failure } from './errors.ts'
import { type Findings, noFindings } from './findings.ts'
import { type DeploymentPlan, planDeployment } from './github/deployment.ts'
import { trustOf } from './github/trust.ts'
import type { ImagePlan } from './image/plan.ts'
import type { Reference } from './image/reference.ts'
import { type Inputs, inputNames } from './inputs.ts'
import { explainUnknown } from './migration.ts'
import { nameBuild } from './naming.ts'
import { planPromotion } from './promotion.ts'
import { planRegistry, type RegistryPlan } from './registry/plan.ts'
import { summarizes } from './report/summarizes.ts'
import { planSsh } from './ssh/target.ts'
import { boolean } from './values.ts'
import type { World } from './world.ts'

/** What this run is to do, read-only: nothing that is wrong or contradicts itself can be said here. */
export interface Plan {
  readonly image: ImagePlan
  readonly build: BuildPlan
  readonly registry: RegistryPlan
  /** Undefined: build and push only. */
  readonly deploy: DeployPlan | undefined
  readonly check: CheckPlan | undefined
  /**
   * A tag of the registry that stands for something else is moved: not those that nobody named where nothing is built,
   * and none by a run that pushes nothing.
   */
  readonly retag: boolean
  /** Moved to the release once it serves. */
  readonly promote: readonly Reference[]
  readonly deployment: DeploymentPlan | undefined
  /** Everything is checked, the plan is printed, and nothing is changed. */
  readonly dryRun: boolean
  readonly warnings: readonly string[]
}

/** Makes the plan, or fails with all that is wrong at once. Nothing is touched. */
export async function makePlan(inputs: Inputs, unknown: readonly string[], world: World): Promise<Plan> {
  const { context, env } = world
  const findings = noFindings()
  findings.warnings.push(...unknown.map(name => explainUnknown(name, inputNames)))
  const built = await planBuild(inputs, context, findings, { env })
  const { image, build } = await nameBuild(inputs, world, built, findings)
  const dryRun = boolean(inputs, 'dry-run', findings, false)
  const registry = await planRegistry(inputs, context, image, findings)
  summarizes(inputs, env, findings)
  const bring = await planBring(inputs, context.workspace, findings)
  bring.settings.flatMap(secretsOf).forEach(world.log.mask)
  const server = planServer(inputs, build, bring, world, findings)
  const plan = {
    image,
    build,
    // A login that lasts would change the runner.
    registry: dryRun ? { ...registry, lasts: 'step' as const } : registry,
    ...server,
    retag:
      pushes(build.result) && !isByDigest(build.result) && (build.when !== 'never' || inputs.tags !== ''),
    promote:
      inputs['rollback-to'] === ''
        ? planPromotion(inputs, image, build.result, findings)
        : noPromotion(inputs, findings),
    deployment: planDeployment(inputs, server.deploy),
    dryRun,
  }
  if (findings.problems.length > 0) throw new Failure('plan', findings.problems)
  return { ...plan, warnings: findings.warnings }
}

/** Strangers can start a run, but not one that reaches the server: `pull_request_target` has to be asked for it. */
function planServer(
  inputs: Inputs,
  build: BuildPlan,
  bring: BringPlan,
  { context, env }: World,
  findings: Findings,
) {
  const trust = trustOf(context)
  if (trust !== 'own' && !(trust === 'fork-with-secrets' && inputs.push === 'true')) {
    if (inputs['ssh-host'] !== '') findings.warnings.push(`Nothing is deployed: ${reasons[trust]}.`)
    return { deploy: undefined, check: undefined }
  }
  const ssh = planSsh(inputs, env, findings)
  const deploy = inputs['ssh-host'] === '' ? undefined : planDeploy(inputs, ssh, findings)
  if (
    deploy !== undefined &&
    deploy.rollbackTo === undefined &&
    build.when === 'always' &&
    !pushes(build.result)
  ) {
    findings.warnings.push(
      'Nothing is deployed: the server pulls from the registry, and nothing is pushed there.',
    )
    return { deploy: undefined, check: undefined }
  }
  const brought = deploy?.rollbackTo === undefined ? bring : withoutFiles(bring, findings)
  return { deploy: deploy && { ...deploy, bring: brought }, check: planCheck(inputs, findings) }
}

/** Nothing is asked of a registry. */
function noPromotion(inputs: Inputs, { warnings }: Findings): Reference[] {
  if (inputs.promote !== '')
    warnings.push('`promote` has no effect with `rollback-to`: the tags of the registry stay as they are.')
  return []
}

/** What comes back is a release of the history, not what the repository has now. */
function withoutFiles(bring: BringPlan, { warnings }: Findings): BringPlan {
  if (brings(bring))
    warnings.push(
      '`files` and `env` are not brought with `rollback-to`: the release comes back with what it ran with.',
    )
  return { ...bring, files: [], settings: [] }
}

const reasons = {
  fork: 'this pull request comes from a fork, which gets no secrets',
  dependabot: 'this run was started by Dependabot, which gets no secrets',
  'fork-with-secrets': 'this pull_request_target run is for a fork, and `push: true` does not say so',
} as const
