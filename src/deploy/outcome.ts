import type { Problem } from '../core/errors.ts'
import type { DeployedService } from '../target/service.ts'
import type { Order } from './order.ts'
import { remedyFor } from './reasons.ts'
import { stageOf, swarmRemedies } from './stages.ts'
import type { Verdict, VerdictKind } from './verdict.ts'

type Meaning = VerdictKind | 'left' | 'job' | 'untouched'

/** Says in a sentence what a verdict means for the server. */
const meanings: Readonly<Record<Meaning, string>> = {
  ok: 'The new release is running.',
  unchanged: 'Nothing was changed on the server.',
  superseded: 'A newer release is running: nothing was changed on the server.',
  'rolled-back': 'Rolled back: the previous release is running again.',
  removed: 'Removed: no release ran before it, so none is running now.',
  broken: 'The previous release could not be restored either: check the server now.',
  left: 'It was not rolled back, because `rollback` is false: check the server now.',
  job: 'It was not rolled back, because the previous job would run once more: check what it has done.',
  untouched:
    'The running containers were not touched, but files or tags that were already changed could not be restored: check the server now.',
}

export function outcomeOf(verdict: Verdict): string {
  const { kind, reason, code } = verdict
  if (kind === 'superseded' && code === 'updated-by-others')
    return `The deploy was overtaken: ${reason}. What others have put there is left alone.`
  if (kind === 'superseded' && reason !== undefined) return `Superseded: ${reason}, nothing was changed.`
  const meant = meaningOf(verdict)
  const what =
    meant === 'unchanged' || meant === 'untouched' ? 'The deploy stopped' : 'The new release failed'
  return reason === undefined ? meanings[meant] : `${what}: ${reason}. ${meanings[meant]}`
}

const meaningOf = (verdict: Verdict): Meaning => (verdict.kind === 'broken' ? broken(verdict) : verdict.kind)

/** Tells whether the deploy ended before it touched a container, but could not restore a file or a tag. */
export const isUntouched = (verdict: Verdict): boolean => meaningOf(verdict) === 'untouched'

/** If the stage is unknown, the running release may have been touched. */
function broken({ left, second, stage = '' }: Verdict): Meaning {
  if (left === true) return second === 'job-left' ? 'job' : 'left'
  return stageOf(stage)?.cut === 'undo' ? 'untouched' : 'broken'
}

/** What the texts about a verdict depend on besides it. */
interface Where {
  /** Compose pulls these services again at each `up`. */
  readonly pulling?: readonly string[]
  /** On a Swarm: the full names of the services that are deployed. */
  readonly swarm?: readonly string[] | undefined
}

/** Describes for the user what failed on the server. */
export function problemOf(verdict: Verdict, { pulling = [], swarm }: Where = {}): Problem {
  const { output, kind } = verdict
  const remedy = remedyOf(verdict, swarm)
  const again = kind === 'rolled-back' && pulling.length > 0 ? ` ${pullsAgain(pulling)}` : ''
  return {
    cause: `${outcomeOf(verdict)}${again}`,
    ...(remedy === undefined ? {} : { remedy }),
    ...(output === '' ? {} : { output }),
    ...(verdict.code === 'updated-by-others' ? { code: verdict.code } : {}),
  }
}

const pullsAgain = (services: readonly string[]): string =>
  `The tag in the registry still names the failed image, and ${services.map(name => `\`${name}\``).join(', ')} pulls it at each start (\`pull_policy\`): do not run \`docker compose up -d\` on the server until a good image is pushed.`

/** Returns the services for which Compose pulls the tag that the failed image was pushed to. */
export const pullingServices = ({ facts, envSet }: Pick<Order, 'envSet'> & PolicyFacts): string[] =>
  // If the `.env` chooses the tag, the rollback has restored the previous one.
  Object.keys(envSet).length > 0
    ? []
    : facts.services
        .filter(({ pullPolicy = '' }) => /^(?:always|every_|daily|weekly)/.test(pullPolicy))
        .map(({ name }) => name)

interface PolicyFacts {
  readonly facts: { readonly services: readonly Pick<DeployedService, 'name' | 'pullPolicy'>[] }
}

/** Returns the remedy for the last failure; a verdict of an older version has no code, only a stage. */
function remedyOf({ stage = '', code, second = code }: Verdict, swarm: Where['swarm']): string | undefined {
  if (second !== undefined) return remedyFor(second, swarm)
  return (swarm === undefined ? undefined : swarmRemedies[stage]) ?? stageOf(stage)?.remedy
}
