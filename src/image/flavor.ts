import type { Findings } from '../core/findings.ts'
import { records } from '../inputs/lists.ts'
import { parseBoolean } from '../inputs/values.ts'

/** Settings for all tags: https://github.com/docker/metadata-action#flavor-input */
export interface Flavor {
  /** `auto`: the rule of the first tag decides. */
  readonly latest: 'auto' | 'true' | 'false'
  readonly prefix: Affix
  readonly suffix: Affix
}

interface Affix {
  /** A template. */
  readonly text: string
  /** Apply the affix to `latest` too. */
  readonly onLatest: boolean
}

const none: Affix = { text: '', onLatest: false }

/** Parses `latest=…`, `prefix=…` and `suffix=…`. The last two may be followed by `,onlatest=true` on the same line. */
export function parseFlavor(text: string, findings: Findings): Flavor {
  const flavor: Flavor = { latest: 'auto', prefix: none, suffix: none }
  return records(text, 'flavor', findings, { comments: true }).reduce(
    (previous, cells) => readLine(previous, cells, findings),
    flavor,
  )
}

function readLine(previous: Flavor, cells: readonly string[], findings: Findings): Flavor {
  let flavor = previous
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
      if (last === undefined) findings.warnings.push(withoutAffix(cell))
      else flavor = { ...flavor, [last]: { ...flavor[last], onLatest: on } }
    } else reject(cell, findings)
  }
  return flavor
}

/** Returns the warning. As in docker/metadata-action, `onlatest` applies to the affix on the same line. */
const withoutAffix = (cell: string): string =>
  `\`flavor\`: \`${cell.trim()}\` has no effect on a separate line. Write it after the affix: \`prefix=…,onlatest=true\`.`

function reject(cell: string, { problems }: Findings): void {
  problems.push({
    input: 'flavor',
    cause: `\`flavor\` has \`${cell.trim()}\`, which is not valid.`,
    remedy:
      'Valid lines are `latest=auto`, `latest=true`, `latest=false`, `prefix=…` and `suffix=…`; the last two may end with `,onlatest=true`.',
  })
}
