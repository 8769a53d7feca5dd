import { lineSplitter } from '../core/lines.ts'
import type { Marks } from './remote-command.ts'

/** The server sent more output than any command of Slipway writes. */
export class TooMuchOutput extends Error {
  readonly megabytes: number

  constructor(bytes: number) {
    super('The command wrote too much')
    this.megabytes = bytes / 1024 / 1024
  }
}

/**
 * Returns a function that counts bytes. It calls `fail` once the total exceeds the limit, and returns false from then
 * on: the caller then discards the bytes.
 */
export function byteLimit(limit: number, fail: (error: TooMuchOutput) => void): (count: number) => boolean {
  let left = limit
  return count => {
    const failed = left < 0
    left -= count
    if (left < 0 && !failed) fail(new TooMuchOutput(limit))
    return left >= 0
  }
}

/**
 * Collects bytes in one growing buffer, and splits them into lines. A server that sends single bytes must not cost one
 * object for each. `count` is a {@link byteLimit}.
 */
export function textBuffer(count: (bytes: number) => boolean, onLine: ((line: string) => void) | undefined) {
  const lines = onLine === undefined ? undefined : lineSplitter(onLine)
  let bytes = Buffer.alloc(0)
  let length = 0
  return {
    add(chunk: Buffer) {
      if (!count(chunk.length)) return
      lines?.write(chunk)
      if (length + chunk.length > bytes.length) {
        const larger = Buffer.alloc(Math.max(2 * bytes.length, length + chunk.length))
        bytes.copy(larger, 0, 0, length)
        bytes = larger
      }
      length += chunk.copy(bytes, length)
    },
    /** Returns the whole text. Call it once, at the end. */
    text() {
      lines?.end()
      return bytes.toString('utf8', 0, length)
    },
  }
}

/** The maximum number of bytes to keep of the login shell's own output. */
const maxShellOutput = 16_384

/**
 * Parses one stream of a remote command. Passes the bytes between the marks to `take`; the rest is the login shell's
 * own output. Counts only the latter with `count`, because `take` counts its bytes itself.
 */
export function parseStream(marks: Marks, count: (bytes: number) => boolean, take: (chunk: Buffer) => void) {
  let state: 'before' | 'within' | 'after' = 'before'
  let pending = Buffer.alloc(0)
  let shellOutput = ''
  let pid: number | undefined
  let code: number | undefined
  const hold = (bytes: Buffer) => {
    pending = Buffer.from(bytes)
  }
  const write = (chunk: Buffer): void => {
    if (state !== 'within' && !count(chunk.length)) return
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    if (state === 'before') {
      const begin = marks.begin.exec(bytes.toString('latin1'))
      hold(begin === null ? bytes.subarray(-maxShellOutput) : Buffer.alloc(0))
      if (begin === null) return
      shellOutput = bytes.toString('utf8', 0, begin.index)
      pid = Number(begin[1])
      state = 'within'
      const rest = bytes.subarray(begin.index + begin[0].length)
      if (rest.length > 0) write(rest)
    } else if (state === 'within') {
      const end = bytes.indexOf(marks.end)
      const length = end < 0 ? bytes.length - partialMarkLength(bytes, marks.end) : end
      if (length > 0) take(bytes.subarray(0, length))
      hold(end < 0 ? bytes.subarray(length) : Buffer.alloc(0))
      if (end < 0) return
      state = 'after'
      write(bytes.subarray(end + marks.end.length))
    } else if (code === undefined) {
      const [, digits] = /^(\d+)\x1e/.exec(bytes.toString('latin1', 0, 8)) ?? []
      if (digits === undefined) hold(bytes.subarray(0, 8))
      else code = Number(digits)
    }
  }
  return {
    write,
    /** Returns the PID of the command's shell; undefined until the command has started. */
    pid: () => pid,
    /** Returns the exit code; undefined if the command did not end. */
    code: () => code,
    /** Returns the output of the login shell before the command. */
    before: () => (state === 'before' ? pending.toString('utf8') : shellOutput),
    /** Passes on the bytes that were held back because they could have been the beginning of a mark. */
    end() {
      if (state === 'within' && pending.length > 0) take(pending)
    },
  }
}

/** Returns how many bytes at the end may be the beginning of a mark. */
function partialMarkLength(bytes: Buffer, mark: Buffer): number {
  const at = bytes.lastIndexOf(mark.subarray(0, 1))
  const length = at < 0 ? 0 : bytes.length - at
  return length > 0 && length < mark.length && bytes.subarray(at).equals(mark.subarray(0, length))
    ? length
    : 0
}
