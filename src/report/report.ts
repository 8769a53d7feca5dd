import type { Failure } from '../core/errors.ts'
import type { StageTime } from '../core/stages.ts'
import type { Digest } from '../image/digest.ts'
import type { Lossless } from '../target/compose-host/facts.ts'
import type { ReleaseInfo } from '../target/compose-host/history.ts'

/** The result of a run. Outputs, summary and deployment status are rendered from it. */
export interface Report {
  readonly end: End
  readonly image?: ImageReport
  readonly deploy?: DeployReport
  /** For a dry run: one line per action of a real run. */
  readonly plan?: readonly string[]
  readonly stages: readonly StageTime[]
  readonly failure?: Failure
  readonly warnings: readonly string[]
  /** The number of the run. */
  readonly run?: number
}

export type End =
  /** The new release runs. */
  | 'released'
  /** The new release runs (or is pushed, if nothing is deployed), but the tags of `promote` were not moved. */
  | 'not-promoted'
  /** The image was pushed; the plan has no deploy. */
  | 'pushed'
  /** The image was built; the plan has no push. */
  | 'built'
  /** An untrusted run that may not build found no image, which is no error. */
  | 'nothing'
  /** A dry run: nothing was changed. */
  | 'planned'
  /** A newer run has deployed already: nothing was changed. */
  | 'superseded'
  /** The new release failed, and the previous one was restored. */
  | 'rolled-back'
  /** The new release failed and was removed; no release ran before it. */
  | 'removed'
  /** No release is known to run. */
  | 'broken'
  /** The connection was lost during the deploy. */
  | 'lost'
  /** The run failed before it changed anything on the server. */
  | 'failed'
  | 'cancelled'

export interface ImageReport {
  /** The name without tag and digest. */
  readonly repository: string
  /** `sha256:…`; absent if nothing was pushed. */
  readonly digest?: Digest
  readonly tags: readonly string[]
  /** Compressed sizes in the registry, in bytes; `before` is the size of the previous release. */
  readonly platforms: readonly {
    readonly platform: string
    readonly size?: number
    readonly before?: number
  }[]
  /** The commit that the image was built from: this run's, or the one in its label. */
  readonly commit?: string
}

/** A service whose recreate lost requests, and the strategy that would have avoided it. */
export interface StrategyHint {
  readonly name: string
  readonly strategy: Lossless
}

export interface DeployReport {
  /** `user@host`, with the port unless it is 22. */
  readonly target: string
  readonly project: string
  /** In the order of the plan. */
  readonly services: readonly ServiceRelease[]
  /** Commit, version, run and time of the known releases, by digest. */
  readonly known?: Readonly<Record<string, ReleaseInfo>>
  /** The commit that the running release was built from, if the server's history has it. */
  readonly commit?: string
  /** The containers run as before, but a file or a tag could not be restored. */
  readonly untouched?: boolean
  /** What the deploy created: the directory, networks and volumes, services. */
  readonly created?: readonly string[]
  /** What was uploaded: `3 files`, `2 variables`. */
  readonly uploads?: readonly string[]
  /** For a deploy of the whole project: what happened to the services that do not run the release. */
  readonly others?: readonly string[]
  /** How services were replaced, one line each, if a strategy other than `recreate` was requested. */
  readonly strategies?: readonly string[]
  readonly strategyHints?: readonly StrategyHint[]
  /** On a Swarm: the nodes that run the tasks, one line per service. */
  readonly places?: readonly string[]
  /** The times of the steps on the server. */
  readonly steps?: readonly StageTime[]
}

/** The releases of a service, each as `repo@sha256:…`. An image that was never in a registry is named by its ID. */
export interface ServiceRelease {
  readonly name: string
  /** The release that ran before, if any. */
  readonly previous?: string
  /** The release that the deploy should start; undefined in a dry run, or if it was not chosen yet. */
  readonly wanted?: string
  /** The release that runs now, if any. */
  readonly serving?: string
}

/** Lists the distinct releases of all services, one per line. */
export function releasesOf(
  { services }: Pick<DeployReport, 'services'>,
  which: 'previous' | 'wanted' | 'serving',
): string {
  return [...new Set(services.flatMap(service => service[which] ?? []))].join('\n')
}
