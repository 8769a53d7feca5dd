import { Failure } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import { stopwatch } from '../core/stages.ts'
import type { DeployReport, End, ImageReport, Report } from './report.ts'

/** Keeps what a run has come to, so that all of it can be told however the run ends. */
export interface Journal {
  /** A stage: a group of the log, its time noted. The title begins with a verb. */
  stage<T>(title: string, work: () => Promise<T>): Promise<T>
  warn(text: string): void
  /** What is known by now of the image, and of the server. */
  note(known: Known): void
  /** Runs the story to its end. What is no Failure is a fault of our own, and thrown on. */
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
