import { Failure, type Problem } from './errors.ts'

/** When a stage began and ended, in milliseconds since the epoch. */
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

/** Measures how long each stage takes, including failed ones. */
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
 * Waits for all work to end and reports all problems together, as one Failure of the first one's stage. An error that is
 * no Failure is a bug of ours, and is thrown instead.
 */
export async function together<T extends readonly unknown[]>(
  work: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const ends = await Promise.allSettled(work)
  const reasons = ends.flatMap(end => (end.status === 'rejected' ? [end.reason as unknown] : []))
  const failures = reasons.filter(reason => reason instanceof Failure)
  const fault = reasons.find(reason => !(reason instanceof Failure))
  if (fault !== undefined) throw fault
  const [first] = failures
  if (first !== undefined) throw failures.length === 1 ? first : new Failure(first.stage, distinct(failures))
  return ends.map(end => (end.status === 'fulfilled' ? end.value : undefined)) as unknown as T
}

/** Removes duplicates: two stages may report the same cause. */
function distinct(failures: readonly Failure[]): Problem[] {
  const seen = new Map(failures.flatMap(({ problems }) => problems).map(problem => [problem.cause, problem]))
  return [...seen.values()]
}
