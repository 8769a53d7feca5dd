import assert from 'node:assert/strict'
import type { ActionRun, Annotation } from '../rig/runner.ts'

/** What an error has to say: its stage, and words of its cause (the first line) and its remedy (the rest). */
export interface Expected {
  readonly stage: 'plan' | 'preflight' | 'build' | 'push' | 'deploy'
  readonly cause: RegExp
  readonly remedy: RegExp
  /**
   * Milliseconds that the step may take; if nothing is said, 40 seconds, and two minutes once the server is at work.
   */
  readonly within?: number
}

export const errorsOf = ({ annotations }: Pick<ActionRun, 'annotations'>): Annotation[] =>
  annotations.filter(({ level }) => level === 'error')

export const warningsOf = ({ annotations }: Pick<ActionRun, 'annotations'>): string[] =>
  annotations.filter(({ level }) => level === 'warning').map(({ message }) => message)

/** Green, without an error, and nothing is left on the runner. */
export function assertGreen(run: ActionRun): void {
  assert.equal(run.conclusion, 'success', run.log)
  assert.deepEqual(errorsOf(run), [])
  assertClean(run)
}

/** Red, with one error that says what it should, and with nothing left on the runner. */
export function assertRed(run: ActionRun, expected: Expected): void {
  assertEndsRed(run, [expected])
}

/** Red, with exactly these errors, all of the one stage, in any order. */
export function assertEndsRed(run: ActionRun, expected: readonly Expected[]): void {
  assert.equal(run.conclusion, 'failure', run.log)
  const errors = errorsOf(run)
  for (const each of expected) {
    const found = errors.filter(error => matches(error, each))
    assert.equal(found.length, 1, `${each.cause} is not among:\n${shown(errors)}\n${run.log}`)
    const within = each.within ?? (each.stage === 'deploy' ? 120_000 : 40_000)
    assert.ok(run.durations.main < within, `took ${run.durations.main} ms, and had ${within} ms`)
  }
  assert.equal(errors.length, expected.length, shown(errors))
  assert.doesNotMatch(run.log, /^\s+at .+:\d+:\d+/m, 'a stack trace is for faults of our own')
  assertClean(run)
}

function matches({ title, message }: Annotation, { stage, cause, remedy }: Expected): boolean {
  const [first = '', ...rest] = message.split('\n')
  return title === `slipway: ${stage}` && cause.test(first) && remedy.test(rest.join('\n'))
}

const shown = (errors: readonly Annotation[]): string =>
  errors.map(({ title, message }) => `[${title}] ${message}`).join('\n')

/** No file, no process, no failure of the cleanup. */
export function assertClean(run: ActionRun): void {
  assert.equal(run.post?.code, 0, run.post?.log)
  assert.deepEqual(run.leftovers, [])
  assert.deepEqual(run.orphans, [])
}

/** Matches just this text. */
export const literally = (text: string): RegExp => new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
