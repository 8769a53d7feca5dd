import type { Run } from '../../core/command.ts'
import type { Problem } from '../../core/errors.ts'
import { type Findings, noFindings } from '../../core/findings.ts'
import { type Answer, ask, isProblem } from '../compose-host/answer.ts'
import { parseState, stateScript } from '../compose-host/containers.ts'
import type { Project, TargetFacts, Tools } from '../compose-host/facts.ts'
import { overtaken, type RunIdentity } from '../compose-host/history.ts'
import type { Preflight } from '../compose-host/preflight.ts'
import {
  type Release,
  settlesFirst,
  stateProblems,
  unknownRelease,
  warnOfServer,
} from '../compose-host/release.ts'
import { findTools } from '../compose-host/tools.ts'
import { lockedFiles } from '../compose-host/writable.ts'
import type { DeployPlan } from '../plan.ts'
import type { DeployedService, RunningImage } from '../service.ts'
import { fullName, stateName } from '../swarm-plan.ts'
import { parseSwarm, type SwarmFacts, type SwarmService } from './facts.ts'
import { readFiles, type StackFiles, type SwarmDeployPlan } from './files.ts'
import {
  checkServices,
  missingServices,
  type PlannedService,
  pinServices,
  plannedServices,
  repositoryOf,
} from './rules.ts'
import type { StackService } from './stack-file.ts'
import swarmScript from './swarm-probe.sh'

export const isForSwarm = (plan: DeployPlan): plan is SwarmDeployPlan => plan.swarm !== undefined

/** Checks a manager, and whether the release can run in its swarm. Takes three round trips and changes nothing. */
export async function preflightSwarm(
  { run }: { readonly run: Run },
  plan: SwarmDeployPlan,
  release: Release | undefined | Promise<Release | undefined>,
  identity: RunIdentity,
): Promise<Preflight> {
  const findings = noFindings()
  const reading = await readSwarm(run, plan, findings)
  const expected = await release
  if (reading === undefined) return { facts: undefined, release: undefined, findings }
  const { facts, planned, stack, swarm } = reading
  const pushed = expected?.references ?? planned.flatMap(repositoryOf)
  const pinned = pinServices(planned, pushed)
  const checked = checkServices(planned, stack, swarm, plan.swarm, expected?.platforms ?? [])
  findings.problems.push(
    ...missingServices(plan.services, stack, swarm),
    ...pinned.problems,
    ...checked.problems,
    ...stateProblems(facts, {}),
    ...lockedFiles(facts, plan),
    ...(expected === undefined
      ? facts.services.flatMap(
          service => unknownRelease(service, facts.project, plan.rollbackTo ?? 'previous') ?? [],
        )
      : plan.payload?.allowOlder === true
        ? []
        : overtaken(facts.services, facts.project, identity, new Date())),
  )
  findings.warnings.push(
    ...warnOfServer(facts.tools, expected?.size),
    ...(facts.project.unfinished ? [settlesFirst] : []),
    ...(expected === undefined ? [] : pinned.warnings),
    ...checked.warnings,
  )
  return { facts, release: { pins: pinned.pins, envSet: {} }, findings }
}

interface Reading {
  readonly facts: TargetFacts
  readonly planned: readonly PlannedService[]
  readonly stack: readonly StackService[] | undefined
  readonly swarm: SwarmFacts
}

async function readSwarm(run: Run, plan: SwarmDeployPlan, findings: Findings): Promise<Reading | undefined> {
  const tools = await findTools(run, { compose: false })
  if (Array.isArray(tools)) {
    findings.problems.push(...tools)
    return undefined
  }
  const files = await readFiles(run, tools as Tools, plan, findings)
  if (files === undefined) return undefined
  const { directory, stack } = files
  const names = [...new Set([...plan.services, ...(stack ?? []).map(({ name }) => name)])].map(name =>
    fullName(plan.swarm, name),
  )
  const answer = await ask(run, {
    script: stateScript + swarmScript,
    args: [
      stateName(plan.swarm),
      directory,
      plan.swarm.stack ?? '-',
      String(names.length),
      ...names,
      ...(tools as Tools).docker,
    ],
    timeout: 120_000,
  })
  const swarm = isProblem(answer) ? answer : parseSwarm(answer, plan.swarm.stack)
  if (isProblem(answer) || isProblem(swarm)) {
    findings.problems.push(swarm as Problem)
    return undefined
  }
  const planned = plannedServices(plan.services, stack, swarm)
  const project = projectOf(files, answer, plan)
  const facts: TargetFacts = {
    tools: tools as Tools,
    project,
    services: planned.map(deployed),
    swarm: { ...swarm, images: (stack ?? []).flatMap(({ image }) => image ?? []) },
  }
  return { facts, planned, stack, swarm }
}

function projectOf(files: StackFiles, answer: Answer, plan: SwarmDeployPlan): Project {
  const { directory, writable, missing, settings, locked, paths } = files
  const state = parseState(answer)
  return {
    name: stateName(plan.swarm),
    givenName: undefined,
    directory,
    base: directory,
    writable,
    ...(missing ? { missing: true } : {}),
    ...state,
    stateWritable: missing ? writable : state.stateWritable,
    files: paths,
    composeFiles: paths,
    partFiles: [],
    envFile: undefined,
    envFiles: [],
    ...(settings === undefined ? {} : { settings }),
    ...locked,
    variables: [],
  }
}

const deployed = ({ name, image, declared, running }: PlannedService): DeployedService => ({
  name,
  reference: image,
  replicas: declared?.replicas ?? running?.replicas ?? 1,
  oneShot: declared?.oneShot ?? false,
  hasHealthcheck: (declared ?? running)?.hasHealthcheck ?? false,
  containers: running === undefined ? [] : running.tasks.map(task => imageOf(running, task)),
})

function imageOf(
  { image }: SwarmService,
  { id, name, state, node }: SwarmService['tasks'][number],
): RunningImage {
  const exact = exactOf(image)
  return {
    id,
    name: `${name} on ${node}`,
    state: /^running/i.test(state) ? 'running' : 'created',
    reference: image,
    imageId: exact === undefined ? image : exact.slice(exact.indexOf('@') + 1),
    repoDigests: exact === undefined ? [] : [exact],
  }
}

/** Returns `repo@sha256:…` for `repo:tag@sha256:…`; undefined without a digest. */
function exactOf(image: string): string | undefined {
  const [name = '', digest] = image.split('@')
  if (digest === undefined) return undefined
  return `${name.replace(/:[^:/]+$/, '')}@${digest}`
}
