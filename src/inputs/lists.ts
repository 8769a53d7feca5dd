import { parse } from 'csv-parse/sync'
import type { Findings } from '../core/findings.ts'
import type { InputName } from './inputs.ts'

/** The list syntax of an input, as in Docker's actions. Each option defaults to `false`. */
export interface ListSyntax {
  /** Lines that begin with `#` are comments: only in `image`, `tags`, `flavor`, `labels` and `annotations`. */
  readonly comments?: boolean
  /** Each line is one entry, with its commas (`type=registry,ref=…`). Otherwise commas separate entries. */
  readonly wholeLines?: boolean
  /** Quotes are part of the value: buildx parses `outputs` and `driver-opts` as CSV itself. */
  readonly keepQuotes?: boolean
  /** Leading and trailing blanks of a line are part of the value (`secrets`). */
  readonly keepBlanks?: boolean
}

/** Returns the trimmed lines of a text, without empty ones. */
export const lines = (text: string): string[] =>
  text
    .split(/\r\n|\r|\n/)
    .map(line => line.trim())
    .filter(line => line !== '')

/** Parses lines of CSV into entries. A quoted cell may contain commas, line breaks and `""`. */
export function list(text: string, input: InputName, findings: Findings, syntax: ListSyntax = {}): string[] {
  const entries = records(text, input, findings, syntax).flatMap(cells =>
    syntax.wholeLines === true ? [cells.join(',')] : cells,
  )
  const kept = syntax.keepBlanks === true ? entries : entries.map(entry => entry.trim())
  return kept.filter(entry => entry.trim() !== '')
}

/** Parses lines of CSV into lists of cells, one list per line. */
export function records(
  text: string,
  input: InputName,
  findings: Findings,
  syntax: ListSyntax = {},
): string[][] {
  const quoted = syntax.keepQuotes !== true && text.includes('"')
  const rows = quoted ? quotedRecords(text, input, findings, syntax) : plainRecords(text)
  return rows.filter(cells => cells.some(cell => cell.trim() !== '') && !isComment(cells, syntax))
}

const isComment = ([first = '']: readonly string[], { comments }: ListSyntax): boolean =>
  comments === true && first.trimStart().startsWith('#')

/** Parses CSV without quotes, which needs no parser. */
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
    // The parser's message is dropped: it quotes the text, which may be a secret.
    findings.problems.push({
      input,
      cause: `\`${input}\` has a cell whose quote is never closed.`,
      remedy: 'End every cell that begins with `"` with another `"`, and write a quote inside it twice.',
    })
    return []
  }
}
