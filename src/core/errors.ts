/** The stages of a run, in order; an error names the one it belongs to. */
export type Stage = 'plan' | 'preflight' | 'build' | 'push' | 'deploy' | 'report'

/** One thing that is wrong, as its reader needs it. No field ever holds a secret. */
export interface Problem {
  /** What is wrong, in a sentence that names the input and its value if an input is wrong. */
  readonly cause: string
  /** What to do now, in a sentence: a command or a setting. */
  readonly remedy?: string
  /** The input to blame, by its name in action.yml. */
  readonly input?: string
  /** The last lines of the tool's own output. */
  readonly output?: string
  /** Identifies the problem for callers that treat it specially. */
  readonly code?: 'superseded' | 'updated-by-others'
  /** The line of the workspace that is wrong; the path is relative to it. */
  readonly at?: { readonly file: string; readonly line: number }
}

/**
 * An expected error, reported without a stack trace. Any other error that is thrown is a bug of ours. Holds every problem
 * that was found, not only the first.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly stage: Stage
  readonly problems: readonly Problem[]

  constructor(stage: Stage, problems: Problem | readonly Problem[]) {
    const list = 'cause' in problems ? [problems] : problems
    super(`${stage}: ${list.map(problem => problem.cause).join('; ')}`)
    this.stage = stage
    this.problems = list
  }
}

/** Returns the last `count` lines of a tool's output, without blank lines at the end. */
export function lastLines(text: string, count = 20): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
