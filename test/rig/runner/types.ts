import type { GithubContext } from './context.ts'
import type { Orphan } from './orphans.ts'
import type { StepRun } from './step.ts'

export interface ActionOptions {
  /** The `with:` block. */
  readonly with?: Readonly<Record<string, string | number | boolean>>
  /** The step's `env:`. Tests also set machine settings here (`PATH`, `DOCKER_HOST`). */
  readonly env?: Readonly<Record<string, string>>
  /** The webhook event. Default: a push to the repository. */
  readonly event?: unknown
  /** Properties of the `github` context that differ from a push to `main` of `octo/app`. */
  readonly github?: GithubContext
  /** The directory of `action.yml`. Default: this repository. */
  readonly action?: string
  /** The checked-out repository. Default: an empty directory. */
  readonly workspace?: string
  /** Default: an empty directory. */
  readonly home?: string
  /** The job's secrets, which GitHub masks from the start. The token is always masked. */
  readonly secrets?: readonly string[]
  /** Called with each line as it is shown. May signal or cancel the running action. */
  readonly onLine?: (line: string, action: RunningAction, phase: Phase) => void
  /** Simulates the later steps of the job: runs after main and before post. */
  readonly between?: (main: StepRun) => Promise<void>
  /** Milliseconds until the job is cancelled. Default: five minutes. */
  readonly timeout?: number
}

export type Phase = 'main' | 'post'

/** A handle on a running action, to signal, cancel or kill it. */
export interface RunningAction {
  readonly pid: number
  /** Cancels as GitHub does: SIGINT, SIGTERM 7.5 s later, SIGKILL 2.5 s after that, then post. */
  cancel(): void
  kill(signal: NodeJS.Signals): void
  /** Simulates the loss of the runner itself: SIGKILL, and post does not run. */
  loseRunner(): void
}

export interface ActionRun extends StepRun {
  readonly conclusion: 'success' | 'failure' | 'cancelled'
  /** Undefined if the action has no post, or if post did not run. */
  readonly post: StepRun | undefined
  readonly durations: { readonly main: number; readonly post: number }
  /** Warnings that GitHub's runner itself printed about the `with:` block. */
  readonly warnings: readonly string[]
  /** Processes that still ran at the end of the job and were killed. */
  readonly orphans: readonly Orphan[]
  /** Files in the job's directories (`temp/…`, `home/…`, `work/…`) at its end, before the directories were removed. */
  readonly leftovers: readonly string[]
}
