import { parse } from 'csv-parse/sync'
import type { Findings } from '../core/findings.ts'
import type { InputName } from './inputs.ts'

/** How Docker's actions read the lines of an input. Each option defaults to `false`. */
export interface ListSyntax {
  /** A line that begins with `#` is a comment: only in `image`, `tags`, `flavor`, `labels`, `annotations`. */
  readonly comments?: boolean
  /** A line is one entry and its commas belong to it (`type=registry,ref=…`); else they separate entries. */
  readonly wholeLines?: boolean
  /** Quotes are data (`outputs`, `driver-opts`: buildx reads its own CSV there), not CSV's. */
  readonly keepQuotes?: boolean
  /** Blanks at both ends of a line are data (`secrets`). */
  readonly keepBlanks?: boolean
}

/** Returns the lines of a text, trimmed, without empty ones. */
export const lines = (text: string): string[] =>
  text
    .split(/\r\n|\r|\n/)
    .map(line => line.trim())
    .filter(line => line !== '')

/** Parses an input into its entries: lines of CSV. A quoted cell may hold commas, line breaks and `""`. */
export function list(text: string, input: InputName, findings: Findings, syntax: ListSyntax = {}): string[] {
  const entries = records(text, input, findings, syntax).flatMap(cells =>
    syntax.wholeLines === true ? [cells.join(',')] : cells,
  )
  const kept = syntax.keepBlanks === true ? entries : entries.map(entry => entry.trim())
  return kept.filter(entry => entry.trim() !== '')
}

/** Parses an input into lines, each a list of CSV cells. */
export function records(
  text: string,
  input: InputName,
  findings: Findings,
  syntax: ListSyntax = {},
): string[][] {
  const quoted = syntax.keepQuotes !== true && text.includes('"')
  const found = quoted ? quotedRecords(text, input, findings, syntax) : plainRecords(text)
  return found.filter(cells => cells.some(cell => cell.trim() !== '') && !isComment(cells, syntax))
}

const isComment = ([first = '']: readonly string[], { comments }: ListSyntax): boolean =>
  comments === true && first.trimStart().startsWith('#')

/** Without a quote, CSV is no more than this. */
const plainRecords = (text: string): string[][] => text.split(/\r\n|\r|\n/).map(line => line.split(','))

function quotedRecords(text: string, input: InputName, findings: Findings, { comments }: ListSyntax) {
  try {
    return parse(text, {
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      ...(comments === true ? { comment: '#', comment_no_infix: true } : {}),
    })
  } catch {
    // The parser's message quotes the text, which may be a secret.
    findings.problems.push({
      input,
      cause: `\`${input}\` has a cell whose quote is never closed.`,
      remedy: 'A cell that begins with `"` ends with one, and a quote inside it is written twice.',
    })
    return []
  }
}
