import { atLeast } from '../core/version.ts'
import type { Docker } from '../docker/docker.ts'
import { isAttested } from './attestations.ts'
import type { BuilderPlan, Driver } from './builder-plan.ts'
import type { BuildPlan } from './plan.ts'
import { exportsTo, pushes } from './result.ts'

/** Which builder builds. */
export type BuilderChoice =
  /** The engine's own: nothing has to be made or booted. */
  | { readonly kind: 'engine' }
  /** One that is there, or else is made under this name. */
  | { readonly kind: 'named'; readonly name: string }
  /** One is made for this run; `why` says what the engine's own cannot do. */
  | { readonly kind: 'made'; readonly driver: Driver; readonly why: string }

/** Chooses the builder by what is asked for and, where nothing is, by what the build needs. */
export function chooseBuilder(docker: Docker, plan: BuildPlan): BuilderChoice {
  const { name, driver = 'docker-container' } = plan.builder
  if (name !== undefined && name !== docker.context && name !== 'default') return { kind: 'named', name }
  if (name !== undefined || plan.builder.driver === 'docker') return { kind: 'engine' }
  const why = asked(plan.builder) ?? beyondEngine(docker, plan)
  return why === undefined ? { kind: 'engine' } : { kind: 'made', driver, why }
}

/** What can only be meant for a builder of its own. */
function asked({ driver, driverOpts, config, flags, endpoint, nodes }: BuilderPlan): string | undefined {
  if (driver !== undefined) return `\`driver: ${driver}\` asks for it`
  if (endpoint !== undefined || nodes.length > 0) return 'it builds on other machines'
  if (driverOpts.length > 0) return '`driver-opts` are given'
  return config !== undefined || flags !== undefined ? 'buildkitd is configured' : undefined
}

/** What the engine's own builder cannot do for this build; undefined when it can do all of it. */
export function beyondEngine(docker: Docker, plan: BuildPlan): string | undefined {
  const limits = docker.imageStore === 'classic' ? classicLimits : containerdLimits
  return [...limits, ...engineLimits].find(({ exceeds }) => exceeds(plan, docker))?.why
}

interface Limit {
  readonly why: string
  readonly exceeds: (plan: BuildPlan, docker: Docker) => boolean
}

/** What buildx's `docker` driver refuses without the containerd image store. */
const classicLimits: readonly Limit[] = [
  { why: "the engine's image store holds one platform", exceeds: plan => plan.platforms.length > 1 },
  { why: "the engine's image store takes no attestations", exceeds: plan => isAttested(plan.attests) },
  {
    why: "the engine's image store exports no cache",
    exceeds: plan => plan.cacheTo.some(({ type }) => type !== 'inline'),
  },
  { why: "the engine's image store exports no OCI archive", exceeds: plan => exportsTo(plan.result, 'oci') },
]

const containerdLimits: readonly Limit[] = [
  {
    // docker/buildx#3023, moby/moby#49949: the push is repeated by the engine, each manifest under the tag.
    why: 'buildx before 0.22 can leave a tag on the wrong manifest',
    exceeds: (plan, { buildxVersion }) =>
      !atLeast(buildxVersion, '0.22') &&
      pushes(plan.result) &&
      (plan.platforms.length > 1 || isAttested(plan.attests)),
  },
]

const engineLimits: readonly Limit[] = [
  {
    why: 'the engine may not grant `security.insecure`',
    exceeds: plan => plan.allow.includes('security.insecure'),
  },
  {
    why: 'the engine knows no such cache',
    exceeds: plan => [...plan.cacheFrom, ...plan.cacheTo].some(({ type }) => ['s3', 'azblob'].includes(type)),
  },
]
