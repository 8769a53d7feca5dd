import * as core from '@actions/core'
import type { Undo } from './runtime.ts'

/** The key of the undo records in the state of the action, which the runner passes to the `post:` step. */
const stateKey = 'undo'

let records: readonly Undo[] = []

function save(current: readonly Undo[]): void {
  records = current
  core.saveState(stateKey, JSON.stringify(records))
}

/**
 * Records what `post:` has to undo. Saves it immediately, because the step may be killed right after. A new run on the
 * server replaces the previous one.
 */
export function remember(record: Undo): void {
  save([...records.filter(({ kind }) => kind !== 'run' || kind !== record.kind), record])
}

/** Removes the record of the run on the server. Called once its verdict is known, as `post:` need not follow it. */
export function forgetRun(): void {
  save(records.filter(({ kind }) => kind !== 'run'))
}

/** Returns the records in the order in which `post:` undoes them: the last one first. */
export function remembered(): Undo[] {
  const text = core.getState(stateKey)
  return text === '' ? [] : (JSON.parse(text) as Undo[]).reverse()
}
