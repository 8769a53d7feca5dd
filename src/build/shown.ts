import type { Command } from '../command.ts'

/** A command as a person would type it into a shell, for the log. Nothing secret is ever in it. */
export const shown = ({ file, args }: Command): string => `$ ${[file, ...args].map(quote).join(' ')}`

const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
