import { begin, lostOf, outside, shown, type Tally } from '../zero/load.ts'
import type { Fault } from './faults.ts'
import type { Version } from './images.ts'
import { quiet, served, verdictOf } from './judge.ts'
import type { Lane } from './lane.ts'
import type { Event } from './moments.ts'
import { isLossless } from './project.ts'
import { letAnHourPass, residue } from './residue.ts'
import { type Deployed, leaveHalfWay, ship, tale, troubled } from './ship.ts'
import { lies, mixture, unfinished } from './truth.ts'

/** A fault at a moment. */
export interface Case {
  readonly event: Event
  readonly fault: Fault
  /** Milliseconds after the event. */
  readonly offset: number
}

export interface Result extends Case {
  /** The moment never came: nothing was tried. */
  readonly missed: boolean
  readonly unreachable: readonly string[]
  readonly untrue: readonly string[]
  readonly left: readonly string[]
  /** Requests that were lost, where the host and its engine were there all the while. */
  readonly lost: readonly string[]
  readonly logs: readonly string[]
}

/** What the deploys of a lane take from: releases that serve, and some that do not. */
export interface Versions {
  readonly good: readonly Version[]
  readonly bad: readonly Version[]
}

/** Deploys, with a fault at its moment, and looks at what that has left; the next deploy has to put it in order. */
export async function attempt(lane: Lane, each: Case, versions: Versions, program = ''): Promise<Result> {
  if (!isLossless(lane.options)) return { ...(await tried(lane, each, versions)), lost: [] }
  const load = begin([outside(program, `${lane.server.address}:8080`)])
  let tallies: readonly Tally[] = []
  const result = await tried(lane, each, versions).finally(async () => {
    tallies = await load.end()
  })
  const counts = each.fault.away !== true && lostOf(tallies) > 0
  return { ...result, lost: counts ? shown(tallies).split('\n') : [] }
}

async function tried(lane: Lane, each: Case, versions: Versions): Promise<Omit<Result, 'lost'>> {
  const { good } = versions
  await prepare(lane, each)
  const was = (await lane.page()) ?? ''
  const [halfWay] = others(good, was)
  if (each.event === 'settle') await leaveHalfWay(lane, halfWay)
  const before = (await served(lane, each.event === 'settle' ? 0 : 10_000)) ?? ''
  // What is half-way may be settled either way: a deploy of one of the two would be told from it by nobody.
  const [first, second] = others(good, before, was, ...(each.event === 'settle' ? [halfWay.page] : []))
  const version = each.event === 'rollback' ? failing(each, versions) : first
  const deployed = await troubled(lane, each, version, second)
  const over = await quiet(lane)
  const now = (await served(lane, each.fault.away ? 20_000 : 3000)) ?? ''
  const logs = deployed.runs.map(({ run }) => tale(run))
  const half = await unfinished(lane)
  const untrue = [
    ...(await lies(lane, each, deployed, { before, now, all: [...good, ...versions.bad] })),
    // What is half a deploy's is put in order by the next one, where nobody was there to do it.
    ...(half ? await forgotten(lane, each, deployed) : await mixture(lane, now, deployed)),
  ]
  const after = await following(lane, versions, half)
  return {
    ...each,
    missed: !deployed.befallen,
    unreachable: [...(over ? [] : ['it never ended']), ...(now === '' ? ['nothing serves'] : [])],
    untrue: [...untrue, ...after.untrue],
    left: after.left,
    logs: [...logs, ...after.logs],
  }
}

/** A deploy that its action has seen to the end has settled what it left, or says that it could not. */
async function forgotten(lane: Lane, { fault, event }: Case, { runs }: Deployed): Promise<string[]> {
  if (fault.seen !== true || event === 'settle' || runs.length !== 1) return []
  const verdict = await verdictOf(lane, runs[0]?.runId ?? '')
  return verdict === 'broken' ? [] : [`the history says ${verdict}, and a change is left half-way`]
}

/** Two versions that are none of these. */
function others(good: readonly Version[], ...pages: readonly string[]): [Version, Version] {
  const [first, second] = good.filter(version => !pages.includes(version.page))
  if (first === undefined || second === undefined) throw new Error('three versions are needed')
  return [first, second]
}

/** What each of them does not serve by is a service of its own. */
const failing = ({ offset }: Case, { bad }: Versions): Version => bad[offset % bad.length] as Version

/** Files of earlier runs say nothing; a dependency is started where it is missing. */
const prepare = async (lane: Lane, { event }: Case): Promise<unknown> =>
  await lane.sh(
    `rm -rf brought/only${event === 'dependencies' ? '; docker rm -f app-db-1' : ''}${lane.options.crowd === true ? crowd : ''}`,
  )

/** A second container has no port left, and stays dead; an image that was committed carries the labels of its container. */
const crowd = `
docker compose up -d --no-deps --no-recreate --scale web=2 web >/dev/null 2>&1 || :
docker inspect stranger >/dev/null 2>&1 || { docker commit app-web-1 stranger:1 && docker run -d --name stranger --restart always --init stranger:1 sleep 100000; }`

/**
 * What was left half-way is settled by the next deploy, all of it in one direction: one that fails leaves it as it was
 * settled. Where something is left, a good one has to come through all the same, and to remove it.
 */
async function following(lane: Lane, { good, bad }: Versions, half: boolean) {
  const untrue: string[] = []
  const logs: string[] = []
  const deploy = async (version: Version) => {
    const { run } = await ship(lane, version, 'second').shipped
    await quiet(lane)
    const page = (await served(lane, 3000)) ?? 'nothing'
    logs.push(tale(run))
    untrue.push(...(await mixture(lane, page)).map(line => `after the next deploy ${line}`))
    return { run, page }
  }
  if (half) await deploy(bad[0] as Version)
  const registry = `:${lane.registry.port}`
  if ((await residue(lane, registry)).length === 0) return { untrue, left: [], logs }
  await letAnHourPass(lane)
  const [version] = others(good, (await lane.page()) ?? '')
  const { run, page } = await deploy(version)
  if (run.conclusion !== 'success' || page !== version.page)
    untrue.push(`the deploy after it is ${run.conclusion}, and ${page} serves`)
  return { untrue, left: await residue(lane, registry), logs }
}
