import { pushes } from '../buildx/result.ts'
import { sourceArgument } from '../buildx/source.ts'
import { familiar } from '../image/reference.ts'
import type { PayloadPlan } from '../payload/plan.ts'
import type { Plan } from '../plan/plan.ts'
import { type DeployDescription, describeDeploy } from '../target/compose-host/describe.ts'
import type { Project } from '../target/compose-host/facts.ts'
import type { Resources } from './preflight.ts'

/** What a run will do, as plain data for the output `plan` and for people. Holds no secret. */
export interface PlanDescription {
  readonly version: string
  /** Undefined where nothing is built. */
  readonly build: BuildDescription | undefined
  /** The existing image of this commit, which is reused. */
  readonly reused: string | undefined
  /** Every reference that will point to the image; empty if nothing is pushed. */
  readonly push: readonly string[]
  readonly deploy: DeployPart | undefined
  /** Tags that move to the image after the deploy. */
  readonly promote: readonly string[]
  readonly warnings: readonly string[]
}

export interface BuildDescription {
  /** A directory, or what buildx fetches. */
  readonly context: string
  readonly file: string | undefined
  readonly target: string | undefined
  /** Empty: the builder's own. */
  readonly platforms: readonly string[]
}

export interface DeployPart extends DeployDescription {
  /** `user@host`, with the port where it is not 22. */
  readonly target: string
  /** The release to roll back to, as given. */
  readonly rollbackTo: string | undefined
  /** Where files go, relative to the directory. */
  readonly files: readonly string[]
  /** Files that an earlier release copied and this one does not: they go, unless they were changed there. */
  readonly deletes: readonly string[]
  /** The names of the variables to set, and whether they change (`NAME changed`); never a value. */
  readonly settings: readonly string[]
}

/** Describes a run whose checks have passed. */
export function describePlan(
  plan: Plan,
  { publisher, server }: Pick<Resources, 'publisher' | 'server'>,
): PlanDescription {
  const { build, image, deploy } = plan
  const makes = publisher !== undefined && publisher.reused === undefined && build.when !== 'never'
  return {
    version: image.version,
    build: makes ? buildPart(plan) : undefined,
    reused: publisher?.reused,
    push: publisher !== undefined && plan.retag && pushes(build.result) ? image.tags : [],
    deploy: server && {
      target: server.connection.target,
      rollbackTo: deploy?.rollbackTo,
      files: deploy?.bring?.files.map(({ remote }) => remote) ?? [],
      deletes: deletesOf(deploy?.bring, server.facts.project),
      settings: server.facts.project.settings ?? [],
      ...describeDeploy(server.facts, server.release),
    },
    promote: plan.promote.map(familiar),
    warnings: plan.warnings,
  }
}

const deletesOf = (bring: PayloadPlan | undefined, { copied = [] }: Project): string[] =>
  bring?.filesDelete === true
    ? copied.filter(path => !bring.files.some(({ remote }) => remote === path) && path !== bring.envFile)
    : []

const buildPart = ({ build }: Plan): BuildDescription => ({
  context: sourceArgument(build.source),
  file: build.file,
  target: build.target,
  platforms: build.platforms,
})
