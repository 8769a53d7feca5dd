import { lineSplitter } from '../core/lines.ts'
import { startMark } from './remote-command.ts'

/** What is kept of a login shell's own output, in bytes: it may never end. */
const longest = 65_536

/** One stream of a remote command: what the command itself writes, from its start mark on. */
export function readStream(onLine: ((line: string) => void) | undefined) {
  const chunks: Buffer[] = []
  const lines = onLine === undefined ? undefined : lineSplitter(onLine)
  let before = Buffer.alloc(0)
  let pid: number | undefined
  const take = (chunk: Buffer) => {
    chunks.push(chunk)
    lines?.write(chunk)
  }
  return {
    write(chunk: Buffer) {
      if (pid !== undefined) return take(chunk)
      before = Buffer.concat([before, chunk]).subarray(-longest)
      const mark = startMark.exec(before.toString('latin1'))
      if (mark === null) return
      pid = Number(mark[1])
      take(before.subarray(mark.index + mark[0].length))
    },
    /** The PID of the command; undefined as long as it has not begun. */
    pid: () => pid,
    /** What the login shell said before the command. */
    before: () => before.toString('utf8').replace(startMark, ''),
    end() {
      lines?.end()
      return Buffer.concat(chunks).toString('utf8')
    },
  }
}
