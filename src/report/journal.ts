import { Failure } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import { stopwatch } from '../core/stages.ts'
import type { DeployReport, End, ImageReport, Report } from './report.ts'

/** Collects the results of a run, so that they can be reported even if the run fails. */
export interface Journal {
  /** Runs a stage in a log group, and measures its time. The title begins with a verb. */
  stage<T>(title: string, work: () => Promise<T>): Promise<T>
  warn(text: string): void
  /** Adds results, replacing earlier ones of the same kind. */
  note(results: Results): void
  /** Runs the pipeline and returns its report. Rejects with any error other than a Failure: that is a bug of ours. */
  conclude(pipeline: () => Promise<Ending>): Promise<Report>
}

/** The results of a run that are known so far. */
export interface Results {
  readonly image?: ImageReport
  readonly deploy?: DeployReport
  readonly plan?: readonly string[]
}

/** The end of a run, and the failure that caused it, if any. */
export interface Ending {
  readonly end: End
  readonly failure?: Failure
}

export function openJournal({ log, cancelled, context }: Runtime): Journal {
  const { stages, time } = stopwatch()
  const warnings: string[] = []
  let results: Results = {}
  return {
    stage: (title, work) => log.group(title, () => time(title, work)),
    warn(text) {
      warnings.push(text)
      log.warning(text)
    },
    note(more) {
      results = { ...results, ...more }
    },
    async conclude(pipeline) {
      const ending = await pipeline().catch((error: unknown) => endingOf(error, cancelled))
      return { ...ending, ...results, stages, warnings, run: context.runNumber }
    },
  }
}

function endingOf(error: unknown, cancelled: AbortSignal): Ending {
  if (cancelled.aborted) return { end: 'cancelled' }
  if (error instanceof Failure) return { end: 'failed', failure: error }
  throw error
}
