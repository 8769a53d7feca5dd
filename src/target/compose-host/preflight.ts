import { type Dependency, startOrder } from '../../compose/dependencies.ts'
import type { Run } from '../../core/command.ts'
import { type Findings, noFindings } from '../../core/findings.ts'
import { hasUploads } from '../../payload/plan.ts'
import type { DeployPlan } from '../plan.ts'
import { conflictsOf } from './conflicts.ts'
import { type ContainersReading, readContainers } from './containers.ts'
import type { Project, ServerFacts, TargetFacts, Tools } from './facts.ts'
import { overtaken, type RunIdentity } from './history.ts'
import { findDirectory, type ProjectReading, readProject } from './project.ts'
import { checkRelease, checkRollback, type Release, type ReleaseCheck } from './release.ts'
import {
  missingHooks,
  missingServices,
  servicesOf,
  siblingsOf,
  warnOfHooks,
  warnOfRunning,
} from './services.ts'
import { readStrategies } from './strategy.ts'
import { findTools } from './tools.ts'
import {
  orphansOf,
  selectServices,
  servicesOfProject,
  warnOfUnpushed,
  wholeProblems,
} from './whole-project.ts'
import { lockedFiles } from './writable.ts'

/** The result of the checks before anything is built or changed. */
export interface Preflight {
  /** Undefined if the server could not be read; the findings say why. */
  readonly facts: TargetFacts | undefined
  /** The images to pin and variables to set; undefined if `facts` is. */
  readonly release: Omit<ReleaseCheck, 'findings'> | undefined
  readonly findings: Findings
}

/**
 * Checks the server, and whether the pushed image, or the release that `rollback-to` names, can run there. Takes three
 * round trips, changes nothing, and reports all problems together. Rejects with a Failure if the connection is lost.
 */
export async function preflight(
  { run }: { readonly run: Run },
  plan: DeployPlan,
  release: Release | undefined | Promise<Release | undefined>,
  identity: RunIdentity,
): Promise<Preflight> {
  const findings = noFindings()
  const facts = await readServer(run, plan, findings, release)
  const expected = await release
  if (facts === undefined) return { facts, release: undefined, findings }
  const { findings: more, ...check } =
    expected === undefined
      ? checkRollback(facts, plan.rollbackTo ?? 'previous')
      : checkRelease(facts, expected)
  if (expected !== undefined && plan.payload?.allowOlder !== true)
    findings.problems.push(...overtaken(facts.services, facts.project, identity, new Date()))
  findings.problems.push(...more.problems, ...lockedFiles(facts, plan))
  findings.warnings.push(...more.warnings)
  return { facts, release: check, findings }
}

/** Reads the facts of the server; undefined if Slipway cannot deploy to it, and the findings say why. */
async function readServer(
  run: Run,
  plan: DeployPlan,
  findings: Findings,
  release: Release | undefined | Promise<Release | undefined>,
): Promise<ServerFacts | undefined> {
  const tools = await findTools(run)
  if (!Array.isArray(tools)) return readFacts(run, tools as Tools, plan, findings, release)
  findings.problems.push(...tools)
  await findDirectory(run, plan, findings)
  return undefined
}

async function readFacts(
  run: Run,
  tools: Tools,
  requested: DeployPlan,
  findings: Findings,
  release: Release | undefined | Promise<Release | undefined>,
): Promise<ServerFacts | undefined> {
  const reading = await readProject(run, tools, requested, findings)
  if (reading === undefined) return undefined
  findings.problems.push(...missingServices(reading, requested), ...missingHooks(reading, requested))
  const running = await readContainers(run, tools, reading.project, findings)
  if (running === undefined) return undefined
  const { missing, writable } = reading.project
  const { unfinished, copied, history, verified, lockedCopies, lockedKept } = running
  const stateWritable = missing === true ? writable : running.stateWritable
  const state = { unfinished, copied, history, verified, lockedCopies, lockedKept }
  const project = { ...reading.project, stateWritable, ...state }
  const { services, whole } = await chooseServices(
    { reading, running, project },
    requested,
    findings,
    release,
  )
  const others = whole?.others.map(({ name }) => name) ?? []
  const pinned = { ...requested, services: services.map(({ name }) => name) }
  const plan = { ...requested, services: [...pinned.services, ...others] }
  findings.warnings.push(...warnOfHooks(reading, pinned))
  const removed = whole?.removeOrphans === true ? whole.orphans : []
  const { surroundings, unsettled } = running
  findings.problems.push(...conflictsOf({ tools, reading, surroundings, unsettled, plan, others, removed }))
  warnOfRunning(reading, running, plan, findings)
  const { dependencies, waves } = startOrder(reading.config, plan.services, reading.profiles)
  const withPlatform = (need: Dependency): Dependency => ({
    ...need,
    platform: need.platform ?? reading.defaultPlatform,
  })
  const needs = { dependencies: dependencies.map(withPlatform), waves }
  const { strategies, problems } = await readStrategies(run, pinned, { tools, project, services })
  findings.problems.push(...problems)
  return {
    tools,
    project,
    services,
    siblings: siblingsOf(reading, running, plan, needs),
    neighbours: surroundings.containers.flatMap(({ project: other, directory, reference }) =>
      other === undefined || other === project.name ? [] : [{ project: other, directory, reference }],
    ),
    needs,
    ...(whole === undefined ? {} : { whole }),
    strategies,
  }
}

interface ServerReading {
  readonly reading: ProjectReading
  readonly running: ContainersReading
  readonly project: Project
}

/**
 * Chooses the services to deploy; in the whole project, those that run the release, and the others are applied with
 * them.
 */
async function chooseServices(
  { reading, running, project }: ServerReading,
  plan: DeployPlan,
  { problems, warnings }: Findings,
  release: Release | undefined | Promise<Release | undefined>,
): Promise<Pick<ServerFacts, 'services' | 'whole'>> {
  if (!plan.whole) return { services: servicesOf(reading, running, plan) }
  const expected = await release
  const names = servicesOfProject(reading, running.containers, plan)
  const all = servicesOf(reading, running, { ...plan, services: names })
  const selection = selectServices(all, project, plan.services, expected)
  problems.push(...wholeProblems(selection, expected))
  warnings.push(...warnOfUnpushed(selection))
  const orphans = expected === undefined ? [] : orphansOf(reading, running.containers)
  const { services, others } = selection
  const uploads = plan.payload !== undefined && hasUploads(plan.payload)
  return { services, whole: { others, orphans, removeOrphans: plan.removeOrphans, uploads } }
}
