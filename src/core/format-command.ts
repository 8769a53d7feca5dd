import type { Command } from './command.ts'

/**
 * Formats a command for the log, as a user would type it into a shell. The arguments of a command never contain a
 * secret. Labels and annotations are omitted: they would fill the screen, and the outputs have them.
 */
export const formatCommand = ({ file, args }: Command): string =>
  `$ ${[file, ...args.filter((_, index) => !isLong(args, index))].map(quoteIfNeeded).join(' ')}`

const isLong = (args: readonly string[], index: number): boolean =>
  /^--(?:label|annotation)$/.test(args[index] ?? '') || /^--(?:label|annotation)$/.test(args[index - 1] ?? '')

/** Formats a word of a command that users read or paste. Adds quotes only if a shell needs them. */
export const quoteIfNeeded = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
