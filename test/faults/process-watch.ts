import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Searches the processes of this machine for secrets in their arguments and environment. */
export interface ProcessWatch {
  /** Stops the watch. Returns each finding once. */
  readonly end: () => Promise<string[]>
}

export interface ProcessWatchOptions {
  /** The strings to search for. */
  readonly secrets: readonly string[]
  /** Selects the processes to watch, because other processes on this machine may legitimately have the same secrets. */
  readonly ours: (pid: string) => boolean
}

/**
 * Polls the processes of this machine, which include those of the rig's servers and runners. Ignores the environment of
 * the action itself, which contains its inputs.
 */
export function watchProcesses({ secrets, ours }: ProcessWatchOptions): ProcessWatch {
  const seen = new Set<string>()
  let watching = true
  const search = (pid: string, file: 'cmdline' | 'environ'): void => {
    const text = contentOf(`/proc/${pid}/${file}`)
    const secret = secrets.findIndex(each => text.includes(each))
    if (secret >= 0) seen.add(`secret ${secret} in the ${file} of ${commandOf(pid)}`)
  }
  const polling = (async () => {
    while (watching) {
      for (const pid of readdirSync('/proc')) {
        if (!/^\d+$/.test(pid)) continue
        if (!ours(pid)) continue
        search(pid, 'cmdline')
        if (!isNode(pid)) search(pid, 'environ')
      }
      await sleep(30)
    }
  })()
  return {
    end: async () => {
      watching = false
      await polling
      return [...seen]
    },
  }
}

const isNode = (pid: string): boolean => /^[^\0]*node\0/.test(contentOf(`/proc/${pid}/cmdline`))

/** Reports whether a process is a descendant of this one. */
export function descends(pid: string): boolean {
  for (let parent = pid; parent !== '' && parent !== '0'; ) {
    if (parent === String(process.pid)) return true
    parent = /^PPid:\t(\d+)/m.exec(contentOf(`/proc/${parent}/status`))?.[1] ?? ''
  }
  return false
}

/** Returns the beginning of the command, without most arguments, which may contain the secret. */
const commandOf = (pid: string): string =>
  contentOf(`/proc/${pid}/cmdline`).split('\0').slice(0, 2).join(' ').slice(0, 60)

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
