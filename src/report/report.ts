import type { Failure } from '../errors.ts'
import type { StageTime } from '../stages.ts'

/** What a run came to: everything that outputs, summary and deployment status are rendered from. */
export interface Report {
  readonly end: End
  readonly image?: ImageReport
  readonly deploy?: DeployReport
  /** Of a dry run: a line for each thing that would be done. */
  readonly plan?: readonly string[]
  readonly stages: readonly StageTime[]
  readonly failure?: Failure
  readonly warnings: readonly string[]
}

export type End =
  /** The new release serves. */
  | 'released'
  /** Pushed, and no deploy was asked for. */
  | 'pushed'
  /** Built, and no push was asked for. */
  | 'built'
  /** A dry run: nothing was changed. */
  | 'planned'
  /** A newer run's release serves already. */
  | 'superseded'
  /** The new release failed and the previous one serves again. */
  | 'rolled-back'
  /** The new release failed and there was none before it. */
  | 'removed'
  /** Nobody can say that a release serves. */
  | 'broken'
  /** It failed before anything on the server was changed. */
  | 'failed'
  | 'cancelled'

export interface ImageReport {
  /** Without tag and digest. */
  readonly repository: string
  /** `sha256:…`; absent when nothing was pushed. */
  readonly digest?: string
  readonly tags: readonly string[]
  /** Compressed sizes in bytes, as the registry holds them; `before` is the previous release's. */
  readonly platforms: readonly {
    readonly platform: string
    readonly size?: number
    readonly before?: number
  }[]
  /** The page of the package, where the registry has one. */
  readonly url?: string
}

export interface DeployReport {
  /** `user@host`. */
  readonly target: string
  readonly project: string
  readonly services: readonly string[]
  /** `repo@sha256:…` that served before. */
  readonly previous?: string
  /** `repo@sha256:…` that serves now. */
  readonly serving?: string
  /** What was not there before: the directory, services. */
  readonly made?: readonly string[]
  /** How much came with the image: `3 files`, `2 variables`. */
  readonly brought?: readonly string[]
}
