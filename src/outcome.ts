import type { Verdict, VerdictKind } from './deploy/verdict.ts'
import type { Problem } from './errors.ts'

/** What a verdict means for the server, in a sentence. */
const meanings: Readonly<Record<VerdictKind, string>> = {
  ok: 'The new release serves.',
  unchanged: 'Nothing was changed on the server.',
  superseded: 'A newer release serves: nothing was changed on the server.',
  'rolled-back': 'It was rolled back: the previous release serves again.',
  removed: 'It was removed again: nothing ran before it.',
  broken: 'Neither it nor the previous release could be brought to serve: look at the server now.',
}

export function outcomeOf({ kind, reason }: Verdict): string {
  if (kind === 'superseded' && reason !== undefined) return `Superseded: ${reason}, nothing was changed.`
  const what = kind === 'unchanged' ? 'The deploy stopped' : 'The new release failed'
  return reason === undefined ? meanings[kind] : `${what}: ${reason}. ${meanings[kind]}`
}

/** What went wrong on the server, as its reader needs it. */
export function problemOf(verdict: Verdict): Problem {
  const { stage = '', output } = verdict
  const remedy = remedies[stage]
  return {
    cause: outcomeOf(verdict),
    ...(remedy === undefined ? {} : { remedy }),
    ...(output === '' ? {} : { output }),
  }
}

/** By the transaction's stage that failed. */
const remedies: Readonly<Record<string, string>> = {
  lock: 'Wait for the other deploy to end, or give a longer `lock-timeout`.',
  pull: 'Look at what the registry said in the log; the server pulls with the login of this run, unless `server-login` is false.',
  up: 'Look at what Compose said in the log.',
  gate: 'Look at the last lines of the container. A slow start needs a longer `wait-timeout`, or a `start_period` in its healthcheck.',
  check: 'Look at what Compose said in the log: `docker compose config` with the files of the repository.',
  bring: 'May the user write all that is in the project directory?',
  before: 'Look at what the command said in the log; the release that runs was not touched.',
  after: 'Look at what the command said in the log.',
  front: 'See what stands between the service and its visitors: its ports, the proxy, the certificate.',
  verify: 'Something else changed the image or the containers meanwhile: deploy again.',
}
