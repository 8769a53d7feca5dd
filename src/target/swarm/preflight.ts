import { posix } from 'node:path'
import type { Run } from '../../core/command.ts'
import { lastLines, type Problem } from '../../core/errors.ts'
import { type Findings, noFindings } from '../../core/findings.ts'
import settingsScript from '../../deploy/agent/settings.sh'
import { parseReference, type Reference } from '../../image/reference.ts'
import { brings } from '../../payload/plan.ts'
import { type Answer, ask, isProblem, type Question } from '../compose-host/answer.ts'
import { parseState, stateScript } from '../compose-host/containers.ts'
import type { ContainerFacts, Project, ServerFacts, ServiceFacts, Tools } from '../compose-host/facts.ts'
import { overtaken, type RunIdentity } from '../compose-host/history.ts'
import type { Preflight } from '../compose-host/preflight.ts'
import { type Release, stateProblems, unknownRelease, warnOfServer } from '../compose-host/release.ts'
import { askSketch } from '../compose-host/sketch.ts'
import { findTools } from '../compose-host/tools.ts'
import { lockedFiles, lockedUploadsOf } from '../compose-host/writable.ts'
import type { DeployPlan } from '../plan.ts'
import { fullName, type SwarmPlan, stateName } from '../swarm-plan.ts'
import environmentScript from './agent/environment.sh'
import { parseSwarm, type SwarmFacts, type SwarmService } from './facts.ts'
import { checkServices, missingServices, pinServices, type Wanted, wantedServices } from './rules.ts'
import { bareVariables, ignoredKeys, readStack, type StackService } from './stack-file.ts'
import stackScript from './stack-question.sh'
import swarmScript from './swarm-question.sh'

/** The plan of a deploy to a Swarm. */
type SwarmDeployPlan = DeployPlan & { readonly swarm: SwarmPlan }

export const isForSwarm = (plan: DeployPlan): plan is SwarmDeployPlan => plan.swarm !== undefined

/** Looks at a manager, and at whether what will be pushed can run in its swarm: three round trips, nothing changed. */
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
  const { facts, wanted, stack, swarm } = reading
  const pushed = expected?.references ?? wanted.flatMap(({ image }) => referenceOf(image))
  const pinned = pinServices(wanted, pushed)
  const checked = checkServices(wanted, stack, swarm, plan.swarm, expected?.platforms ?? [])
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
      : plan.bring?.allowOlder === true
        ? []
        : overtaken(facts.services, facts.project, identity, new Date())),
  )
  findings.warnings.push(
    ...warnOfServer(facts.tools, expected?.size),
    ...(facts.project.unfinished
      ? ['An earlier deploy was cut off half-way: it is brought to an end first.']
      : []),
    ...(expected === undefined ? [] : pinned.warnings),
    ...checked.warnings,
  )
  return { facts, release: { pins: pinned.pins, envSet: {} }, findings }
}

const referenceOf = (image: string): Reference[] => {
  const reference = parseReference(image)
  return 'reason' in reference ? [] : [reference]
}

interface Reading {
  readonly facts: ServerFacts
  readonly wanted: readonly Wanted[]
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
    patience: 120_000,
  })
  const swarm = isProblem(answer) ? answer : parseSwarm(answer, plan.swarm.stack)
  if (isProblem(answer) || isProblem(swarm)) {
    findings.problems.push(swarm as Problem)
    return undefined
  }
  const wanted = wantedServices(plan.services, stack, swarm)
  const project = projectOf(files, answer, plan)
  const facts: ServerFacts = {
    tools: tools as Tools,
    project,
    services: wanted.map(serviceFacts),
    siblings: [],
    neighbours: [],
    swarm,
  }
  return { facts, wanted, stack, swarm }
}

interface Files {
  readonly directory: string
  readonly writable: boolean
  readonly missing: boolean
  readonly settings: readonly string[] | undefined
  readonly locked: Pick<Project, 'lockedUploads'>
  /** Undefined where no files are given. */
  readonly stack: readonly StackService[] | undefined
  readonly paths: readonly string[]
}

function stackQuestion(tools: Tools, plan: SwarmDeployPlan): Question {
  const { projectDirectory, composeFiles, bring } = plan
  return {
    script: environmentScript + stackScript,
    args: [
      projectDirectory,
      bring?.envFile ?? '.env',
      plan.swarm.stack ?? '-',
      String(composeFiles.length),
      ...composeFiles,
      ...tools.docker,
    ],
    patience: 120_000,
  }
}

/** With what is brought, where anything is. */
async function readFiles(
  run: Run,
  tools: Tools,
  plan: SwarmDeployPlan,
  findings: Findings,
): Promise<Files | undefined> {
  const question = stackQuestion(tools, plan)
  const { bring } = plan
  const answer =
    bring !== undefined && brings(bring)
      ? await askSketch(run, question, bring, false)
      : await ask(run, { ...question, script: settingsScript + question.script })
  if (isProblem(answer)) {
    findings.problems.push(answer)
    return undefined
  }
  const problem = fileProblem(answer, plan)
  if (problem !== undefined) {
    findings.problems.push(problem)
    return undefined
  }
  const stack = plan.composeFiles.length === 0 ? undefined : await readStack(answer.text('stack'))
  if (plan.composeFiles.length > 0 && stack === undefined) {
    findings.problems.push(unreadable(answer))
    return undefined
  }
  findings.problems.push(...answer.lines('changed.configs').map(changedConfig))
  await warnOfFiles(answer, plan, findings)
  const directory = answer.text('directory')
  return {
    directory,
    writable: answer.has('writable'),
    missing: answer.has('sketch.missing'),
    settings: answer.has('sketch.settings') ? answer.text('sketch.settings').split(', ') : undefined,
    locked: lockedUploadsOf(answer),
    stack,
    paths: plan.composeFiles.map(file => posix.resolve(directory, file)),
  }
}

