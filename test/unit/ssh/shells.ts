import { spawnSync } from 'node:child_process'

/** A shell, and how to run a command line with it, as sshd does with the login shell. */
export interface Shell {
  readonly name: string
  readonly argv: readonly [string, ...string[]]
  /** The reason why the shell cannot be tested on this machine, or false. */
  readonly skip: string | false
}

const shell = (name: string, file = name, ...args: string[]): Shell => ({
  name,
  argv: [file, ...args, '-c'],
  skip:
    spawnSync('sh', ['-c', 'command -v "$1"', 'sh', file]).status === 0
      ? false
      : `needs ${file}: apt-get install ${file}`,
})

export const posixShells = [
  shell('dash'),
  shell('bash'),
  shell('bash --posix', 'bash', '--posix'),
  shell('busybox', 'busybox', 'sh'),
  shell('mksh'),
]

/** Common login shells. */
export const loginShells = [...posixShells, shell('zsh'), shell('fish'), shell('tcsh')]

/** Returns a pseudo-random generator that gives the same sequence in every run. */
export function sequence(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Returns a word of characters that are special in some shell. Without NUL, which an argument cannot contain. */
export function hardWord(pick: (below: number) => number): string {
  const pieces = [
    ...`'"\`$\\!%#&*?[]{}()<>|;~^=-+,.:@/ \t\n\r`,
    '\\n',
    '\\0',
    '\\',
    "'\\''",
    '$(id)',
    '${HOME}',
    '!!',
    '%s',
    '\x1b',
    '\x7f',
    '\x01',
    'é',
    '漢',
    '🚢',
    '\u2028',
    'a',
    'Z',
    '0',
  ]
  return Array.from({ length: pick(12) }, () => pieces[pick(pieces.length)]).join('')
}
