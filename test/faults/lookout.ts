import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Watches what the processes of this machine show to others. */
export interface Lookout {
  /** Ends it; what was seen, each once. */
  readonly end: () => Promise<string[]>
}

export interface LookoutOptions {
  /** What must not be seen. */
  readonly secrets: readonly string[]
  /** Whom it is about: others on this machine may be trusted with the same secrets. */
  readonly ours: (pid: string) => boolean
}

/**
 * Looks at processes all the while: those of the rig's servers and of runners are processes here too. The action gets
 * its inputs by its own environment, and is not looked at there.
 */
export function openLookout({ secrets, ours }: LookoutOptions): Lookout {
  const seen = new Set<string>()
  let looking = true
  const tell = (pid: string, file: 'cmdline' | 'environ'): void => {
    const text = contentOf(`/proc/${pid}/${file}`)
    const secret = secrets.findIndex(each => text.includes(each))
    if (secret >= 0) seen.add(`secret ${secret} in the ${file} of ${commandOf(pid)}`)
  }
  const look = (async () => {
    while (looking) {
      for (const pid of readdirSync('/proc')) {
        if (!/^\d+$/.test(pid)) continue
        if (!ours(pid)) continue
        tell(pid, 'cmdline')
        if (!isNode(pid)) tell(pid, 'environ')
      }
      await sleep(30)
    }
  })()
  return {
    end: async () => {
      looking = false
      await look
      return [...seen]
    },
  }
}

const isNode = (pid: string): boolean => /^[^\0]*node\0/.test(contentOf(`/proc/${pid}/cmdline`))

/** Whether a process was started by this one, or by one that it started. */
export function descends(pid: string): boolean {
  for (let parent = pid; parent !== '' && parent !== '0'; ) {
    if (parent === String(process.pid)) return true
    parent = /^PPid:\t(\d+)/m.exec(contentOf(`/proc/${parent}/status`))?.[1] ?? ''
  }
  return false
}

/** Without its arguments, in which the secret may be. */
const commandOf = (pid: string): string =>
  contentOf(`/proc/${pid}/cmdline`).split('\0').slice(0, 2).join(' ').slice(0, 60)

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
