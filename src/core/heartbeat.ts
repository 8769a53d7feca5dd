import type { Log } from './log.ts'

/** After this many milliseconds of silence a reader wonders whether the job hangs. */
const silence = 30_000

/** Wraps a log so that each group says what it is doing after a while of silence. */
export function withHeartbeat(log: Log): Log {
  let last = 0
  const heard =
    <Said extends readonly unknown[]>(say: (...said: Said) => void) =>
    (...said: Said): void => {
      last = Date.now()
      say(...said)
    }
  const beat = (title: string, begin: number): NodeJS.Timeout =>
    setTimeout(
      () => {
        if (Date.now() - last >= silence) {
          last = Date.now()
          log.line(`Still at: ${title}, ${Math.round((last - begin) / 1000)} s`)
        }
        timer = beat(title, begin)
      },
      last + silence - Date.now(),
    ).unref()
  let timer: NodeJS.Timeout | undefined
  return {
    line: heard(log.line),
    foreign: heard(log.foreign),
    notice: heard(log.notice),
    warning: heard(log.warning),
    error: heard(log.error),
    mask: log.mask,
    hide: log.hide,
    // Groups do not nest: one timer is enough.
    async group(title, work) {
      last = Date.now()
      timer = beat(title, last)
      try {
        return await log.group(title, work)
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
