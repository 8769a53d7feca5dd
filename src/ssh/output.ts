import { lineSplitter } from '../core/lines.ts'
import type { Marks } from './remote-command.ts'

/** The server sent more than a command of ours ever writes. */
export class TooMuchOutput extends Error {
  readonly megabytes: number

  constructor(bytes: number) {
    super('The command wrote too much')
    this.megabytes = bytes / 1024 / 1024
  }
}

/** Counts bytes down. Calls `fail` once, with the first byte too many; false: the bytes are not to be kept. */
export function budget(bytes: number, fail: (error: TooMuchOutput) => void): (count: number) => boolean {
  let left = bytes
  return count => {
    const failed = left < 0
    left -= count
    if (left < 0 && !failed) fail(new TooMuchOutput(bytes))
    return left >= 0
  }
}

/** Keeps bytes in one piece: a server that sends them one at a time must not cost an object for each. */
export function keepText(counts: (bytes: number) => boolean, onLine: ((line: string) => void) | undefined) {
  const lines = onLine === undefined ? undefined : lineSplitter(onLine)
  let bytes = Buffer.alloc(0)
  let length = 0
  return {
    add(chunk: Buffer) {
      if (!counts(chunk.length)) return
      lines?.write(chunk)
      if (length + chunk.length > bytes.length) {
        const larger = Buffer.alloc(Math.max(2 * bytes.length, length + chunk.length))
        bytes.copy(larger, 0, 0, length)
        bytes = larger
      }
      length += chunk.copy(bytes, length)
    },
    /** Returns all of it; call it once, at the end. */
    text() {
      lines?.end()
      return bytes.toString('utf8', 0, length)
    },
  }
}

/** The most bytes to keep of what the login shell prints. */
const longestNoise = 16_384

/**
 * Reads one stream of a remote command: what stands between its marks is passed on, the rest is the login shell's.
 * Bytes are counted by `counts`, but for those that are passed on as they come.
 */
export function readStream(marks: Marks, counts: (bytes: number) => boolean, take: (chunk: Buffer) => void) {
  let state: 'before' | 'within' | 'behind' = 'before'
  let held = Buffer.alloc(0)
  let noise = ''
  let pid: number | undefined
  let code: number | undefined
  const hold = (bytes: Buffer) => {
    held = Buffer.from(bytes)
  }
  const write = (chunk: Buffer): void => {
    if (state !== 'within' && !counts(chunk.length)) return
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    if (state === 'before') {
      const begin = marks.begin.exec(bytes.toString('latin1'))
      hold(begin === null ? bytes.subarray(-longestNoise) : Buffer.alloc(0))
      if (begin === null) return
      noise = bytes.toString('utf8', 0, begin.index)
      pid = Number(begin[1])
      state = 'within'
      const rest = bytes.subarray(begin.index + begin[0].length)
      if (rest.length > 0) write(rest)
    } else if (state === 'within') {
      const end = bytes.indexOf(marks.end)
      const own = end < 0 ? bytes.length - begunMark(bytes, marks.end) : end
      if (own > 0) take(bytes.subarray(0, own))
      hold(end < 0 ? bytes.subarray(own) : Buffer.alloc(0))
      if (end < 0) return
      state = 'behind'
      write(bytes.subarray(end + marks.end.length))
    } else if (code === undefined) {
      const [, digits] = /^(\d+)\x1e/.exec(bytes.toString('latin1', 0, 8)) ?? []
      if (digits === undefined) hold(bytes.subarray(0, 8))
      else code = Number(digits)
    }
  }
  return {
    write,
    /** The PID of the command's shell; undefined as long as it has not begun. */
    pid: () => pid,
    /** The exit code; undefined where the command did not come to its end. */
    code: () => code,
    /** What the login shell printed before the command. */
    before: () => (state === 'before' ? held.toString('utf8') : noise),
    /** Passes on what was held back, as it may have been the beginning of a mark. */
    end() {
      if (state === 'within' && held.length > 0) take(held)
    },
  }
}

/** How many bytes at the end may be the beginning of a mark. */
function begunMark(bytes: Buffer, mark: Buffer): number {
  const at = bytes.lastIndexOf(mark.subarray(0, 1))
  const begun = at < 0 ? 0 : bytes.length - at
  return begun > 0 && begun < mark.length && bytes.subarray(at).equals(mark.subarray(0, begun)) ? begun : 0
}
