import * as core from '@actions/core'
import type { Undo } from './world.ts'

/** What the step made, kept where the runner brings it to the `post:` step. */
const name = 'undo'

const records: Undo[] = []

/** Written at once each time: the step may be killed right after. */
export function remember(record: Undo): void {
  records.push(record)
  core.saveState(name, JSON.stringify(records))
}

/** In the order in which they are undone: the last first. */
export function remembered(): Undo[] {
  const text = core.getState(name)
  return text === '' ? [] : (JSON.parse(text) as Undo[]).reverse()
}
