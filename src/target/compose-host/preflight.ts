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
import { orphansOf, selectServices, servicesOfProject, warnOfPassedOver, wholeProblems } from './whole.ts'
import { lockedFiles } from './writable.ts'

/** The result of the checks before anything is built or changed. */
export interface Preflight {
  /** Undefined where the findings say why nothing more is known. */
  readonly facts: TargetFacts | undefined
  /** What the transaction has to do; undefined as `facts` is. */
  readonly release: Omit<ReleaseCheck, 'findings'> | undefined
  readonly findings: Findings
}

/**
 * Looks at the server, and at whether what will be pushed can run there, or the release of its history that is asked
 * for: three round trips, nothing changed, and all that is wrong at once. Rejects with a Failure when the connection is
 * lost.
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

/** Reads the facts of the server; undefined if it cannot be deployed to, and the findings say why. */
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
  asked: DeployPlan,
  findings: Findings,
  release: Release | undefined | Promise<Release | undefined>,
): Promise<ServerFacts | undefined> {
  const reading = await readProject(run, tools, asked, findings)
  if (reading === undefined) return undefined
  findings.problems.push(...missingServices(reading, asked), ...missingHooks(reading, asked))
  const running = await readContainers(run, tools, reading.project, findings)
  if (running === undefined) return undefined
  const { missing, writable } = reading.project
  const { unfinished, copied, history, verified, lockedCopies, lockedKept } = running
  const stateWritable = missing === true ? writable : running.stateWritable
  const left = { unfinished, copied, history, verified, lockedCopies, lockedKept }
  const project = { ...reading.project, stateWritable, ...left }
  const { services, whole } = await chooseServices({ reading, running, project }, asked, findings, release)
  const others = whole?.others.map(({ name }) => name) ?? []
  const pinned = { ...asked, services: services.map(({ name }) => name) }
  const plan = { ...asked, services: [...pinned.services, ...others] }
  findings.warnings.push(...warnOfHooks(reading, pinned))
  const leaving = whole?.removeOrphans === true ? whole.orphans : []
  const { around, unsettled } = running
  findings.problems.push(...conflictsOf({ tools, reading, around, unsettled, plan, others, leaving }))
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
    neighbours: running.around.containers.flatMap(({ project: other, directory, reference }) =>
      other === undefined || other === project.name ? [] : [{ project: other, directory, reference }],
    ),
    needs,
    ...(whole === undefined ? {} : { whole }),
    strategies,
  }
}

interface Seen {
  readonly reading: ProjectReading
  readonly running: ContainersReading
  readonly project: Project
}

/** The services that are deployed; of the whole project, what this run pushes decides, and the others go with them. */
async function chooseServices(
  { reading, running, project }: Seen,
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
  warnings.push(...warnOfPassedOver(selection))
  const orphans = expected === undefined ? [] : orphansOf(reading, running.containers)
  const { services, others } = selection
  const uploads = plan.payload !== undefined && hasUploads(plan.payload)
  return { services, whole: { others, orphans, removeOrphans: plan.removeOrphans, uploads } }
}
