import * as core from '@actions/core'
import type { Undo } from './runtime.ts'

/** What the step made, kept where the runner brings it to the `post:` step. */
const name = 'undo'

let records: readonly Undo[] = []

function remaining(left: readonly Undo[]): void {
  records = left
  core.saveState(name, JSON.stringify(records))
}

/** Written at once each time: the step may be killed right after. There is one run on the server at a time. */
export function remember(record: Undo): void {
  remaining([...records.filter(({ kind }) => kind !== 'run' || kind !== record.kind), record])
}

/** The server's verdict is known: `post:` has nothing left to follow there. */
export function forgetRun(): void {
  remaining(records.filter(({ kind }) => kind !== 'run'))
}

/** In the order in which they are undone: the last first. */
export function remembered(): Undo[] {
  const text = core.getState(name)
  return text === '' ? [] : (JSON.parse(text) as Undo[]).reverse()
}
