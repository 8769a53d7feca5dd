import type { StageTime } from '../core/stages.ts'
import { duration } from './figures.ts'
import { block } from './markdown.ts'

/** The stages as a picture that GitHub draws: https://mermaid.js.org/syntax/gantt.html */
export function timeline(stages: readonly StageTime[], steps: readonly StageTime[] = []): string {
  const start = Math.min(...stages.map(({ begin }) => begin))
  const bars = (list: readonly StageTime[]) => list.map(stage => `  ${bar(stage, start)}`)
  const seen = steps.filter(({ begin, end, failed }) => failed || end - begin >= blink)
  const server = seen.length === 0 ? [] : ['  section Server', ...bars(seen)]
  const runner = server.length === 0 ? bars(stages) : ['  section Runner', ...bars(stages)]
  return block(['gantt', '  dateFormat x', '  axisFormat %M:%S', ...runner, ...server].join('\n'), 'mermaid')
}

/** Milliseconds that no eye would see in the picture. */
const blink = 100

/** A bar has to have a width; Mermaid reads `:`, `;`, `#` and `,` in a title as syntax. */
function bar({ title, begin, end, failed }: StageTime, start: number): string {
  const name = `${title.replace(/[:;#,]/g, ' ')} (${duration(end - begin)})`
  const from = Math.max(0, begin - start)
  return `${name} :${failed ? 'crit, ' : ''}${from}, ${Math.max(end - start, from + 1)}`
}
