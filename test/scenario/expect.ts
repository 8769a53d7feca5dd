import assert from 'node:assert/strict'
import type { ActionRun, Annotation } from '../rig/runner.ts'

/** An expected error: its stage, its cause (the first line) and its remedy (the other lines). */
export interface Expected {
  readonly stage: 'plan' | 'preflight' | 'build' | 'push' | 'deploy'
  readonly cause: RegExp
  readonly remedy: RegExp
  /** Milliseconds that the step may take. Default: 40 seconds, or two minutes in the stage `deploy`. */
  readonly within?: number
}

export const errorsOf = ({ annotations }: Pick<ActionRun, 'annotations'>): Annotation[] =>
  annotations.filter(({ level }) => level === 'error')

export const warningsOf = ({ annotations }: Pick<ActionRun, 'annotations'>): string[] =>
  annotations.filter(({ level }) => level === 'warning').map(({ message }) => message)

/** Asserts that the run is green, has no error and leaves nothing on the runner. */
export function assertGreen(run: ActionRun): void {
  assert.equal(run.conclusion, 'success', run.log)
  assert.deepEqual(errorsOf(run), [])
  assertClean(run)
}

/** Asserts that the run is red, has exactly the expected error and leaves nothing on the runner. */
export function assertRed(run: ActionRun, expected: Expected): void {
  assertEndsRed(run, [expected])
}

/** Asserts that the run is red, has exactly these errors in any order, and leaves nothing on the runner. */
export function assertEndsRed(run: ActionRun, expected: readonly Expected[]): void {
  assert.equal(run.conclusion, 'failure', run.log)
  const errors = errorsOf(run)
  for (const each of expected) {
    const found = errors.filter(error => matches(error, each))
    assert.equal(found.length, 1, `${each.cause} is not among:\n${shown(errors)}\n${run.log}`)
    const within = each.within ?? (each.stage === 'deploy' ? 120_000 : 40_000)
    assert.ok(run.durations.main < within, `took ${run.durations.main} ms, more than ${within} ms`)
  }
  assert.equal(errors.length, expected.length, shown(errors))
  assert.doesNotMatch(run.log, /^\s+at .+:\d+:\d+/m, 'only a fault of our own shows a stack trace')
  assertClean(run)
}

function matches({ title, message }: Annotation, { stage, cause, remedy }: Expected): boolean {
  const [first = '', ...rest] = message.split('\n')
  return title === `slipway: ${stage}` && cause.test(first) && remedy.test(rest.join('\n'))
}

const shown = (errors: readonly Annotation[]): string =>
  errors.map(({ title, message }) => `[${title}] ${message}`).join('\n')

/** Asserts that the run leaves no file and no process on the runner, and that the cleanup (post) succeeded. */
export function assertClean(run: ActionRun): void {
  assert.equal(run.post?.code, 0, run.post?.log)
  assert.deepEqual(run.leftovers, [])
  assert.deepEqual(run.orphans, [])
}

/** Returns a regular expression that matches the text literally. */
export const literally = (text: string): RegExp => new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
