import type { Verdict, VerdictKind } from './deploy/verdict.ts'
import type { Problem } from './errors.ts'
import { remedyOf } from './remedies.ts'

/** What a verdict means for the server, in a sentence. */
const meanings: Readonly<Record<VerdictKind | 'left', string>> = {
  ok: 'The new release serves.',
  unchanged: 'Nothing was changed on the server.',
  superseded: 'A newer release serves: nothing was changed on the server.',
  'rolled-back': 'It was rolled back: the previous release serves again.',
  removed: 'It was removed again: nothing ran before it.',
  broken: 'Neither it nor the previous release could be brought to serve: look at the server now.',
  left: 'It was left as it is, as `rollback` is off: look at the server now.',
}

export function outcomeOf(verdict: Verdict): string {
  const { kind, reason } = verdict
  if (kind === 'superseded' && reason !== undefined) return `Superseded: ${reason}, nothing was changed.`
  const what = kind === 'unchanged' ? 'The deploy stopped' : 'The new release failed'
  const meaning = meanings[wasLeft(verdict) ? 'left' : kind]
  return reason === undefined ? meaning : `${what}: ${reason}. ${meaning}`
}

const wasLeft = ({ kind, stages }: Verdict): boolean =>
  kind === 'broken' && stages.length > 0 && stages.every(({ stage }) => stage !== 'rollback')

/** What went wrong on the server, as its reader needs it. */
export function problemOf(verdict: Verdict): Problem {
  const { stage = '', reason = '', output } = verdict
  const remedy = remedyOf(stage, reason)
  return {
    cause: outcomeOf(verdict),
    ...(remedy === undefined ? {} : { remedy }),
    ...(output === '' ? {} : { output }),
  }
}
