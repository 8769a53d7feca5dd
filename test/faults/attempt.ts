import { begin, lostOf, outside, shown, type Tally } from '../zero/load.ts'
import { falseReports, mixedReleases, unfinished } from './consistency.ts'
import { type Deployed, deployWithFault, interruptDeploy, logOf, startDeploy } from './deploys.ts'
import { hasLostPort, killForgotten } from './engine-damage.ts'
import type { Fault } from './faults.ts'
import type { Version } from './images.ts'
import { verdictOf, waitForPage, waitUntilIdle } from './judge.ts'
import type { Lane } from './lane.ts'
import type { Event } from './moments.ts'
import { isLossless } from './project.ts'
import { letAnHourPass, residue } from './residue.ts'

/** A fault at a point in a deploy. */
export interface Case {
  readonly event: Event
  readonly fault: Fault
  /** Milliseconds after the event. */
  readonly offset: number
}

export interface Result extends Case {
  /** The event did not happen, so the fault was not injected. */
  readonly missed: boolean
  /** The fault left the engine itself with a lost port or a forgotten container. */
  readonly damaged: boolean
  readonly unreachable: readonly string[]
  /** Differences between what the runs and the history report and the state of the server. */
  readonly contradictions: readonly string[]
  readonly leftovers: readonly string[]
  /** Lost requests. Not counted if the fault took the host or its engine down. */
  readonly lost: readonly string[]
  readonly logs: readonly string[]
}

/** The releases that a lane deploys: healthy ones, and ones that fail. */
export interface Versions {
  readonly good: readonly Version[]
  readonly bad: readonly Version[]
}

/** Deploys with a fault and checks the result. If something is left, the next deploy has to clean it up. */
export async function attempt(lane: Lane, each: Case, versions: Versions, program = ''): Promise<Result> {
  if (!isLossless(lane.options)) return { ...(await runCase(lane, each, versions)), lost: [] }
  const load = await begin([outside(program, `${lane.server.address}:8080`)])
  let tallies: readonly Tally[] = []
  const result = await runCase(lane, each, versions).finally(async () => {
    tallies = await load.end()
  })
  const hasLost = each.fault.away !== true && lostOf(tallies) > 0
  return { ...result, lost: hasLost ? shown(tallies).split('\n') : [] }
}

async function runCase(lane: Lane, each: Case, versions: Versions): Promise<Omit<Result, 'lost'>> {
  const { good } = versions
  await prepare(lane, each)
  const initial = (await lane.page()) ?? ''
  const [interrupted] = others(good, initial)
  if (each.event === 'settle') await interruptDeploy(lane, interrupted)
  const before = (await waitForPage(lane, each.event === 'settle' ? 0 : 10_000)) ?? ''
  // An interrupted deploy may be settled either way, so neither of its two releases may be deployed now: the results
  // could not be distinguished.
  const [first, second] = others(
    good,
    before,
    initial,
    ...(each.event === 'settle' ? [interrupted.page] : []),
  )
  const version = each.event === 'rollback' ? failing(each, versions) : first
  const deployed = await deployWithFault(lane, each, version, second)
  const idle = await waitUntilIdle(lane)
  const mayBeDamaged = idle && each.fault.away === true
  const damaged = mayBeDamaged && (await killForgotten(lane))
  if (mayBeDamaged && (await hasLostPort(lane))) return await restartEngine(lane, each, versions, deployed)
  const now = (await waitForPage(lane, each.fault.away ? 20_000 : 3000)) ?? ''
  const logs = deployed.runs.map(({ run }) => logOf(run))
  const isUnfinished = await unfinished(lane)
  const contradictions = [
    ...(await falseReports(lane, each, deployed, { before, now, all: [...good, ...versions.bad] })),
    // The next deploy settles an unfinished change, unless this action ran to its end and should have done it.
    ...(isUnfinished ? await unsettled(lane, each, deployed) : await mixedReleases(lane, now, deployed)),
  ]
  const after = await deployAgain(lane, versions, isUnfinished)
  return {
    ...each,
    missed: !deployed.injected,
    damaged,
    unreachable: [...(idle ? [] : ['the deploy never ended']), ...(now === '' ? ['no page is served'] : [])],
    contradictions: [...contradictions, ...after.contradictions],
    leftovers: after.leftovers,
    logs: [...logs, ...after.logs],
  }
}

