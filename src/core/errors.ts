/** The stages of a run, in order. Each error names its stage. */
export type Stage = 'plan' | 'preflight' | 'build' | 'push' | 'deploy' | 'report'

/** One problem, described for the user. No field ever holds a secret. */
export interface Problem {
  /** What is wrong, in one sentence. For a wrong input, the sentence names the input and its value. */
  readonly cause: string
  /** What to do now, in one sentence: a command or a setting. */
  readonly remedy?: string
  /** The name of the wrong input, as in action.yml. */
  readonly input?: string
  /** The last lines of the tool's own output. */
  readonly output?: string
  /** Identifies the problem for callers that treat it specially. */
  readonly code?: 'superseded' | 'updated-by-others'
  /** The file and line that are wrong; the path is relative to the workspace. */
  readonly at?: { readonly file: string; readonly line: number }
}

/**
 * An expected error, reported without a stack trace. It holds every problem found, not only the first. Any other error
 * is a bug in Slipway.
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

/** Returns the last `count` lines of a tool's output, without trailing blank lines. */
export function lastLines(text: string, count = 20): string {
  const lines = text.trimEnd().split('\n').slice(-count)
  return lines.map(line => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line)).join('\n')
}

/** GitHub drops a whole job summary above 1 MiB. */
const longestLine = 2000

/** Returns the message of an error. If every address of a host fails, Node throws an AggregateError without one. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const reasons = error instanceof AggregateError ? error.errors.map(messageOf) : []
  return error.message || reasons.join('; ') || error.name
}
