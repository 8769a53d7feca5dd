/** The stages of a run, in order; an error names the one it belongs to. */
export type Stage = 'plan' | 'preflight' | 'build' | 'push' | 'deploy' | 'report'

/** One thing that is wrong, as its reader needs it. No field ever holds a secret. */
export interface Problem {
  /** What is wrong, in a sentence; it names the input and what was given, when an input is to blame. */
  readonly cause: string
  /** What to do about it, in a sentence. */
  readonly remedy?: string
  /** The input to blame, by its name in action.yml. */
  readonly input?: string
  /** The last lines of the tool's own output. */
  readonly output?: string
  /** What it is, for what has to tell it from others. */
  readonly code?: 'superseded'
  /** The line of the workspace that is wrong; the path is relative to it. */
  readonly at?: { readonly file: string; readonly line: number }
}

/**
 * What can be expected to go wrong: told to the user without a stack trace. Everything else that is thrown is
 * our own fault. Holds every problem that was found, not just the first.
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

/** The last `count` lines of a tool's output, without the blank ones at its end. */
export function lastLines(text: string, count = 20): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
