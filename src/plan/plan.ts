import { type BuildPlan, planBuild } from '../buildx/plan.ts'
import { isByDigest, pushes } from '../buildx/result.ts'
import { Failure } from '../core/errors.ts'
import { type Findings, noFindings } from '../core/findings.ts'
import type { Runtime } from '../core/runtime.ts'
import { trustOf } from '../github/trust.ts'
import { disabledImages } from '../image/names.ts'
import { existingName, type ImagePlan } from '../image/plan.ts'
import { formatReference, type Reference } from '../image/reference.ts'
import { type Inputs, inputNames } from '../inputs/inputs.ts'
import { explainUnknown, meansDeploy } from '../inputs/other-actions.ts'
import { boolean } from '../inputs/values.ts'
import { planRegistry, type RegistryPlan } from '../registry/plan.ts'
import { namesAllImages, parseServices } from '../target/services.ts'
import { nameBuild } from './names.ts'
import { planPromotion } from './promotion.ts'
import { planServer, type ServerPlan } from './server.ts'
import { summarizes } from './summarizes.ts'
import { withhold } from './withheld.ts'

/** What this run does. Read-only; a plan exists only if its inputs are valid and consistent. */
export interface Plan extends ServerPlan {
  readonly image: ImagePlan
  /** Whether this run builds or finds an image. If not, it only deploys the images that `service` names. */
  readonly publishes: boolean
  readonly build: BuildPlan
  readonly registry: RegistryPlan
  /** Whether `rollback-to` is given. Such a run never builds or pushes, even if it may not reach the server. */
  readonly rollsBack: boolean
  /**
   * Whether this run moves tags in the registry to its image. It does not if it pushes nothing. If it builds nothing,
   * it moves only tags other than the one that names the image, and none if `tags` is not given.
   */
  readonly retag: boolean
  /** Tags to move to the image after a successful deploy. */
  readonly promote: readonly Reference[]
  /** Whether to check everything, print the plan and change nothing. */
  readonly dryRun: boolean
  readonly warnings: readonly string[]
}

/** Makes the plan. Changes nothing. Throws a Failure that lists all problems together. */
export async function makePlan(inputs: Inputs, unknown: readonly string[], runtime: Runtime): Promise<Plan> {
  const { context, env } = runtime
  const findings = noFindings()
  findings.warnings.push(...unknown.map(name => explainUnknown(name, inputNames)))
  // An untrusted run (fork, Dependabot) gets no secrets, so `ssh-host` may rightly be empty there.
  if (trustOf(context) === 'own') rejectDeployWithoutHost(inputs, unknown, findings)
  const built = await planBuild(withhold(inputs, context, findings), context, findings, { env })
  const { image: own, build } = await nameBuild(inputs, runtime, built, findings)
  const dryRun = boolean(inputs, 'dry-run', findings, false)
  const rollsBack = inputs['rollback-to'] !== ''
  const { publishes, named } = planNamed(inputs, build)
  const image = publishes ? own : { ...own, images: [], tags: [], tagNames: [] }
  const references = {
    used: [...image.images.map(({ reference }) => reference), ...named],
    disabled: disabledImages(inputs),
  }
  const registry = await planRegistry(inputs, context, references, findings)
  for (const { password } of registry.logins) runtime.log.mask(password)
  summarizes(inputs, env, findings)
  const server = await planServer(inputs, build, runtime, findings)
  // The URL has the password in an encoded form, which the runner's own mask does not match.
  if (server.check?.url.password) runtime.log.mask(server.check.url.password)
  const plan = {
    image,
    publishes,
    build,
    // A login that outlives the step would change the runner.
    registry: dryRun ? { ...registry, loginScope: 'step' as const } : registry,
    ...server,
    rollsBack,
    retag:
      pushes(build.result) &&
      !isByDigest(build.result) &&
      (build.when !== 'never' || (inputs.tags !== '' && hasOtherTags(image))),
    promote: rollsBack ? noPromotion(inputs, findings) : planPromotion(inputs, image, build.result, findings),
    dryRun,
  }
  if (findings.problems.length > 0) throw new Failure('plan', findings.problems)
  return { ...plan, warnings: findings.warnings }
}

/** Rejects inputs of another action that mean a deploy: without `ssh-host`, the run would push and deploy nothing. */
function rejectDeployWithoutHost(inputs: Inputs, unknown: readonly string[], { problems }: Findings): void {
  const name = unknown.find(each => meansDeploy(each, inputNames))
  if (name === undefined || inputs['ssh-host'] !== '') return
  problems.push({
    input: 'ssh-host',
    cause: `\`${name}\` is set, which is not an input of Slipway, and \`ssh-host\` is not: nothing would be deployed.`,
    remedy: explainUnknown(name, inputNames),
  })
}

/** Reports whether the image has tags other than the one that names it if nothing is built. */
function hasOtherTags(image: ImagePlan): boolean {
  const name = existingName(image)
  return image.tags.some(tag => name === undefined || tag !== formatReference(name))
}

/**
 * Returns the images that `service` names, and whether the run also has an image of its own. It has none if it builds
 * nothing and only `service` names images.
 */
function planNamed(inputs: Inputs, { when }: BuildPlan): { publishes: boolean; named: Reference[] } {
  if (inputs['ssh-host'] === '') return { publishes: true, named: [] }
  const services = parseServices(inputs.service, noFindings())
  const given = inputs.image !== '' || inputs.images !== '' || inputs.tags !== ''
  return {
    publishes: given || when !== 'never' || !namesAllImages(services),
    named: Object.values(services.images),
  }
}

/** Returns no tags, because a rollback contacts no registry. Warns if `promote` is given. */
function noPromotion(inputs: Inputs, { warnings }: Findings): Reference[] {
  if (inputs.promote !== '')
    warnings.push('`promote` has no effect with `rollback-to`: the tags in the registry stay as they are.')
  return []
}
