import { type Follower, openFollower, readEvent } from './follow.ts'

/** Follows the log of a transaction, and keeps the part that the report shows. */
export interface LogReader {
  readonly follower: Follower
  /** The last lines of the containers that failed, with what their health checks said. */
  readonly output: () => string
}

interface LogReaderOptions {
  /** Receives each line for people. */
  readonly tell: (line: string) => void
  /** Called when the transaction waits for an answer of the runner (the public check). */
  readonly ask?: ((what: string) => void) | undefined
  /** The byte of the log to begin at. */
  readonly from?: number
}

/** In lines; the transaction writes about twenty for each container. */
const mostKept = 500

export function openLogReader({ tell, ask, from = 0 }: LogReaderOptions): LogReader {
  let kept: string[] = []
  let keeping = false
  let captured = 0
  const keep = (line: string) => {
    if (kept.length < mostKept) kept.push(line)
    tell(`  ${line}`)
  }
  const follower = openFollower(line => {
    if (captured > 0) {
      captured -= 1
      keep(line.replace(/^ {2}/, ''))
      return
    }
    const event = readEvent(line)
    switch (event?.kind) {
      case undefined:
        return tell(line)
      case 'stage':
        keeping = false
        return
      case 'ask':
        return ask?.(event.what)
      case 'fail':
        return tell(`  ${event.text}`)
      case 'output':
        // Of the new release and the one that was put back, the last to fail says more.
        if (!keeping) kept = []
        keeping = true
        captured = event.lines
        return keep(event.title)
    }
  }, from)
  return { follower, output: () => kept.join('\n').trimEnd() }
}
