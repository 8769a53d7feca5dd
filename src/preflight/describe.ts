import { pushes } from '../buildx/result.ts'
import { sourceArgument } from '../buildx/source.ts'
import { familiar } from '../image/reference.ts'
import type { PayloadPlan } from '../payload/plan.ts'
import type { Plan } from '../plan/plan.ts'
import { type DeployDescription, describeDeploy } from '../target/compose-host/describe.ts'
import type { Project } from '../target/compose-host/facts.ts'
import type { Resources } from './preflight.ts'

/** What a run will do, as plain data for the output `plan` and for the log. Holds no secret. */
export interface PlanDescription {
  readonly version: string
  /** Undefined if nothing is built. */
  readonly build: BuildDescription | undefined
  /** The digest of this commit's existing image, if the run reuses it. */
  readonly reused: string | undefined
  /** Every reference that will point to the image; empty if nothing is pushed. */
  readonly push: readonly string[]
  readonly deploy: DeployPart | undefined
  /** References to move to the image after the deploy. */
  readonly promote: readonly string[]
  readonly warnings: readonly string[]
}

export interface BuildDescription {
  /** A directory, or a URL that buildx fetches. */
  readonly context: string
  readonly file: string | undefined
  readonly target: string | undefined
  /** Empty if the builder's own platform is built. */
  readonly platforms: readonly string[]
}

export interface DeployPart extends DeployDescription {
  /** `user@host`, followed by the port unless it is 22. */
  readonly target: string
  /** The release to roll back to, as given. */
  readonly rollbackTo: string | undefined
  /** Paths of the files to upload, relative to the project directory. */
  readonly files: readonly string[]
  /**
   * Files that an earlier release copied and this one does not. They are deleted, unless they changed on the server.
   */
  readonly deletes: readonly string[]
  /** The names of the variables to set, and which of them change (`NAME changed`); never a value. */
  readonly settings: readonly string[]
}

/** Describes a run that has passed preflight. */
export function describePlan(
  plan: Plan,
  { publisher, server }: Pick<Resources, 'publisher' | 'server'>,
): PlanDescription {
  const { build, image, deploy } = plan
  const builds = publisher !== undefined && publisher.reused === undefined && build.when !== 'never'
  return {
    version: image.version,
    build: builds ? buildPart(plan) : undefined,
    reused: publisher?.reused,
    push: publisher !== undefined && plan.retag && pushes(build.result) ? image.tags : [],
    deploy: server && {
      target: server.connection.target,
      rollbackTo: deploy?.rollbackTo,
      files: deploy?.payload?.files.map(({ remote }) => remote) ?? [],
      deletes: deletesOf(deploy?.payload, server.facts.project),
      settings: server.facts.project.settings ?? [],
      ...describeDeploy(server.facts, server.release),
    },
    promote: plan.promote.map(familiar),
    warnings: plan.warnings,
  }
}

const deletesOf = (payload: PayloadPlan | undefined, { copied = [] }: Project): string[] =>
  payload?.filesDelete === true
    ? copied.filter(path => !payload.files.some(({ remote }) => remote === path) && path !== payload.envFile)
    : []

const buildPart = ({ build }: Plan): BuildDescription => ({
  context: sourceArgument(build.source),
  file: build.file,
  target: build.target,
  platforms: build.platforms,
})
