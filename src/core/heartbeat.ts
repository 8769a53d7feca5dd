import type { Log } from './log.ts'

/** Milliseconds without output after which a reader wonders whether the job hangs. */
const silence = 30_000

/** Wraps a log so that a group without output reports every 30 s that it is still running. */
export function withHeartbeat(log: Log): Log {
  let last = 0
  const noted =
    <Arguments extends readonly unknown[]>(write: (...values: Arguments) => void) =>
    (...values: Arguments): void => {
      last = Date.now()
      write(...values)
    }
  const beat = (title: string, begin: number): NodeJS.Timeout =>
    setTimeout(
      () => {
        if (Date.now() - last >= silence) {
          last = Date.now()
          log.line(`Still running: ${title}, ${Math.round((last - begin) / 1000)} s`)
        }
        timer = beat(title, begin)
      },
      last + silence - Date.now(),
    ).unref()
  let timer: NodeJS.Timeout | undefined
  return {
    line: noted(log.line),
    output: noted(log.output),
    notice: noted(log.notice),
    warning: noted(log.warning),
    error: noted(log.error),
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
