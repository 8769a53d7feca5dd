import type { HistoryEntry } from './facts.ts'

/**
 * Reads the history that the transaction writes (deploy/agent/history.sh): columns with a tab between them, named
 * by the first line; `-` stands for nothing. Lines of another shape are passed over: a disk may have been full.
 */
export function readHistory([head = '', ...lines]: readonly string[]): HistoryEntry[] {
  const columns = head.split('\t')
  return lines
    .filter(line => line !== head)
    .map(line => line.split('\t'))
    .filter(cells => cells.length === columns.length)
    .map(cells => entryOf(name => cellOf(cells[columns.indexOf(name)])))
}

const cellOf = (cell = '-'): string => (cell === '-' ? '' : cell)

const entryOf = (cell: (name: string) => string): HistoryEntry => ({
  when: cell('when'),
  verdict: cell('verdict'),
  service: cell('service'),
  image: cell('image'),
  tags: cell('tags').split(' ').filter(Boolean),
  commit: cell('commit'),
  url: cell('url'),
})

/** What a service was last verified with; undefined when there is no such line. */
export const lastVerified = (history: readonly HistoryEntry[], service: string): HistoryEntry | undefined =>
  history.findLast(entry => entry.service === service && entry.verdict === 'ok')
