import type { Problem } from './errors.ts'

/** What the stages before the build find out: all of it at once, and nothing is thrown on the way. */
export interface Findings {
  /** Reasons not to begin. */
  readonly problems: Problem[]
  /** What the user should know, though it stops nothing. */
  readonly warnings: string[]
}

export const noFindings = (): Findings => ({ problems: [], warnings: [] })
