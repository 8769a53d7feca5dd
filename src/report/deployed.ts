import type { StageTime } from '../core/stages.ts'
import type { Order } from '../deploy/order.ts'
import { isUntouched } from '../deploy/outcome.ts'
import { stageOf } from '../deploy/stages.ts'
import type { ChangedHow, Place, Verdict } from '../deploy/verdict.ts'
import { changeLine, changesOf } from '../target/compose-host/changes.ts'
import type { Lossless, ServiceStrategy, TargetFacts } from '../target/compose-host/facts.ts'
import { digestOf, type ReleaseInfo, releasesOf, versionOf } from '../target/compose-host/history.ts'
import type { DeployReport, ServiceRelease, Spared } from './report.ts'

/** What came of a deploy, for its report. `end` is when the verdict was known, in milliseconds of the epoch. */
export function deployReport(order: Order, target: string, verdict: Verdict, end: number): DeployReport {
  const { project } = order.facts
  const services = order.services.map(service => releaseOf(service, verdict))
  const uploads = uploadsOf(order.payload)
  const made = verdict.kind === 'ok' ? madeOf(order, verdict) : []
  const steps = stepsOf(verdict, end)
  const commit = commitOf(order, services)
  const strategies = strategyLines(order.facts.strategies)
  const spared = sparedOf(order, verdict)
  const others = othersOf(order, verdict)
  return {
    target,
    project: project.name,
    services,
    known: knownOf(order, verdict, end),
    ...(commit === undefined ? {} : { commit }),
    ...(uploads.length === 0 ? {} : { uploads }),
    ...(isUntouched(verdict) ? { untouched: true } : {}),
    ...(made.length === 0 ? {} : { made }),
    ...(strategies.length === 0 ? {} : { strategies }),
    ...(spared.length === 0 ? {} : { spared }),
    ...(others.length === 0 ? {} : { others }),
    ...(verdict.places === undefined ? {} : { places: placesOf(verdict.places) }),
    ...(steps.length === 0 ? {} : { steps }),
  }
}

/** Returns a part for each thing that became of the other services: `created db`, `kept cache, proxy`. */
function othersOf({ facts: { whole } }: Order, { kind, changed = [] }: Verdict): string[] {
  if (kind !== 'ok' || whole === undefined) return []
  const kept = whole.others
    .map(({ name }) => name)
    .filter(name => changed.every(({ service }) => service !== name))
  const groups = [
    ...(['new', 'anew', 'removed'] as const).map(
      how => [howChanged[how], changed.flatMap(each => (each.how === how ? [each.service] : []))] as const,
    ),
    ['kept', kept] as const,
  ]
  return groups.flatMap(([what, names]) => (names.length === 0 ? [] : [`${what} ${names.join(', ')}`]))
}

const howChanged: Readonly<Record<ChangedHow, string>> = {
  new: 'created',
  anew: 'recreated',
  removed: 'removed',
}

/** `web: 2 on sw1, 1 on sw2`. */
const placesOf = (places: readonly Place[]): string[] =>
  [...Map.groupBy(places, ({ service }) => service)].map(
    ([service, each]) => `${service}: ${each.map(({ node, tasks }) => `${tasks} on ${node}`).join(', ')}`,
  )

/** What ran and was touched has lost the requests of some seconds. */
function sparedOf({ facts: { strategies = [] } }: Order, { kind, previous }: Verdict): Spared[] {
  if (kind !== 'ok' && kind !== 'rolled-back') return []
  return strategies.flatMap(({ name, possible }) =>
    possible === undefined || previous[name] === undefined ? [] : [{ name, by: possible }],
  )
}

/** Of a server that could not be reached again: what served there before is known, and no more. */
export const lostReport = ({ services }: Order, before: DeployReport): DeployReport => ({
  ...before,
  services: services.map(({ name, image }) => {
    const previous = before.services.find(each => each.name === name)?.previous
    return {
      name,
      ...(previous === undefined ? {} : { previous }),
      ...(image === undefined ? {} : { wanted: image }),
    }
  }),
})

