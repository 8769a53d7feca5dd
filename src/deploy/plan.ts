import type { SshPlan } from '../ssh/plan.ts'

/** The change on the server, as it is asked for. Times are in seconds. */
export interface DeployPlan {
  readonly ssh: SshPlan
  /** An absolute path on the server, or one relative to the login's home. */
  readonly projectDirectory: string
  /** In the order that they were given; at least one. */
  readonly services: readonly string[]
  /** Empty: what Compose itself would find. */
  readonly composeFiles: readonly string[]
  /** Undefined: what Compose itself would take. */
  readonly projectName: string | undefined
  readonly waitTimeout: number
  readonly stability: number
  readonly rollback: boolean
  /** `previous`, a digest or a tag of the server's history; undefined: deploy what was pushed. */
  readonly rollbackTo: string | undefined
  readonly lockTimeout: number
  readonly keepReleases: number
  /** Log in to the registry on the server for the pull. */
  readonly serverLogin: boolean
  readonly dryRun: boolean
}
