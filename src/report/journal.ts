import { Failure } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import { stopwatch } from '../core/stages.ts'
import type { DeployReport, End, ImageReport, Report } from './report.ts'

/** Collects the results of a run, so that it can be reported however it ends. */
export interface Journal {
  /** Runs a stage in a group of the log, and measures it. The title begins with a verb. */
  stage<T>(title: string, work: () => Promise<T>): Promise<T>
  warn(text: string): void
  /** Adds what is known by now of the image and the server. */
  note(known: Known): void
  /** Runs the pipeline and returns its report. Rejects with any error that is no Failure: a bug of ours. */
  conclude(story: () => Promise<Ending>): Promise<Report>
}

export interface Known {
  readonly image?: ImageReport
  readonly deploy?: DeployReport
  readonly plan?: readonly string[]
}

/** How it ended, and why when it did not end well. */
export interface Ending {
  readonly end: End
  readonly failure?: Failure
}

export function openJournal({ log, cancelled, context }: Runtime): Journal {
  const { stages, time } = stopwatch()
  const warnings: string[] = []
  let known: Known = {}
  return {
    stage: (title, work) => log.group(title, () => time(title, work)),
    warn(text) {
      warnings.push(text)
      log.warning(text)
    },
    note(more) {
      known = { ...known, ...more }
    },
    async conclude(story) {
      const ending = await story().catch((error: unknown) => endingOf(error, cancelled))
      return { ...ending, ...known, stages, warnings, run: context.runNumber }
    },
  }
}

function endingOf(error: unknown, cancelled: AbortSignal): Ending {
  if (cancelled.aborted) return { end: 'cancelled' }
  if (error instanceof Failure) return { end: 'failed', failure: error }
  throw error
}
