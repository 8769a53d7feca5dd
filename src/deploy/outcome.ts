import type { Problem } from '../core/errors.ts'
import { reasons } from './reasons.ts'
import { stageOf } from './stages.ts'
import type { Verdict, VerdictKind } from './verdict.ts'

type Meaning = VerdictKind | 'left' | 'untouched'

/** What a verdict means for the server, in a sentence. */
const meanings: Readonly<Record<Meaning, string>> = {
  ok: 'The new release serves.',
  unchanged: 'Nothing was changed on the server.',
  superseded: 'A newer release serves: nothing was changed on the server.',
  'rolled-back': 'It was rolled back: the previous release serves again.',
  removed: 'It was removed again: nothing ran before it.',
  broken: 'Neither it nor the previous release could be brought to serve: look at the server now.',
  left: 'It was left as it is, as `rollback` is off: look at the server now.',
  untouched:
    'What serves was not touched, but what was brought or pinned before could not be put back: look at the server now.',
}

export function outcomeOf(verdict: Verdict): string {
  const { kind, reason } = verdict
  if (kind === 'superseded' && reason !== undefined) return `Superseded: ${reason}, nothing was changed.`
  const meant = kind === 'broken' ? broken(verdict) : kind
  const what =
    meant === 'unchanged' || meant === 'untouched' ? 'The deploy stopped' : 'The new release failed'
  return reason === undefined ? meanings[meant] : `${what}: ${reason}. ${meanings[meant]}`
}

/** Where nobody knows how far it came, it may have come to what serves. */
function broken({ left, stage = '' }: Verdict): Meaning {
  if (left === true) return 'left'
  return stageOf(stage)?.touches === false ? 'untouched' : 'broken'
}

/** What went wrong on the server, as its reader needs it. */
export function problemOf(verdict: Verdict): Problem {
  const { output } = verdict
  const remedy = remedyOf(verdict)
  return {
    cause: outcomeOf(verdict),
    ...(remedy === undefined ? {} : { remedy }),
    ...(output === '' ? {} : { output }),
  }
}

/** What failed last stands in the way now; an older version gives no code, and the stage has to do. */
function remedyOf({ stage = '', code, second = code }: Verdict): string | undefined {
  return second === undefined ? stageOf(stage)?.remedy : reasons[second]
}
