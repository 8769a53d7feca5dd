import type { Command } from './command.ts'

/**
 * Formats a command for the log, as one would type it into a shell. A command never holds a secret. Labels and
 * annotations are left out: they fill a screen, and are in the outputs.
 */
export const shown = ({ file, args }: Command): string =>
  `$ ${[file, ...args.filter((_, place) => !isLong(args, place))].map(quote).join(' ')}`

const isLong = (args: readonly string[], place: number): boolean =>
  /^--(?:label|annotation)$/.test(args[place] ?? '') || /^--(?:label|annotation)$/.test(args[place - 1] ?? '')

const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
