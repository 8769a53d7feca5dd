import type { Findings } from '../core/findings.ts'
import { records } from '../inputs/lists.ts'
import { parseRule, type Rule, rawRule } from './rules.ts'
import { outside } from './template.ts'

/** The parsed `tags` input. */
interface TagLines {
  /** Sorted by priority, highest first; rules of the same priority keep their order. */
  readonly rules: readonly Rule[]
  /** Templates of full references (`ghcr.io/owner/name:tag`), as in docker/build-push-action. */
  readonly references: readonly string[]
}

/**
 * Parses the lines of `tags`. A line with a `=` outside `{{…}}` is one rule. Otherwise, each cell of the line is a full
 * reference if it has a slash or a colon, and a plain tag if not.
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

/** Sorts rules by priority. The sort is stable, so rules of the same priority keep their order. */
const byPriority = (rules: readonly Rule[]): Rule[] =>
  rules.toSorted((one, other) => other.priority - one.priority)

/**
 * Parses a line that is quoted as a whole a second time. docker/metadata-action reads each line twice, so workflows
 * escape a comma as `"type=match,""pattern=\d{1,3}"""`.
 */
function unwrap(cells: readonly string[], findings: Findings): string[] {
  const [only = ''] = cells
  const again = cells.length === 1 && only.includes(',') ? records(only, 'tags', findings)[0] : undefined
  return (again ?? cells).map(cell => cell.trim()).filter(cell => cell !== '')
}

const isRule = (cells: readonly string[]): boolean => cells.some(cell => outside(cell).includes('='))

/**
 * Reports whether a cell is a full reference. The name of the branch or git tag does not count, because a plain tag may
 * contain it with its slashes (`${{ github.ref_name }}-x`).
 */
function isFullReference(cell: string, ref: string): boolean {
  const name = ref.replace(/^refs\/(?:heads|tags|pull)\//, '')
  const rest = outside(cell)
  return /[/:]/.test(name === '' ? rest : rest.replace(name, ''))
}