/**
 * Checks that the run reported no success and named the remedy, and that with this remedy, a restart of the engine, the
 * next deploy restores everything.
 */
async function restartEngine(
  lane: Lane,
  each: Case,
  versions: Versions,
  { injected, runs }: Deployed,
): Promise<Omit<Result, 'lost'>> {
  const contradictions: string[] = []
  const logs = runs.map(({ run }) => logOf(run))
  const verdict = await verdictOf(lane, runs[0]?.runId ?? '')
  if (['ok', 'rolled-back'].includes(verdict))
    contradictions.push(`the engine has lost a port, but the history says ${verdict}`)
  if (!logs.some(log => log.includes('restart the engine')))
    contradictions.push('the engine has lost a port, but no run says that it must be restarted')
  await lane.server.stopEngine()
  await lane.server.startEngine()
  const after = await deployAgain(lane, versions, true)
  return {
    ...each,
    missed: !injected,
    damaged: true,
    unreachable: (await waitForPage(lane, 3000)) === undefined ? ['no page is served'] : [],
    contradictions: [...contradictions, ...after.contradictions],
    leftovers: after.leftovers,
    logs: [...logs, ...after.logs],
  }
}

/** Reports an unfinished change, if the action ran to its end and neither settled it nor recorded it as broken. */
async function unsettled(lane: Lane, { fault, event }: Case, { runs }: Deployed): Promise<string[]> {
  if (fault.completes !== true || event === 'settle' || runs.length !== 1) return []
  const verdict = await verdictOf(lane, runs[0]?.runId ?? '')
  return verdict === 'broken' ? [] : [`the history says ${verdict}, but a change is unfinished`]
}

/** Returns two versions other than these. */
function others(good: readonly Version[], ...pages: readonly string[]): [Version, Version] {
  const [first, second] = good.filter(version => !pages.includes(version.page))
  if (first === undefined || second === undefined) throw new Error('three versions are needed')
  return [first, second]
}

/** Chooses a failing version. In each of them, another service fails. */
const failing = ({ offset }: Case, { bad }: Versions): Version => bad[offset % bad.length] as Version

/**
 * Removes the files of earlier runs and, for the event `dependencies`, the dependency, so that it has to be started.
 */
const prepare = async (lane: Lane, { event }: Case): Promise<unknown> =>
  await lane.sh(
    `rm -rf payload/only${event === 'dependencies' ? '; docker rm -f app-db-1' : ''}${lane.options.crowd === true ? crowd : ''}`,
  )

/**
 * Adds containers that do not belong to the release: a second container of the service, which stays dead because the
 * port is taken, and one outside the project whose committed image carries the labels of the service's container.
 */
const crowd = `
docker compose up -d --no-deps --no-recreate --scale web=2 web >/dev/null 2>&1 || :
docker inspect stranger >/dev/null 2>&1 || { docker commit app-web-1 stranger:1 && docker run -d --name stranger --restart always --init stranger:1 sleep 100000; }`

/**
 * The next deploy settles an unfinished change completely, in one direction; this is checked with a deploy that fails,
 * which keeps the settled state. If something is left on the server, a good deploy has to succeed anyway and remove it.
 */
async function deployAgain(lane: Lane, { good, bad }: Versions, isUnfinished: boolean) {
  const contradictions: string[] = []
  const logs: string[] = []
  const deploy = async (version: Version) => {
    const { run } = await startDeploy(lane, version, 'second').ended
    await waitUntilIdle(lane)
    const page = (await waitForPage(lane, 3000)) ?? 'nothing'
    logs.push(logOf(run))
    contradictions.push(...(await mixedReleases(lane, page)).map(line => `after the next deploy ${line}`))
    return { run, page }
  }
  if (isUnfinished) await deploy(bad[0] as Version)
  const registry = `:${lane.registry.port}`
  if ((await residue(lane, registry)).length === 0) return { contradictions, leftovers: [], logs }
  await letAnHourPass(lane)
  const [version] = others(good, (await lane.page()) ?? '')
  const { run, page } = await deploy(version)
  if (run.conclusion !== 'success' || page !== version.page)
    contradictions.push(`the next deploy ended with ${run.conclusion}, and ${page} is served`)
  return { contradictions, leftovers: await residue(lane, registry), logs }
}
