import type { StageTime } from '../stages.ts'
import { duration } from './figures.ts'
import { block } from './markdown.ts'

/** The stages as a picture that GitHub draws: https://mermaid.js.org/syntax/gantt.html */
export function timeline(stages: readonly StageTime[]): string {
  const start = Math.min(...stages.map(({ begin }) => begin))
  const bars = stages.map(stage => `  ${bar(stage, start)}`)
  return block(['gantt', '  dateFormat x', '  axisFormat %M:%S', ...bars].join('\n'), 'mermaid')
}

/** A bar has to have a width; Mermaid reads `:`, `;`, `#` and `,` in a title as syntax. */
function bar({ title, begin, end, failed }: StageTime, start: number): string {
  const name = `${title.replace(/[:;#,]/g, ' ')} (${duration(end - begin)})`
  return `${name} :${failed ? 'crit' : 'done'}, ${begin - start}, ${Math.max(end - start, begin - start + 1)}`
}
