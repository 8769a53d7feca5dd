import type { Findings } from '../core/findings.ts'
import { records } from '../inputs/lists.ts'
import { parseBoolean } from '../inputs/values.ts'

/** What applies to all tags: https://github.com/docker/metadata-action#flavor-input */
export interface Flavor {
  /** `auto`: as the first tag's rule has it. */
  readonly latest: 'auto' | 'true' | 'false'
  readonly prefix: Affix
  readonly suffix: Affix
}

interface Affix {
  /** A template. */
  readonly text: string
  /** Whether `latest` gets it too. */
  readonly onLatest: boolean
}

const none: Affix = { text: '', onLatest: false }

/** Reads `latest=…`, `prefix=…` and `suffix=…`, the last two with `,onlatest=true` behind them on the same line. */
export function parseFlavor(text: string, findings: Findings): Flavor {
  const flavor: Flavor = { latest: 'auto', prefix: none, suffix: none }
  return records(text, 'flavor', findings, { comments: true }).reduce(
    (before, cells) => readLine(before, cells, findings),
    flavor,
  )
}

function readLine(before: Flavor, cells: readonly string[], findings: Findings): Flavor {
  let flavor = before
  let last: 'prefix' | 'suffix' | undefined
  for (const cell of cells) {
    const [, key = '', value = ''] = /^([^=]*)=([\s\S]*)$/.exec(cell)?.map(part => part.trim()) ?? []
    const name = key.toLowerCase()
    const on = parseBoolean(value)
    if (name === 'latest' && value === 'auto') flavor = { ...flavor, latest: 'auto' }
    else if (name === 'latest' && on !== undefined) flavor = { ...flavor, latest: on ? 'true' : 'false' }
    else if (name === 'prefix' || name === 'suffix') {
      last = name
      flavor = { ...flavor, [name]: { ...flavor[name], text: value } }
    } else if (name === 'onlatest' && on !== undefined) {
      if (last === undefined) findings.warnings.push(alone(cell))
      else flavor = { ...flavor, [last]: { ...flavor[last], onLatest: on } }
    } else refuse(cell, findings)
  }
  return flavor
}

/** As in docker/metadata-action, where it is for the affix of its own line. */
const alone = (cell: string): string =>
  `\`flavor\`: \`${cell.trim()}\` has no effect on a line of its own. Write it behind the affix that it is for: \`prefix=…,onlatest=true\`.`

function refuse(cell: string, { problems }: Findings): void {
  problems.push({
    input: 'flavor',
    cause: `\`flavor\` has \`${cell.trim()}\`, which is not understood.`,
    remedy:
      'Its lines are `latest=auto`, `latest=true` or `latest=false`, `prefix=…` and `suffix=…`, the last two with or without `,onlatest=true`.',
  })
}
