import { type BuildPlan, planBuild } from '../buildx/plan.ts'
import { isByDigest, pushes } from '../buildx/result.ts'
import { Failure } from '../core/errors.ts'
import { type Findings, noFindings } from '../core/findings.ts'
import type { World } from '../core/runtime.ts'
import type { ImagePlan } from '../image/plan.ts'
import type { Reference } from '../image/reference.ts'
import { type Inputs, inputNames } from '../inputs/inputs.ts'
import { explainUnknown } from '../inputs/other-actions.ts'
import { boolean } from '../inputs/values.ts'
import { planRegistry, type RegistryPlan } from '../registry/plan.ts'
import { nameBuild } from './names.ts'
import { planPromotion } from './promotion.ts'
import { planServer, type ServerPlan } from './server.ts'
import { summarizes } from './summarizes.ts'
import { withhold } from './withheld.ts'

/** What this run is to do, read-only: nothing that is wrong or contradicts itself can be said here. */
export interface Plan extends ServerPlan {
  readonly image: ImagePlan
  readonly build: BuildPlan
  readonly registry: RegistryPlan
  /**
   * A tag of the registry that stands for something else is moved: not those that nobody named where nothing is built,
   * and none by a run that pushes nothing.
   */
  readonly retag: boolean
  /** Moved to the release once it serves. */
  readonly promote: readonly Reference[]
  /** Everything is checked, the plan is printed, and nothing is changed. */
  readonly dryRun: boolean
  readonly warnings: readonly string[]
}

/** Makes the plan, or fails with all that is wrong at once. Nothing is touched. */
export async function makePlan(inputs: Inputs, unknown: readonly string[], world: World): Promise<Plan> {
  const { context, env } = world
  const findings = noFindings()
  findings.warnings.push(...unknown.map(name => explainUnknown(name, inputNames)))
  const built = await planBuild(withhold(inputs, context, findings), context, findings, { env })
  const { image, build } = await nameBuild(inputs, world, built, findings)
  const dryRun = boolean(inputs, 'dry-run', findings, false)
  const registry = await planRegistry(inputs, context, image, findings)
  for (const { password } of registry.logins) world.log.mask(password)
  summarizes(inputs, env, findings)
  const server = await planServer(inputs, build, world, findings)
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
    dryRun,
  }
  if (findings.problems.length > 0) throw new Failure('plan', findings.problems)
  return { ...plan, warnings: findings.warnings }
}

/** Nothing is asked of a registry. */
function noPromotion(inputs: Inputs, { warnings }: Findings): Reference[] {
  if (inputs.promote !== '')
    warnings.push('`promote` has no effect with `rollback-to`: the tags of the registry stay as they are.')
  return []
}