function fileProblem(
  answer: Answer,
  { projectDirectory, composeFiles }: SwarmDeployPlan,
): Problem | undefined {
  if (!answer.has('directory')) {
    return {
      input: 'project-directory',
      cause: `\`project-directory\` is \`${projectDirectory}\`, which ${answer.has('forbidden') ? 'the login may not enter' : 'is not there'} on the server.`,
      remedy: 'Create it there, or upload the stack file with `files`: then Slipway creates it.',
    }
  }
  if (!answer.has('absent')) return undefined
  return {
    input: 'compose-files',
    cause: `\`compose-files\` names \`${answer.text('absent')}\`, which \`${answer.text('directory')}\` on the server does not have (given: ${composeFiles.join(', ')}).`,
    remedy: `There are: ${answer.lines('listing').join(', ') || 'no files'}. \`files\` uploads it from the repository.`,
  }
}

const changedConfig = (name: string): Problem => ({
  input: 'compose-files',
  cause: `The config \`${name}\` of the stack file is in the swarm with another content, and Swarm lets no config change.`,
  remedy:
    'Name it by its content: `name: nginx_${CONFIG_HASH}` in the stack file, and `CONFIG_HASH` in `env` (recipe `swarm-stack`).',
})

/** Before 23.0 there is no `docker stack config`. */
const unreadable = (answer: Answer): Problem => ({
  input: 'compose-files',
  cause: 'Swarm does not take the stack file: `docker stack config` ends with an error.',
  remedy:
    'Change what it names. A Swarm takes less than Compose does (page `swarm.md`); `docker stack config` needs a docker client of 23.0 or later on the manager.',
  output: lastLines(answer.text('stack.error')),
})

async function warnOfFiles(answer: Answer, plan: SwarmDeployPlan, { warnings }: Findings): Promise<void> {
  const texts = answer.sections.filter(({ name }) => name === 'raw').map(({ lines }) => lines.join('\n'))
  const keys = (await Promise.all(texts.map(ignoredKeys))).flat()
  if (keys.length > 0)
    warnings.push(
      `Swarm ignores ${[...new Set(keys)].map(each => `\`${each}\``).join(', ')} of the stack file.`,
    )
  const known = new Set([...answer.lines('env.names'), ...answer.lines('environment.names')])
  const unset = [...new Set(texts.flatMap(bareVariables))].filter(name => !known.has(name))
  if (unset.length > 0)
    warnings.push(
      `The stack file takes ${unset.map(each => `\`${each}\``).join(', ')}, which \`${plan.bring?.envFile ?? '.env'}\` does not set: Swarm takes nothing for it, without an error.`,
    )
}

function projectOf(files: Files, answer: Answer, plan: SwarmDeployPlan): Project {
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

/** A service of the swarm in the words of a single server: its tasks are its containers. */
const serviceFacts = ({ name, image, declared, running }: Wanted): ServiceFacts => ({
  name,
  reference: image,
  template: undefined,
  builds: false,
  pullPolicy: undefined,
  platform: undefined,
  replicas: declared?.replicas ?? running?.replicas ?? 1,
  profiles: [],
  containerName: undefined,
  networkMode: undefined,
  ports: [],
  restart: undefined,
  oneShot: declared?.oneShot ?? false,
  stopGracePeriod: 10,
  dependsOn: [],
  configHash: undefined,
  sideCars: [],
  volumeSharers: [],
  copies: { ports: [], writes: [], fixedAddress: false, volumesFrom: [] },
  hasHealthcheck: (declared ?? running)?.hasHealthcheck ?? false,
  containers: running === undefined ? [] : running.tasks.map(task => containerOf(running, task)),
})

function containerOf(
  { image }: SwarmService,
  { id, name, state, node }: SwarmService['tasks'][number],
): ContainerFacts {
  const exact = exactOf(image)
  return {
    id,
    name: `${name} on ${node}`,
    state: /^running/i.test(state) ? 'running' : 'created',
    exitCode: 0,
    health: undefined,
    reference: image,
    imageId: exact === undefined ? image : exact.slice(exact.indexOf('@') + 1),
    repoDigests: exact === undefined ? [] : [exact],
    configHash: undefined,
    composeVersion: undefined,
    startedAt: '',
    restartCount: 0,
  }
}

/** `repo@sha256:…` of `repo:tag@sha256:…`. */
function exactOf(image: string): string | undefined {
  const [name = '', digest] = image.split('@')
  if (digest === undefined) return undefined
  return `${name.replace(/:[^:/]+$/, '')}@${digest}`
}
