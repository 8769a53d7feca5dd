import type { Problem } from './errors.ts'

/** Collects the problems and warnings of the stages before the build, so that all are reported together. */
export interface Findings {
  /** Any problem stops the run before it changes anything. */
  readonly problems: Problem[]
  /** Reported to the user; the run continues. */
  readonly warnings: string[]
}

export const noFindings = (): Findings => ({ problems: [], warnings: [] })
