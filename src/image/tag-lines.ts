import type { Findings } from '../core/findings.ts'
import { records } from '../inputs/lists.ts'
import { parseRule, type Rule, rawRule } from './rules.ts'
import { outside } from './template.ts'

/** The `tags` input, read. */
interface TagLines {
  /** Higher priority first, else as they were given. */
  readonly rules: readonly Rule[]
  /** Templates of full references (`ghcr.io/owner/name:tag`), as docker/build-push-action takes them. */
  readonly references: readonly string[]
}

/**
 * Parses the lines of `tags`. A line with a `=` outside `{{…}}` is one rule; otherwise its cells are full references if they
 * have a slash or a colon, and plain tags if not.
 */
export function parseTagLines(text: string, ref: string, findings: Findings): TagLines {
  const isReference = (cell: string): boolean => isFullReference(cell, ref)
  const lines = records(text, 'tags', findings, { comments: true }).map(cells => unwrap(cells, findings))
  const rules = lines.flatMap(cells =>
    isRule(cells)
      ? parseRule(cells, findings)
      : cells.filter(cell => !isReference(cell)).map(cell => rawRule(cell)),
  )
  const references = lines.filter(cells => !isRule(cells)).flatMap(cells => cells.filter(isReference))
  return { rules: byPriority(rules), references }
}

/** The sort is stable: rules of one priority stay in the order that they were given. */
const byPriority = (rules: readonly Rule[]): Rule[] =>
  rules.toSorted((one, other) => other.priority - one.priority)

/**
 * Parses a line that is quoted as a whole once more: Docker's action reads each line twice, so a comma is written as
 * `"type=match,""pattern=\d{1,3}"""`.
 */
function unwrap(cells: readonly string[], findings: Findings): string[] {
  const [only = ''] = cells
  const again = cells.length === 1 && only.includes(',') ? records(only, 'tags', findings)[0] : undefined
  return (again ?? cells).map(cell => cell.trim()).filter(cell => cell !== '')
}

const isRule = (cells: readonly string[]): boolean => cells.some(cell => outside(cell).includes('='))

/** The name of the branch or git tag may be in a plain tag (`${{ github.ref_name }}-x`), with the slashes it has. */
function isFullReference(cell: string, ref: string): boolean {
  const name = ref.replace(/^refs\/(?:heads|tags|pull)\//, '')
  const rest = outside(cell)
  return /[/:]/.test(name === '' ? rest : rest.replace(name, ''))
}
