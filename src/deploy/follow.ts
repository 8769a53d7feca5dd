/** Begins each line of ours: see deploy/agent/follow.sh and `event` in deploy/agent/run.sh. */
const mark = '\x1e'

/** How far the transaction's log was read, and how it ended. */
export interface Followed {
  /** Bytes of the log that were read; where to go on after a drop. */
  readonly reached: number
  /** Bytes up to the end of the last whole line: where another process may go on. */
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
  /** The connection dropped: the next one sends again what did not come whole. */
  begin(): void
}

/** A piece of the log of which some lines are still to come. */
interface Piece {
  readonly reaches: number
  readonly count: number
  readonly lines: string[]
}

/**
 * Reads what `follow` writes, over as many connections as it takes, and tells each line of the log once. A piece says
 * first how many lines it has: nothing in them can be taken for a mark, and what does not come whole comes again.
 */
export function openFollower(tell: (line: string) => void, from = 0): Follower {
  let reached = from
  let marks = 0
  let piece: Piece | undefined
  let begun = ''
  let verdict: string[] | undefined
  let gone = false
  const commit = ({ reaches, lines: [first = '', ...more] }: Piece) => {
    const lines = [begun + first, ...more]
    begun = lines.pop() ?? ''
    lines.forEach(tell)
    reached = reaches
    marks += 1
    piece = undefined
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
      else if (piece !== undefined) {
        piece.lines.push(line)
        if (piece.lines.length === piece.count) commit(piece)
      } else if (line === `${mark}verdict`) {
        end()
        verdict = []
      } else if (line === `${mark}gone`) {
        end()
        gone = true
      } else piece = readPiece(line)
    },
    begin() {
      piece = undefined
      verdict = undefined
      gone = false
    },
  }
}

/** Undefined: what a login shell prints, or another stranger. */
function readPiece(line: string): Piece | undefined {
  const found = new RegExp(`^${mark}(\\d+) (\\d+)$`).exec(line)
  return found === null ? undefined : { reaches: Number(found[1]), count: Number(found[2]), lines: [] }
}

/** What the transaction tells the runner in its log, beside what people read. */
export type ServerEvent =
  | { readonly kind: 'stage'; readonly name: string }
  /** The transaction waits for what the runner says of the public URL. */
  | { readonly kind: 'ask'; readonly what: string }
  | { readonly kind: 'fail'; readonly code: string; readonly text: string }
  /** So many lines follow that a container printed. */
  | { readonly kind: 'output'; readonly lines: number; readonly title: string }

/** Reads a line of the log; undefined when it is no event but text. */
export function readEvent(line: string): ServerEvent | undefined {
  if (!line.startsWith(mark)) return undefined
  const [kind = '', first = '', rest] = words(line.slice(mark.length))
  switch (kind) {
    case 'stage':
      return { kind, name: first }
    case 'ask':
      return { kind, what: first }
    case 'fail':
      return { kind, code: first, text: rest }
    case 'output':
      return /^\d+$/.test(first) ? { kind, lines: Number(first), title: rest } : undefined
    default:
      return undefined
  }
}

/** The first two words, and the rest. */
function words(line: string): [string, string, string] {
  const [kind = '', first = '', ...rest] = line.split(' ')
  return [kind, first, rest.join(' ')]
}
