import { randomBytes } from 'node:crypto'
import type { Command } from '../core/command.ts'

/**
 * The marks that the remote shell prints on both streams right before and after the output of a command. They separate
 * that output from what a login shell prints at its start or end (`trap 'echo bye' EXIT`). Each command has a new
 * random token, so no output can contain its marks by accident or on purpose. A program that echoes the command line
 * cannot print a mark either: the command line has the octal `\036` in place of the byte.
 */
export interface Marks {
  /** Captures the PID of the command's shell. */
  readonly begin: RegExp
  /** Followed by the exit code and another `\x1e`. */
  readonly end: Buffer
}

export interface RemoteCommand {
  /** The command line for the login shell. */
  readonly text: string
  readonly marks: Marks
}

/** The maximum length of the text: Linux allows 128 KiB in one argument, and the login shell gets the text as one. */
const maxLength = 120_000

/**
 * Encodes a command for an SSH `exec` request, which sshd passes to the user's login shell, whichever shell that is.
 * Every byte that could be special in any shell becomes an octal escape inside single quotes. sh, csh and fish read
 * such a string alike, as long as it contains no quote, double backslash, `!` or newline. `printf %b` decodes it, and
 * `sh` evaluates the result, whose words are quoted for a POSIX shell.
 */
export function remoteCommand(
  { file, args, env = {} }: Command,
  token = randomBytes(8).toString('hex'),
): RemoteCommand {
  const exports = Object.entries(env).map(([name, value]) => `export ${variable(name)}=${quote(value)}; `)
  const mark = (content: string) =>
    `printf '\\036slipway ${token} ${content}\\036'; printf '\\036slipway ${token} ${content}\\036' >&2; `
  const words = [file, ...args].map(quote).join(' ')
  const script = `${mark("'$$'")}${exports.join('')}${words}; set -- $?; ${mark("end '$1'")}exit $1`
  const text = `/bin/sh -c 'eval "$(printf %b "${octal(script)}")"'`
  if (text.length > maxLength) throw new Error(`The arguments of ${file} are too long: send them on stdin`)
  return {
    text,
    marks: {
      begin: new RegExp(`\\x1eslipway ${token} (\\d+)\\x1e`),
      end: Buffer.from(`\x1eslipway ${token} end `),
    },
  }
}

/**
 * Quotes a text as one word for a POSIX shell. Inside single quotes only the closing quote is special (POSIX 2.2.2).
 * For scripts that `sh` runs; use `remoteCommand` for a whole command, because the login shell of a server may be any
 * shell.
 */
export function quote(text: string): string {
  if (text.includes('\0')) throw new Error('A word of a command cannot hold a NUL byte')
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function variable(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name
  throw new Error(`${name} is not a valid variable name`)
}

/** Encodes special bytes as the octal escapes of `printf %b`. */
const octal = (text: string): string =>
  text.replace(/[^A-Za-z0-9 ./:=@,+_-]/gu, char =>
    [...Buffer.from(char)].map(byte => `\\0${byte.toString(8).padStart(3, '0')}`).join(''),
  )