function releaseOf({ name, image }: Order['services'][number], verdict: Verdict): ServiceRelease {
  const previous = verdict.previous[name]
  const wanted = verdict.wanted?.[name] ?? image
  const serving = verdict.deployed[name]
  return {
    name,
    ...(previous === undefined ? {} : { previous }),
    ...(wanted === undefined ? {} : { wanted }),
    ...(serving === undefined ? {} : { serving }),
  }
}

/** What the history says, and of what is pushed what this run says of itself. */
function knownOf(
  { plan, facts, services, run }: Order,
  { kind }: Verdict,
  end: number,
): Record<string, ReleaseInfo> {
  const before = releasesOf(facts.project.history)
  if (plan.rollbackTo !== undefined) return before
  const version = versionOf(run.tags)
  const own: ReleaseInfo = {
    ...(run.commit === '' ? {} : { commit: run.commit }),
    ...(version === undefined ? {} : { version }),
    run: run.number,
    when: new Date(end).toISOString(),
  }
  const pushed = Object.fromEntries(
    services.flatMap(({ image }) => (image === undefined ? [] : [[digestOf(image), own]])),
  )
  // The same image may run already: only a verified deploy of it is its last one.
  return kind === 'ok' ? { ...before, ...pushed } : { ...pushed, ...before }
}

/** Returns the commit of an earlier release, which the history knows. */
function commitOf({ plan, facts }: Order, services: readonly ServiceRelease[]): string | undefined {
  if (plan.rollbackTo === undefined) return undefined
  const images = new Set(services.flatMap(({ wanted }) => wanted ?? []))
  const commits = facts.project.history.filter(({ image }) => images.has(image)).map(({ commit }) => commit)
  return commits.findLast(commit => commit !== '')
}

const uploadsOf = (payload: Order['payload']): string[] =>
  payload === undefined
    ? []
    : [counted(payload.plan.files.length, 'file'), counted(payload.plan.settings.length, 'variable')].filter(
        text => !text.startsWith('0 '),
      )

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

const madeOf = ({ facts: { project }, services }: Order, verdict: Verdict): string[] => [
  ...(project.missing === true ? [project.directory] : []),
  ...(verdict.made ?? []),
  ...services.map(({ name }) => name).filter(name => verdict.previous[name] === undefined),
]

/** The server's clock is another one: its steps are laid end to end, up to when the verdict was known. */
function stepsOf({ kind, stage: failed, stages }: Verdict, end: number): StageTime[] {
  const first = kind === 'ok' ? -1 : stages.findIndex(({ stage }) => stage === failed)
  let begin = end - stages.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  return stages.map(({ stage, milliseconds }, index) => {
    const step = {
      title: stageOf(stage)?.title ?? stage,
      begin,
      end: begin + milliseconds,
      failed: index === first,
    }
    begin = step.end
    return step
  })
}

/** How the services are replaced, for people: a line for each of which there is something to say. */
export const strategyLines = (strategies: readonly ServiceStrategy[] = []): string[] =>
  strategies.flatMap(({ name, strategy, reason, instead = 'relay' }) => {
    if (strategy !== 'recreate') return [`${name}: ${strategy}: ${how[strategy]}`]
    return reason === undefined ? [] : [`${name}: recreate, not ${instead}: ${reason}`]
  })

const how: Readonly<Record<Lossless, string>> = {
  relay: 'requests go to the new release while the container is replaced',
  'start-first': 'the old container stops once the new one serves',
}

/** What becomes of the services of the whole project that do not run the release: a line for each that may change. */
export const changeLines = ({ whole, tools }: Pick<TargetFacts, 'whole' | 'tools'>): string[] =>
  whole === undefined
    ? []
    : changesOf(whole, tools.composeVersion)
        .filter(({ what }) => what !== 'leave')
        .map(changeLine)
