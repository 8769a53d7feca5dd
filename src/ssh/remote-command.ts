import type { Command } from '../core/command.ts'
import { quote } from './quote.ts'

/**
 * Written to both streams before the command begins, with the PID that it will have. What stands in front of it is
 * not the command's (a login shell's rc file prints); where it never comes, something else was run (a forced
 * command), and no exit code counts. It cannot be printed by a program that echoes the command line.
 */
export const startMark = /\x1eslipway (\d+)\x1e/

/** Linux takes at most 128 KiB in one argument, and the login shell gets all of this as one. */
const longest = 120_000

/**
 * A command as the text of an SSH `exec` request, which sshd hands to the login shell, whichever that is. Every byte
 * that any shell could take for its own is sent as an octal number, in single quotes, which sh, csh and fish read
 * alike as long as there is no quote, backslash pair, `!` or newline between them; `printf %b` puts it back, and `sh`
 * evaluates our own, POSIX-quoted words.
 */
export function remoteCommand({ file, args, env = {} }: Command): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${variable(name)}=${quote(value)}; `)
  const start = `printf '\\036slipway %d\\036' $$; printf '\\036slipway %d\\036' $$ >&2; `
  const script = `${start}${exports.join('')}exec ${[file, ...args].map(quote).join(' ')}`
  const text = `/bin/sh -c 'eval "$(printf %b "${octal(script)}")"'`
  if (text.length > longest) throw new Error(`The arguments of ${file} are too long: send them on stdin`)
  return text
}

function variable(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name
  throw new Error(`${name} is no name of a variable`)
}

/** As `printf %b` reads it. */
const octal = (text: string): string =>
  text.replace(/[^A-Za-z0-9 ./:=@,+_-]/gu, char =>
    [...Buffer.from(char)].map(byte => `\\0${byte.toString(8).padStart(3, '0')}`).join(''),
  )
