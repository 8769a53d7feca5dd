import { lineSplitter } from '../core/lines.ts'

/** Begins each frame and event of the script: see deploy/agent/follow.sh and `event` in deploy/agent/run.sh. */
const mark = '\x1e'

/**
 * The header line of a frame: the mark, the kind, and the length of the content that follows, in bytes (see
 * deploy/agent/follow.sh). Because of the length, no text in a log can be mistaken for a frame. Output outside of
 * frames does not come from the script (a login shell may add some), and is ignored.
 */
const headerPattern = new RegExp(`^${mark}(log|verdict|gone) (\\d{1,15})$`)

/** In bytes. */
const longestHeader = 100
const largestVerdict = 1024 * 1024

/** How far the log of the transaction has been read, and how the transaction ended. */
interface Followed {
  /** The number of bytes of the log received, which is where to continue after a dropped connection. */
  readonly reached: number
  /** The number of bytes up to the end of the last printed line, which is where another process may continue. */
  readonly shownBytes: number
  /** The number of complete log frames received. While it grows, the server is alive. */
  readonly frames: number
  /** The lines of the verdict; undefined until it is complete. */
  readonly verdict: readonly string[] | undefined
  /** Whether the transaction ended, or never began, and left no verdict. */
  readonly gone: boolean
}

export interface Follower extends Followed {
  /** Receives a piece of the output of `follow`. */
  write(chunk: Buffer): void
  /** Prepares for a new connection, and discards an incomplete frame: the server sends its content again. */
  restart(): void
}

type Kind = 'log' | 'verdict' | 'gone'

/**
 * Parses the output of `follow`, over as many connections as necessary, and prints each line of the log once. Keeps
 * only the current line and the verdict in memory.
 */
export function openFollower(print: (line: string) => void, from = 0): Follower {
  const lines = lineSplitter(print)
  let reached = from
  let unfinished = 0
  let frames = 0
  let header = ''
  let frame: { readonly kind: Kind; remaining: number } | undefined
  let verdict = ''
  let verdictIsComplete = false
  let gone = false
  const writeLog = (bytes: Buffer) => {
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
    const [, kind, length] = headerPattern.exec(text) ?? []
    if (kind === undefined) return
    if (kind !== 'log') endLog()
    if (kind === 'verdict') verdict = ''
    frame = { kind: kind as Kind, remaining: Number(length) }
    if (frame.remaining === 0) close(frame.kind)
  }
  const close = (kind: Kind) => {
    frame = undefined
    if (kind === 'log') frames += 1
    else if (kind === 'gone') gone = true
    else verdictIsComplete = true
  }
  /** Consumes the part of the chunk that belongs to the current frame or header, and returns its length in bytes. */
  const consume = (chunk: Buffer): number => {
    if (frame === undefined) {
      const end = chunk.indexOf(10)
      header = (header + chunk.toString('latin1', 0, end < 0 ? longestHeader : end)).slice(0, longestHeader)
      if (end < 0) return chunk.length
      const text = header
      header = ''
      open(text)
      return end + 1
    }
    const bytes = chunk.subarray(0, frame.remaining)
    frame.remaining -= bytes.length
    if (frame.kind === 'log') writeLog(bytes)
    else if (verdict.length < largestVerdict) verdict += bytes.toString('latin1')
    if (frame.remaining === 0) close(frame.kind)
    return bytes.length
  }
  return {
    get reached() {
      return reached
    },
    get shownBytes() {
      return reached - unfinished
    },
    get frames() {
      return frames
    },
    get verdict() {
      if (!verdictIsComplete || verdict.length >= largestVerdict) return undefined
      const text = Buffer.from(verdict, 'latin1').toString('utf8').split('\n').slice(0, -1)
      return text.at(-1) === 'end' ? text : undefined
    },
    get gone() {
      return gone
    },
    write(chunk) {
      for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(consume(rest))
    },
    restart() {
      header = ''
      frame = undefined
      verdictIsComplete = false
      gone = false
    },
  }
}

/** A message for the runner in the log of the transaction, between the lines for people. */
type ServerEvent =
  | { readonly kind: 'stage'; readonly name: string }
  /** The transaction waits for the result of the public check. */
  | { readonly kind: 'ask'; readonly what: string }
  | { readonly kind: 'fail'; readonly code: string; readonly text: string }
  /** The next lines, as many as `lines`, are output of a container. */
  | { readonly kind: 'output'; readonly lines: number; readonly title: string }

/** Parses a line of the log; undefined if it is text for people. */
export function readEvent(line: string): ServerEvent | undefined {
  if (!line.startsWith(mark)) return undefined
  const [kind = '', first = '', rest] = splitTwice(line.slice(mark.length))
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

/** Returns the first two words and the rest of the line. */
function splitTwice(line: string): [string, string, string] {
  const [kind = '', first = '', ...rest] = line.split(' ')
  return [kind, first, rest.join(' ')]
}
