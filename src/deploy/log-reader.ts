import { type Follower, openFollower, readEvent } from './follow.ts'

/** Prints the log of a transaction, and keeps the part that the report shows. */
export interface LogReader {
  readonly follower: Follower
  /** Returns the last lines of the containers that failed, and the output of their health checks. */
  readonly output: () => string
}

interface LogReaderOptions {
  /** Receives each line for people. */
  readonly print: (line: string) => void
  /** Called when the transaction waits for an answer from the runner (the public check). */
  readonly onAsk?: ((what: string) => void) | undefined
  /** The byte of the log to start at. */
  readonly from?: number
}

/** In lines. The transaction writes about twenty for each container. */
const mostKept = 500

export function openLogReader({ print, onAsk, from = 0 }: LogReaderOptions): LogReader {
  let kept: string[] = []
  let keeping = false
  let outputLines = 0
  const keep = (line: string) => {
    if (kept.length < mostKept) kept.push(line)
    print(`  ${line}`)
  }
  const follower = openFollower(line => {
    if (outputLines > 0) {
      outputLines -= 1
      keep(line.replace(/^ {2}/, ''))
      return
    }
    const event = readEvent(line)
    switch (event?.kind) {
      case undefined:
        return print(line)
      case 'stage':
        keeping = false
        return
      case 'ask':
        return onAsk?.(event.what)
      case 'fail':
        return print(`  ${event.text}`)
      case 'output':
        // Keep the output of the last stage that failed: a failed rollback matters more than the failed release.
        if (!keeping) kept = []
        keeping = true
        outputLines = event.lines
        return keep(event.title)
    }
  }, from)
  return { follower, output: () => kept.join('\n').trimEnd() }
}
