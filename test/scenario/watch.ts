import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Polls the arguments and the environment of every process on this machine. */
export interface Watch {
  /** Stops the watch. Returns the ID and the arguments of each process in which a word was found. */
  end(): string[]
}

/**
 * Watches for `words`. Ignores the environment of processes whose arguments match `own`, because they are expected to
 * get secrets there (GitHub's runner passes the inputs to the action that way).
 */
export function watchProcesses(words: readonly string[], own: RegExp): Watch {
  const found = new Set<string>()
  let looks = new Map<string, number>()
  const look = (): void => {
    const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
    looks = new Map(pids.map(pid => [pid, (looks.get(pid) ?? -1) + 1]))
    for (const pid of pids.filter(isDue)) {
      const command = read(`/proc/${pid}/cmdline`)
      const visible = `${command}\0${own.test(command) ? '' : read(`/proc/${pid}/environ`)}`
      for (const word of words)
        if (visible.includes(word)) found.add(`${pid} ${command.replaceAll('\0', ' ')}`)
    }
  }
  // A process calls exec early in its life, if at all, so older processes are checked less often.
  const isDue = (pid: string): boolean => {
    const count = looks.get(pid) ?? 0
    return count < 6 || count % 20 === 0
  }
  const timer = setInterval(look, 50)
  return {
    end() {
      clearInterval(timer)
      return [...found]
    },
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return '' // it has exited in the meantime
  }
}

/** Returns a script that records its arguments and its environment in a file before it executes the real program. */
export const recorder = (program: string, file: string): string => `#!/bin/sh
{ printf 'called with'; printf ' <%s>' "$@"; echo; env; } >>${file}
exec ${program} "$@"
`

/**
 * Creates a docker wrapper, for the front of PATH, that records its calls. Polling could miss short-lived processes.
 */
export function recordDocker(program: string): Disposable & { readonly directory: string; calls(): string } {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-notes-'))
  const bin = join(directory, 'bin')
  const file = join(directory, 'calls')
  mkdirSync(bin)
  writeFileSync(join(bin, 'docker'), recorder(program, file))
  chmodSync(join(bin, 'docker'), 0o755)
  return {
    directory: bin,
    calls: () => read(file),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  }
}
