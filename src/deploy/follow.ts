/** Begins each line that is for us and not part of the transaction's log: see deploy/agent/follow.sh. */
const mark = '\x1e'

/** How far the transaction's log was read, and how it ended. */
export interface Followed {
  /** Bytes of the log that were told whole; where to go on after a drop. */
  readonly reached: number
  /** Bytes up to the end of the last line that was told: where another process may go on. */
  readonly told: number
  /** How often the server was heard of. */
  readonly marks: number
  /** The lines of its verdict, once it has come whole. */
  readonly verdict: readonly string[] | undefined
  /** It ended, or never began, and left no verdict. */
  readonly gone: boolean
}

export interface Follower extends Followed {
  /** Takes a line of what `follow` writes. */
  take(line: string): void
  /** The connection dropped: what was begun is told again by the next one. */
  begin(): void
}

/**
 * Reads what `follow` writes, over as many connections as it takes, and tells each line of the log once. Lines are
 * told when the mark behind them has come, which says how far they reach: what came without it comes again.
 */
export function openFollower(tell: (line: string) => void, from = 0): Follower {
  let reached = from
  let marks = 0
  let pending: string[] = []
  let begun = ''
  let verdict: string[] | undefined
  let gone = false
  const commit = (byte: number) => {
    const [first = '', ...more] = pending
    const lines = [begun + first, ...more]
    if (byte > reached) {
      begun = lines.pop() ?? ''
      lines.forEach(tell)
    }
    reached = byte
    marks += 1
    pending = []
  }
  const end = () => {
    if (begun !== '') tell(begun)
    begun = ''
  }
  return {
    get reached() {
      return reached
    },
    get told() {
      return reached - Buffer.byteLength(begun)
    },
    get marks() {
      return marks
    },
    get verdict() {
      return verdict?.at(-1) === 'end' ? verdict : undefined
    },
    get gone() {
      return gone
    },
    take(line) {
      if (verdict !== undefined) verdict.push(line)
      else if (!line.startsWith(mark)) pending.push(line)
      else if (line === `${mark}verdict`) {
        end()
        verdict = []
      } else if (line === `${mark}gone`) {
        end()
        gone = true
      } else commit(Number(line.slice(mark.length)))
    },
    begin() {
      pending = []
      verdict = undefined
      gone = false
    },
  }
}
