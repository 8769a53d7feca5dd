import { lineSplitter } from '../core/lines.ts'

/** Begins each line of ours: see deploy/agent/follow.sh and `event` in deploy/agent/run.sh. */
const mark = '\x1e'

/**
 * What `follow` writes are frames: the mark, the kind and a length on a line, and as many bytes (see
 * deploy/agent/follow.sh). Nothing in a log can be taken for a frame, and what is outside of frames is not ours.
 */
const header = new RegExp(`^${mark}(log|verdict|gone) (\\d{1,15})$`)

/** In bytes. */
const longestHeader = 100
const largestVerdict = 1024 * 1024

/** How far the transaction's log was read, and how it ended. */
interface Followed {
  /** Bytes of the log that were received; where to go on after a drop. */
  readonly reached: number
  /** Bytes up to the end of the last line that was passed on: where another process may go on. */
  readonly told: number
  /** How many frames of the log have come whole: the server is alive as long as they come. */
  readonly marks: number
  /** The lines of the verdict, once it has come whole. */
  readonly verdict: readonly string[] | undefined
  /** The transaction ended, or never began, and left no verdict. */
  readonly gone: boolean
}

export interface Follower extends Followed {
  /** Takes a piece of what `follow` writes. */
  take(chunk: Buffer): void
  /** A new connection begins: what the last one left half-way comes again. */
  begin(): void
}

type Kind = 'log' | 'verdict' | 'gone'

/**
 * Reads what `follow` writes, over as many connections as it takes, and passes on each line of the log once. Nothing
 * is kept but the line that has not ended yet, and the verdict.
 */
export function openFollower(tell: (line: string) => void, from = 0): Follower {
  const lines = lineSplitter(tell)
  let reached = from
  let unfinished = 0
  let marks = 0
  let title = ''
  let frame: { readonly kind: Kind; left: number } | undefined
  let verdict = ''
  let verdictIsWhole = false
  let gone = false
  const takeLog = (bytes: Buffer) => {
    reached += bytes.length
    const end = bytes.lastIndexOf(10)
    unfinished = end < 0 ? unfinished + bytes.length : bytes.length - end - 1
    lines.write(bytes)
  }
  const endLog = () => {
    lines.end()
    unfinished = 0
  }
  const open = (text: string) => {
    const [, kind, length] = header.exec(text) ?? []
    if (kind === undefined) return
    if (kind !== 'log') endLog()
    if (kind === 'verdict') verdict = ''
    frame = { kind: kind as Kind, left: Number(length) }
    if (frame.left === 0) close(frame.kind)
  }
  const close = (kind: Kind) => {
    frame = undefined
    if (kind === 'log') marks += 1
    else if (kind === 'gone') gone = true
    else verdictIsWhole = true
  }
  /** Takes what belongs to the frame or to the next header; gives the number of bytes. */
  const takeFrom = (chunk: Buffer): number => {
    if (frame === undefined) {
      const end = chunk.indexOf(10)
      title = (title + chunk.toString('latin1', 0, end < 0 ? longestHeader : end)).slice(0, longestHeader)
      if (end < 0) return chunk.length
      const text = title
      title = ''
      open(text)
      return end + 1
    }
    const bytes = chunk.subarray(0, frame.left)
    frame.left -= bytes.length
    if (frame.kind === 'log') takeLog(bytes)
    else if (verdict.length < largestVerdict) verdict += bytes.toString('latin1')
    if (frame.left === 0) close(frame.kind)
    return bytes.length
  }
  return {
    get reached() {
      return reached
    },
    get told() {
      return reached - unfinished
    },
    get marks() {
      return marks
    },
    get verdict() {
      if (!verdictIsWhole || verdict.length >= largestVerdict) return undefined
      const text = Buffer.from(verdict, 'latin1').toString('utf8').split('\n').slice(0, -1)
      return text.at(-1) === 'end' ? text : undefined
    },
    get gone() {
      return gone
    },
    take(chunk) {
      for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(takeFrom(rest))
    },
    begin() {
      title = ''
      frame = undefined
      verdictIsWhole = false
      gone = false
    },
  }
}

/** What the transaction tells the runner in its log, beside what people read. */
type ServerEvent =
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
