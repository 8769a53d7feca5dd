import type { Problem } from '../core/errors.ts'
import type { ServiceFacts } from '../target/compose-host/facts.ts'
import type { Order } from './order.ts'
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

/** What went wrong on the server, as its reader needs it; of the services in `pulling`, Compose asks the registry anew. */
export function problemOf(verdict: Verdict, pulling: readonly string[] = []): Problem {
  const { output, kind } = verdict
  const remedy = remedyOf(verdict)
  const again = kind === 'rolled-back' && pulling.length > 0 ? ` ${pullsAgain(pulling)}` : ''
  return {
    cause: `${outcomeOf(verdict)}${again}`,
    ...(remedy === undefined ? {} : { remedy }),
    ...(output === '' ? {} : { output }),
  }
}

const pullsAgain = (services: readonly string[]): string =>
  `The registry still has the failed image under the tag, and ${services.map(name => `\`${name}\``).join(', ')} pulls it anew (\`pull_policy\`): until a good one is pushed, no \`docker compose up -d\` by hand on the server.`

/** The services that Compose pulls anew under a tag that the failed image was pushed to. */
export const pullingServices = ({ facts, envSet }: Pick<Order, 'envSet'> & PolicyFacts): string[] =>
  // A tag that the `.env` chooses is back to the one from before.
  Object.keys(envSet).length > 0
    ? []
    : facts.services
        .filter(({ pullPolicy = '' }) => /^(?:always|every_|daily|weekly)/.test(pullPolicy))
        .map(({ name }) => name)

interface PolicyFacts {
  readonly facts: { readonly services: readonly Pick<ServiceFacts, 'name' | 'pullPolicy'>[] }
}

/** What failed last stands in the way now; an older version gives no code, and the stage has to do. */
function remedyOf({ stage = '', code, second = code }: Verdict): string | undefined {
  return second === undefined ? stageOf(stage)?.remedy : reasons[second]
}
