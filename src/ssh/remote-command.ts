import { randomBytes } from 'node:crypto'
import type { Command } from '../core/command.ts'

/**
 * What a command writes on both streams right before and right behind its own output, so that what a login shell prints
 * at its start or end (`trap 'echo bye' EXIT`) is told apart. The token is new for each command: nothing that a command
 * passes on can hold it. A program that echoes the command line cannot print a mark either, as `\036` is octal there.
 */
export interface Marks {
  /** Holds the PID of the command's shell. */
  readonly begin: RegExp
  /** The exit code and one more `\x1e` follow it. */
  readonly end: Buffer
}

export interface RemoteCommand {
  /** What the login shell gets. */
  readonly text: string
  readonly marks: Marks
}

/** Linux takes at most 128 KiB in one argument, and the login shell gets all of this as one. */
const longest = 120_000

/**
 * A command as the text of an SSH `exec` request, which sshd hands to the login shell, whichever that is. Every byte
 * that any shell could take for its own is sent as an octal number, in single quotes, which sh, csh and fish read
 * alike as long as there is no quote, backslash pair, `!` or newline between them; `printf %b` puts it back, and `sh`
 * evaluates our own, POSIX-quoted words.
 */
export function remoteCommand(
  { file, args, env = {} }: Command,
  token = randomBytes(8).toString('hex'),
): RemoteCommand {
  const exports = Object.entries(env).map(([name, value]) => `export ${variable(name)}=${quote(value)}; `)
  const mark = (what: string) =>
    `printf '\\036slipway ${token} ${what}\\036'; printf '\\036slipway ${token} ${what}\\036' >&2; `
  const words = [file, ...args].map(quote).join(' ')
  const script = `${mark("'$$'")}${exports.join('')}${words}; set -- $?; ${mark("end '$1'")}exit $1`
  const text = `/bin/sh -c 'eval "$(printf %b "${octal(script)}")"'`
  if (text.length > longest) throw new Error(`The arguments of ${file} are too long: send them on stdin`)
  return {
    text,
    marks: {
      begin: new RegExp(`\\x1eslipway ${token} (\\d+)\\x1e`),
      end: Buffer.from(`\x1eslipway ${token} end `),
    },
  }
}

/**
 * A word that a POSIX shell reads back as exactly this text: in single quotes nothing is special but their end
 * (POSIX 2.2.2). For shell text that we write ourselves; a whole command for a server is `remoteCommand`'s, as
 * nobody knows which shell reads it there.
 */
export function quote(text: string): string {
  if (text.includes('\0')) throw new Error('A word of a command cannot hold a NUL byte')
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** Renders a word of a command that people paste into a shell: in quotes only where it needs them. */
export const pasted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : quote(text))

function variable(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name
  throw new Error(`${name} is no name of a variable`)
}

/** As `printf %b` reads it. */
const octal = (text: string): string =>
  text.replace(/[^A-Za-z0-9 ./:=@,+_-]/gu, char =>
    [...Buffer.from(char)].map(byte => `\\0${byte.toString(8).padStart(3, '0')}`).join(''),
  )
