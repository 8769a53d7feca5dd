import { Failure, type Problem } from '../core/errors.ts'
import type { Log } from '../core/log.ts'

/** Logs every problem of a Failure, and the stack of any other error, which is a fault of Slipway itself. */
export function logError(log: Log, error: unknown): void {
  if (error instanceof Failure) for (const problem of error.problems) logProblem(log, error.stage, problem)
  else log.error(fault(error), { title: 'slipway: a fault of its own' })
}

function logProblem(log: Log, stage: string, { cause, remedy, output, at }: Problem): void {
  for (const line of output?.split('\n') ?? []) log.foreign(`  ${line}`)
  log.error(remedy === undefined ? cause : `${cause}\n${remedy}`, { title: `slipway: ${stage}`, ...at })
}

const fault = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
