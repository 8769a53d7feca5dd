import { Failure, type Problem } from '../core/errors.ts'
import type { Log } from '../core/log.ts'

/** Logs every problem of a Failure. Any other error is a bug in Slipway and is logged with its stack. */
export function logError(log: Log, error: unknown): void {
  if (error instanceof Failure) for (const problem of error.problems) logProblem(log, error.stage, problem)
  else log.error(stackOf(error), { title: 'slipway: internal error' })
}

function logProblem(log: Log, stage: string, { cause, remedy, output, at }: Problem): void {
  for (const line of output?.split('\n') ?? []) log.output(`  ${line}`)
  log.error(remedy === undefined ? cause : `${cause}\n${remedy}`, { title: `slipway: ${stage}`, ...at })
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
