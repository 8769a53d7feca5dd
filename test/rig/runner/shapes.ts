import type { GithubContext } from './context.ts'
import type { Orphan } from './orphans.ts'
import type { StepRun } from './step.ts'

export interface ActionOptions {
  /** The `with:` block. */
  readonly with?: Readonly<Record<string, string | number | boolean>>
  /** The step's `env:`; also what a test wants of the machine (`PATH`, `DOCKER_HOST`). */
  readonly env?: Readonly<Record<string, string>>
  /** The webhook event; a push to the repository when not given. */
  readonly event?: unknown
  /** What differs from a push to `main` of `octo/app`, by the names of the `github` context. */
  readonly github?: GithubContext
  /** The directory of `action.yml`; this repository when not given. */
  readonly action?: string
  /** The checked-out repository; an empty directory when not given. */
  readonly workspace?: string
  /** An empty directory when not given. */
  readonly home?: string
  /** The secrets of the job, which GitHub hides before a step runs. The token is always one. */
  readonly secrets?: readonly string[]
  /** Called with each line as it is shown; may act on the running script. */
  readonly onLine?: (line: string, action: Acting, phase: Phase) => void
  /** The later steps of the job: after main, before post. */
  readonly between?: (main: StepRun) => Promise<void>
  /** Milliseconds until the job is cancelled; five minutes when not given. */
  readonly timeout?: number
}

export type Phase = 'main' | 'post'

/** A running action, for who wants to disturb it. */
export interface Acting {
  readonly pid: number
  /** As GitHub does: SIGINT, SIGTERM 7.5 s later, SIGKILL 2.5 s after that; then post. */
  cancel(): void
  kill(signal: NodeJS.Signals): void
  /** The runner itself is lost: SIGKILL, and there is no post. */
  die(): void
}

export interface ActionRun extends StepRun {
  readonly conclusion: 'success' | 'failure' | 'cancelled'
  /** Undefined where the action has none, or where it did not run. */
  readonly post: StepRun | undefined
  readonly durations: { readonly main: number; readonly post: number }
  /** What GitHub's runner itself said about the `with:` block. */
  readonly warnings: readonly string[]
  /** What still ran at the end of the job, and was ended. */
  readonly orphans: readonly Orphan[]
  /** Files in the job's own directories at its end (`temp/…`, `home/…`, `work/…`), before they were removed. */
  readonly left: readonly string[]
}
