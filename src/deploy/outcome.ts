import type { Problem } from '../core/errors.ts'
import type { DeployedService } from '../target/service.ts'
import type { Order } from './order.ts'
import { remedyFor } from './reasons.ts'
import { stageOf, swarmRemedies } from './stages.ts'
import type { Verdict, VerdictKind } from './verdict.ts'

type Meaning = VerdictKind | 'left' | 'job' | 'untouched'

/** What each verdict means for the server, in a sentence. */
const meanings: Readonly<Record<Meaning, string>> = {
  ok: 'The new release is running.',
  unchanged: 'Nothing was changed on the server.',
  superseded: 'A newer release is running: nothing was changed on the server.',
  'rolled-back': 'Rolled back: the previous release is running again.',
  removed: 'Removed: no release ran before it, so none is running now.',
  broken: 'The previous release could not be restored either: check the server now.',
  left: 'It was not rolled back, because `rollback` is false: check the server now.',
  job: 'It was not rolled back, because that would run the previous job again: check what the new job has done.',
  untouched:
    'The running containers were not touched, but files or tags that were already changed could not be restored: check the server now.',
}

/** Returns a sentence or two for the user: why the deploy ended, and what the server runs now. */
export function outcomeOf(verdict: Verdict): string {
  const { kind, reason, code } = verdict
  if (kind === 'superseded' && code === 'updated-by-others')
    return `The deploy was overtaken: ${reason}. Slipway did not touch the update of the others.`
  if (kind === 'superseded' && reason !== undefined) return `Superseded: ${reason}, nothing was changed.`
  const meaning = meaningOf(verdict)
  const what =
    meaning === 'unchanged' || meaning === 'untouched' ? 'The deploy stopped' : 'The new release failed'
  return reason === undefined ? meanings[meaning] : `${what}: ${reason}. ${meanings[meaning]}`
}

const meaningOf = (verdict: Verdict): Meaning => (verdict.kind === 'broken' ? broken(verdict) : verdict.kind)

/** Whether the deploy ended before it touched a container, but could not restore a file or a tag. */
export const isUntouched = (verdict: Verdict): boolean => meaningOf(verdict) === 'untouched'

/** If the stage is unknown, the running release may have been touched. */
function broken({ leftInPlace, second, stage = '' }: Verdict): Meaning {
  if (leftInPlace === true) return second === 'job-left' ? 'job' : 'left'
  return stageOf(stage)?.cut === 'undo' ? 'untouched' : 'broken'
}

/** What the text depends on besides the verdict. */
interface Where {
  /** Services whose image Compose pulls at each `up`. */
  readonly pulling?: readonly string[]
  /** On a Swarm, the full names of the deployed services. */
  readonly swarm?: readonly string[] | undefined
}

/** Describes a failed deploy to the user: cause, remedy, and the output of the containers. */
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
  // If `.env` sets the tag, the rollback has already restored the previous one.
  Object.keys(envSet).length > 0
    ? []
    : facts.services
        .filter(({ pullPolicy = '' }) => /^(?:always|every_|daily|weekly)/.test(pullPolicy))
        .map(({ name }) => name)

interface PolicyFacts {
  readonly facts: { readonly services: readonly Pick<DeployedService, 'name' | 'pullPolicy'>[] }
}

/**
 * Returns the remedy for the last failure: by its code, or by the stage in a verdict of an older version, which has
 * no code.
 */
function remedyOf({ stage = '', code, second = code }: Verdict, swarm: Where['swarm']): string | undefined {
  if (second !== undefined) return remedyFor(second, swarm)
  return (swarm === undefined ? undefined : swarmRemedies[stage]) ?? stageOf(stage)?.remedy
}
