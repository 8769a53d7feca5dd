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
  /** Whose environment is looked at as well. */
  readonly ours: (pid: string) => boolean
}

/** Looks at every process all the while: servers of the rig, containers and runners are processes here too. */
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
        tell(pid, 'cmdline')
        if (ours(pid)) tell(pid, 'environ')
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
