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
  /** Of a dry run: a line for each thing that would be done. */
  readonly plan?: readonly string[]
  readonly stages: readonly StageTime[]
  readonly failure?: Failure
  readonly warnings: readonly string[]
  /** The number of the run. */
  readonly run?: number
}

export type End =
  /** The new release serves. */
  | 'released'
  /** The new release serves (or is pushed, where nothing is deployed), but the tags of `promote` were not moved. */
  | 'not-promoted'
  /** Pushed, and no deploy was asked for. */
  | 'pushed'
  /** Built, and no push was asked for. */
  | 'built'
  /** An untrusted run that may build nothing found no image: that is no error. */
  | 'nothing'
  /** A dry run: nothing was changed. */
  | 'planned'
  /** A newer run has deployed already: nothing was changed. */
  | 'superseded'
  /** The new release failed and the previous one serves again. */
  | 'rolled-back'
  /** The new release failed and there was none before it. */
  | 'removed'
  /** No release is known to run. */
  | 'broken'
  /** The connection was lost during the deploy. */
  | 'lost'
  /** It failed before anything on the server was changed. */
  | 'failed'
  | 'cancelled'

export interface ImageReport {
  /** Without tag and digest. */
  readonly repository: string
  /** `sha256:…`; absent when nothing was pushed. */
  readonly digest?: Digest
  readonly tags: readonly string[]
  /** Compressed sizes in bytes, as the registry holds them; `before` is the previous release's. */
  readonly platforms: readonly {
    readonly platform: string
    readonly size?: number
    readonly before?: number
  }[]
  /** The commit that it was built from: this run's, or that of its label; undefined if unknown. */
  readonly commit?: string
}

export interface Spared {
  readonly name: string
  readonly by: Lossless
}

export interface DeployReport {
  /** `user@host`, with the port where it is not 22. */
  readonly target: string
  readonly project: string
  /** In the order of the plan. */
  readonly services: readonly ServiceRelease[]
  /** What is known of the releases, by digest: commit, version, run and time. */
  readonly known?: Readonly<Record<string, ReleaseInfo>>
  /** What the release that serves was built from, where the server's history knows. */
  readonly commit?: string
  /** The containers run as before, but a file or a tag could not be restored. */
  readonly untouched?: boolean
  /** What the deploy created: the directory, services. */
  readonly made?: readonly string[]
  /** What was uploaded: `3 files`, `2 variables`. */
  readonly uploads?: readonly string[]
  /** Of a whole project: what became of the services that do not run the release. */
  readonly others?: readonly string[]
  /** How services were replaced, a line each, where something else than a plain recreate was asked for. */
  readonly strategies?: readonly string[]
  /** The services whose recreate cost requests, and the strategy that would have spared them. */
  readonly spared?: readonly Spared[]
  /** On a Swarm: where the tasks run, a line for each service. */
  readonly places?: readonly string[]
  /** What the time on the server went to. */
  readonly steps?: readonly StageTime[]
}

/** The releases of a service, each as `repo@sha256:…`; an image that no registry ever had is named by its ID. */
export interface ServiceRelease {
  readonly name: string
  /** What ran before; undefined if nothing did. */
  readonly previous?: string
  /** What the deploy was to start; undefined in a dry run, or before it was chosen. */
  readonly wanted?: string
  /** What runs now; undefined if nothing does. */
  readonly serving?: string
}

/** Lists the distinct releases of all services, one a line. */
export function releasesOf(
  { services }: Pick<DeployReport, 'services'>,
  which: 'previous' | 'wanted' | 'serving',
): string {
  return [...new Set(services.flatMap(service => service[which] ?? []))].join('\n')
}
