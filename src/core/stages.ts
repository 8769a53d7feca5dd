import { Failure, type Problem } from './errors.ts'

/** The start and end of a stage, in milliseconds since the epoch. */
export interface StageTime {
  /** Verb first: "Build for linux/amd64". */
  readonly title: string
  readonly begin: number
  readonly end: number
  readonly failed: boolean
}

interface Stopwatch {
  readonly stages: readonly StageTime[]
  time<T>(title: string, work: () => Promise<T>): Promise<T>
}

/** Returns a stopwatch that measures how long each stage takes, including failed ones. */
export function stopwatch(now: () => number = Date.now): Stopwatch {
  const stages: StageTime[] = []
  return {
    stages,
    async time(title, work) {
      const begin = now()
      let failed = true
      try {
        const value = await work()
        failed = false
        return value
      } finally {
        stages.push({ title, begin, end: now(), failed })
      }
    },
  }
}

/**
 * Waits for all work to end and reports all problems together, as one Failure with the stage of the first. An error
 * that is not a Failure is a bug in Slipway and is thrown instead.
 */
export async function waitForAll<T extends readonly unknown[]>(
  work: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const results = await Promise.allSettled(work)
  const errors = results.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []))
  const failures = errors.filter(error => error instanceof Failure)
  const bug = errors.find(error => !(error instanceof Failure))
  if (bug !== undefined) throw bug
  const [first] = failures
  if (first !== undefined) throw failures.length === 1 ? first : new Failure(first.stage, distinct(failures))
  return results.map(result => (result.status === 'fulfilled' ? result.value : undefined)) as unknown as T
}

/** Returns the problems without duplicates: two stages may report the same cause. */
function distinct(failures: readonly Failure[]): Problem[] {
  const seen = new Map(failures.flatMap(({ problems }) => problems).map(problem => [problem.cause, problem]))
  return [...seen.values()]
}
