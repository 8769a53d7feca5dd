import type { Problem } from './errors.ts'

/** Collects what the stages before the build find, so that all problems are reported together. */
export interface Findings {
  /** Each of these stops the run before it changes anything. */
  readonly problems: Problem[]
  /** What the user should know, but does not stop the run. */
  readonly warnings: string[]
}

export const noFindings = (): Findings => ({ problems: [], warnings: [] })
