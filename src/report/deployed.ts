import type { StageTime } from '../core/stages.ts'
import type { Order } from '../deploy/order.ts'
import { isUntouched } from '../deploy/outcome.ts'
import { stageOf } from '../deploy/stages.ts'
import type { ChangedHow, Place, Verdict } from '../deploy/verdict.ts'
import { changeLine, changesOf } from '../target/compose-host/changes.ts'
import type { Lossless, ServiceStrategy, TargetFacts } from '../target/compose-host/facts.ts'
import { digestOf, type ReleaseInfo, releasesOf, versionOf } from '../target/compose-host/history.ts'
import type { DeployReport, ServiceRelease, StrategyHint } from './report.ts'

/** Builds the report of a deploy. `end` is the time of the verdict, in milliseconds since the epoch. */
export function deployReport(order: Order, target: string, verdict: Verdict, end: number): DeployReport {
  const { project } = order.facts
  const services = order.services.map(service => releaseOf(service, verdict))
  const uploads = uploadsOf(order.payload)
  const created = verdict.kind === 'ok' ? createdOf(order, verdict) : []
  const steps = stepsOf(verdict, end)
  const commit = commitOf(order, services)
  const strategies = strategyLines(usedStrategies(order, verdict))
  const hints = strategyHintsOf(order, verdict)
  const others = othersOf(order, verdict)
  return {
    target,
    project: project.name,
    services,
    known: knownOf(order, verdict, end),
    ...(commit === undefined ? {} : { commit }),
    ...(uploads.length === 0 ? {} : { uploads }),
    ...(isUntouched(verdict) ? { untouched: true } : {}),
    ...(created.length === 0 ? {} : { created }),
    ...(strategies.length === 0 ? {} : { strategies }),
    ...(hints.length === 0 ? {} : { strategyHints: hints }),
    ...(others.length === 0 ? {} : { others }),
    ...(verdict.places === undefined ? {} : { places: placesOf(verdict.places) }),
    ...(steps.length === 0 ? {} : { steps }),
  }
}

/** Groups the services that do not run the release by what happened to them: `created db`, `kept cache, proxy`. */
function othersOf({ facts: { whole } }: Order, { kind, changed = [] }: Verdict): string[] {
  if (kind !== 'ok' || whole === undefined) return []
  const kept = whole.others
    .map(({ name }) => name)
    .filter(name => changed.every(({ service }) => service !== name))
  const groups = [
    ...(['new', 'anew', 'removed'] as const).map(
      how => [changeVerbs[how], changed.flatMap(each => (each.how === how ? [each.service] : []))] as const,
    ),
    ['kept', kept] as const,
  ]
  return groups.flatMap(([verb, names]) => (names.length === 0 ? [] : [`${verb} ${names.join(', ')}`]))
}

const changeVerbs: Readonly<Record<ChangedHow, string>> = {
  new: 'created',
  anew: 'recreated',
  removed: 'removed',
}

/** Renders the nodes of each service's tasks: `web: 2 on sw1, 1 on sw2`. */
const placesOf = (places: readonly Place[]): string[] =>
  [...Map.groupBy(places, ({ service }) => service)].map(
    ([service, each]) => `${service}: ${each.map(({ node, tasks }) => `${tasks} on ${node}`).join(', ')}`,
  )

/** Returns the strategies of the plan, except where the server found that it had to recreate a service. */
const usedStrategies = (
  { facts: { strategies = [] } }: Order,
  { recreated = [] }: Verdict,
): readonly ServiceStrategy[] =>
  strategies.map(planned => {
    const reason = recreated.find(({ service }) => service === planned.name)?.why
    if (reason === undefined || planned.strategy === 'recreate') return planned
    return { name: planned.name, strategy: 'recreate', ports: [], reason, instead: planned.strategy }
  })

/** Lists the running services whose recreate lost some seconds of requests, if another strategy avoids this. */
function strategyHintsOf({ facts: { strategies = [] } }: Order, { kind, previous }: Verdict): StrategyHint[] {
  if (kind !== 'ok' && kind !== 'rolled-back') return []
  return strategies.flatMap(({ name, possible }) =>
    possible === undefined || previous[name] === undefined ? [] : [{ name, strategy: possible }],
  )
}

/** Builds the report for a server that could not be reached again: only the previous releases are known. */
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

/** Returns the releases of the server's history, and this run's data for the pushed images. */
function knownOf(
  { plan, facts, services, run }: Order,
  { kind }: Verdict,
  end: number,
): Record<string, ReleaseInfo> {
  const earlier = releasesOf(facts.project.history)
  if (plan.rollbackTo !== undefined) return earlier
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
  // If the same image was deployed before, this run replaces that entry only if its deploy succeeded.
  return kind === 'ok' ? { ...earlier, ...pushed } : { ...pushed, ...earlier }
}

/** Returns the commit of an earlier release from the server's history; undefined without `rollback-to`. */
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

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Lists what the deploy created: the project directory, networks and volumes, and new services. */
const createdOf = ({ facts: { project }, services }: Order, verdict: Verdict): string[] => [
  ...(project.missing === true ? [project.directory] : []),
  ...(verdict.created ?? []),
  ...services.map(({ name }) => name).filter(name => verdict.previous[name] === undefined),
]

/**
 * Returns the steps on the server with their times. The server's clock may differ from the runner's, so the steps are
 * placed end to end before the time of the verdict.
 */
function stepsOf({ kind, stage: failed, stages }: Verdict, end: number): StageTime[] {
  const failedIndex = kind === 'ok' ? -1 : stages.findIndex(({ stage }) => stage === failed)
  let begin = end - stages.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  return stages.map(({ stage, milliseconds }, index) => {
    const step = {
      title: stageOf(stage)?.title ?? stage,
      begin,
      end: begin + milliseconds,
      failed: index === failedIndex,
    }
    begin = step.end
    return step
  })
}

/** Describes how services are replaced: one line per service that is not recreated, or recreated for a reason. */
export const strategyLines = (strategies: readonly ServiceStrategy[] = []): string[] =>
  strategies.flatMap(({ name, strategy, reason, instead = 'relay' }) => {
    if (strategy !== 'recreate') return [`${name}: ${strategy}: ${explanations[strategy]}`]
    return reason === undefined ? [] : [`${name}: recreate, not ${instead}: ${reason}`]
  })

const explanations: Readonly<Record<Lossless, string>> = {
  relay: 'requests go to the new release while the container is replaced',
  'start-first': 'the old container stops once the new one serves',
}

/** Describes the changes of services that do not run the release, one per line, if the whole project is deployed. */
export const changeLines = ({ whole, tools }: Pick<TargetFacts, 'whole' | 'tools'>): string[] =>
  whole === undefined
    ? []
    : changesOf(whole, tools.composeVersion)
        .filter(({ what }) => what !== 'leave')
        .map(changeLine)
