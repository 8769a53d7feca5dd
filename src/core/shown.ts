import type { Command } from './command.ts'

/**
 * A command as a person would type it into a shell, for the log. Nothing secret is ever in it. What labels and
 * annotations say is left out: it is a screenful, and stands in the outputs.
 */
export const shown = ({ file, args }: Command): string =>
  `$ ${[file, ...args.filter((_, place) => !isLong(args, place))].map(quote).join(' ')}`

const isLong = (args: readonly string[], place: number): boolean =>
  /^--(?:label|annotation)$/.test(args[place] ?? '') || /^--(?:label|annotation)$/.test(args[place - 1] ?? '')

const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
