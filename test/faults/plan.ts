import type { Case } from './attempt.ts'
import { type Fault, faults } from './faults.ts'
import { type Event, stages } from './moments.ts'
import type { Random } from './random.ts'

const events: readonly Event[] = ['checks', 'transfer', 'start', ...stages, 'renames', 'verdict']

/** The longest delay after an event, in milliseconds. Long stages have long delays, to hit any point within them. */
const spans: Readonly<Partial<Record<Event, number>>> = {
  checks: 2500,
  transfer: 200,
  start: 100,
  lock: 60,
  settle: 2000,
  pull: 300,
  bring: 200,
  renames: 150,
  dependencies: 1500,
  before: 800,
  rehearse: 2500,
  beside: 2500,
  'beside-proxy': 8000,
  'beside-withdraw': 4000,
  divert: 500,
  drain: 1000,
  direct: 1500,
  up: 3500,
  gate: 1500,
  after: 800,
  front: 150,
  rollback: 2000,
  verdict: 200,
}

/**
 * Returns every event with every fault, in an order in which any beginning of the list covers events and faults about
 * evenly.
 */
export function planCases(
  random: Random,
  mayHappen: (event: Event) => boolean,
  mayInject: (fault: Fault) => boolean = () => true,
): Case[] {
  const rows = random.shuffled(events.filter(mayHappen))
  const columns = random.shuffled(faults.filter(mayInject))
  const rounds = Math.max(rows.length, columns.length)
  const all = columns.flatMap((_, round) =>
    Array.from({ length: rounds }, (_, index) => {
      const event = rows[index % rows.length] as Event
      const fault = columns[(index + round) % columns.length] as (typeof faults)[number]
      return { event, fault, offset: random.below(spans[event] ?? 30) }
    }),
  )
  return all.filter(({ event, fault: { at } }) => at?.includes(event) ?? true)
}

/** Renders a table with a row per event and a column per fault. Cells are `tried/passed`. */
export function renderTable(results: readonly (Case & { readonly ok: boolean })[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const cell = (event: Event, name: string): string => {
    const these = results.filter(result => result.event === event && result.fault.name === name)
    return these.length === 0 ? '' : `${these.length}/${these.filter(({ ok }) => ok).length}`
  }
  const names = faults.map(({ name }) => name)
  return [
    line(['stage', ...names]),
    line(['---', ...names.map(() => '---')]),
    ...events
      .filter(event => results.some(result => result.event === event))
      .map(event => line([event, ...names.map(name => cell(event, name))])),
  ].join('\n')
}
