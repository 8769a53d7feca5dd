import * as core from '@actions/core'
import type { Undo } from './runtime.ts'

/** The state of the action, which the runner hands to the `post:` step: what this step made. */
const name = 'undo'

let records: readonly Undo[] = []

function remaining(left: readonly Undo[]): void {
  records = left
  core.saveState(name, JSON.stringify(records))
}

/** Records what `post:` has to undo, at once, as the step may be killed right after. Keeps one transaction on the server. */
export function remember(record: Undo): void {
  remaining([...records.filter(({ kind }) => kind !== 'run' || kind !== record.kind), record])
}

/** Forgets the transaction on the server once its verdict is known: `post:` has nothing to follow. */
export function forgetRun(): void {
  remaining(records.filter(({ kind }) => kind !== 'run'))
}

/** Returns the records in the order in which `post:` undoes them: the last one first. */
export function remembered(): Undo[] {
  const text = core.getState(name)
  return text === '' ? [] : (JSON.parse(text) as Undo[]).reverse()
}
