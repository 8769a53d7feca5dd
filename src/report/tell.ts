import { Failure, type Problem } from '../core/errors.ts'
import type { Log } from '../core/log.ts'

/** Tells the log what went wrong: every problem of a Failure, or, for a fault of our own, where it happened. */
export function tell(log: Log, error: unknown): void {
  if (error instanceof Failure) for (const problem of error.problems) tellProblem(log, error.stage, problem)
  else log.error(fault(error), { title: 'slipway: a fault of its own' })
}

function tellProblem(log: Log, stage: string, { cause, remedy, output, at }: Problem): void {
  for (const line of output?.split('\n') ?? []) log.foreign(`  ${line}`)
  log.error(remedy === undefined ? cause : `${cause}\n${remedy}`, { title: `slipway: ${stage}`, ...at })
}

const fault = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
