import { type Follower, openFollower } from './follow.ts'

/** Follows a transaction's log, and keeps what a report wants of it. */
export interface Teller {
  readonly follower: Follower
  /** The last lines of the containers that failed, with what their health checks said. */
  readonly output: () => string
}

/** In the log, what belongs to a stage or to a container is indented under it. */
export function openTeller(tell: (line: string) => void, from = 0): Teller {
  let kept: string[] = []
  let keeping = false
  const follower = openFollower(line => {
    if (line.startsWith('  The last lines of ')) {
      if (!keeping) kept = []
      keeping = true
    } else if (!line.startsWith('  ')) keeping = false
    if (keeping) kept.push(line.slice(2))
    tell(line)
  }, from)
  return { follower, output: () => kept.join('\n').trimEnd() }
}
