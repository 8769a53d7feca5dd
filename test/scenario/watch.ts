import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Looks at what every process of this machine shows to others, all the while. */
export interface Watch {
  /** What was seen of the words: the arguments of the process, and where it was. */
  end(): string[]
}

/** `own`: the processes that GitHub's runner itself gives the inputs to, by a part of their arguments. */
export function watchProcesses(words: readonly string[], own: RegExp): Watch {
  const found = new Set<string>()
  let looks = new Map<string, number>()
  const look = (): void => {
    const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
    looks = new Map(pids.map(pid => [pid, (looks.get(pid) ?? -1) + 1]))
    for (const pid of pids.filter(isDue)) {
      const command = read(`/proc/${pid}/cmdline`)
      const told = `${command}\0${own.test(command) ? '' : read(`/proc/${pid}/environ`)}`
      for (const word of words) if (told.includes(word)) found.add(`${pid} ${command.replaceAll('\0', ' ')}`)
    }
  }
  // A process becomes another program early in its life, if at all; later a look now and then is enough.
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
    return '' // it ended meanwhile
  }
}

/** A program of the name that notes its arguments and its environment before it becomes the real one. */
export const noting = (program: string, notes: string): string => `#!/bin/sh
{ printf 'called with'; printf ' <%s>' "$@"; echo; env; } >>${notes}
exec ${program} "$@"
`

/** A docker that notes how it is called, first on PATH: however short a process lives, it is seen. */
export function noteDocker(program: string): Disposable & { readonly directory: string; notes(): string } {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-notes-'))
  const bin = join(directory, 'bin')
  const notes = join(directory, 'notes')
  mkdirSync(bin)
  writeFileSync(join(bin, 'docker'), noting(program, notes))
  chmodSync(join(bin, 'docker'), 0o755)
  return {
    directory: bin,
    notes: () => read(notes),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  }
}
