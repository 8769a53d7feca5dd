import type { StageTime } from '../core/stages.ts'
import { duration } from './figures.ts'
import { block } from './markdown.ts'

/** Renders the stages as a Mermaid chart, which GitHub draws: https://mermaid.js.org/syntax/gantt.html */
export function timeline(stages: readonly StageTime[], steps: readonly StageTime[] = []): string {
  const start = Math.min(...stages.map(({ begin }) => begin))
  const bars = (list: readonly StageTime[]) => list.map(stage => `  ${bar(stage, start)}`)
  const visible = steps.filter(({ begin, end, failed }) => failed || end - begin >= minVisible)
  const server = visible.length === 0 ? [] : ['  section Server', ...bars(visible)]
  const runner = server.length === 0 ? bars(stages) : ['  section Runner', ...bars(stages)]
  return block(['gantt', '  dateFormat x', '  axisFormat %M:%S', ...runner, ...server].join('\n'), 'mermaid')
}

/** Milliseconds; a shorter step would not be visible in the chart. */
const minVisible = 100

/** Renders one bar, at least 1 ms wide. The title loses `:`, `;`, `#` and `,`, which are Mermaid syntax. */
function bar({ title, begin, end, failed }: StageTime, start: number): string {
  const name = `${title.replace(/[:;#,]/g, ' ')} (${duration(end - begin)})`
  const from = Math.max(0, begin - start)
  return `${name} :${failed ? 'crit, ' : ''}${from}, ${Math.max(end - start, from + 1)}`
}
