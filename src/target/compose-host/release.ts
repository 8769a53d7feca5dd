import { variablesOf } from '../../compose/interpolation.ts'
import type { Problem } from '../../core/errors.ts'
import type { Findings } from '../../core/findings.ts'
import { parseReference, type Reference } from '../../image/reference.ts'
import { pasted } from '../../ssh/remote-command.ts'
import type { DeployedService } from '../service.ts'
import type { NamedImages } from '../services.ts'
import type { HistoryEntry, Project, ServerFacts, ServiceFacts, TargetFacts, Tools } from './facts.ts'
import { type EnvSet, type Pin, pinServices, unpinnable } from './pins.ts'
import { fits } from './platform.ts'
import { checkSiblings } from './siblings.ts'

/** What this run will bring to the server. */
export interface Release {
  /** What is not pushed by this run. */
  readonly named?: NamedImages
  /** Every reference that will be there once the push is done, the most important first. */
  readonly references: readonly Reference[]
  /** Empty: nobody knows yet. */
  readonly platforms: readonly string[]
  /** Bytes of its layers as the registry has them, when an earlier one is known. */
  readonly size: number | undefined
}

/** What the transaction has to do so that the services run the release. */
export interface ReleaseCheck {
  /** One for each service that can run it. */
  readonly pins: readonly Pin[]
  /** What the `.env` file of the project has to say. */
  readonly envSet: EnvSet
  readonly findings: Findings
}

/** Whether what will be pushed can run on this server as its services; pure. */
export function checkRelease(facts: ServerFacts, release: Release): ReleaseCheck {
  const { pins, envSet, problems } = pinServices(
    facts.services,
    facts.project,
    release.references,
    release.named,
  )
  const siblings = checkSiblings(facts, pins, envSet)
  return {
    pins,
    envSet,
    findings: {
      problems: [
        ...problems,
        ...siblings.problems,
        ...platformProblems(facts, release),
        ...diskProblems(facts.tools, release),
        ...stateProblems(facts, envSet),
      ],
      warnings: [
        ...warnOfServer(facts.tools, sizeOf(release)),
        ...warnOfServices(facts.services, facts.project),
        ...siblings.warnings,
      ],
    },
  }
}

function platformProblems({ tools, services }: ServerFacts, { platforms, named = {} }: Release): Problem[] {
  const platformsOf = ({ name }: ServiceFacts) => named[name]?.platforms ?? platforms
  return services
    .filter(service => platformsOf(service).length > 0)
    .filter(service => !fits(service.platform ?? tools.platform, platformsOf(service)))
    .map(service => platformProblem(service, tools, platformsOf(service)))
    .filter((problem, index, all) => all.findIndex(({ cause }) => cause === problem.cause) === index)
}

function platformProblem(
  { name, platform }: ServiceFacts,
  tools: Tools,
  platforms: readonly string[],
): Problem {
  const wanted = platform ?? tools.platform
  const who = platform === undefined ? 'The server is' : `The service \`${name}\` asks for`
  return {
    input: 'platforms',
    cause: `${who} \`${wanted}\`, and the image is built for ${platforms.map(each => `\`${each}\``).join(', ')} only.`,
    remedy: `Add \`${wanted}\` to \`platforms\`.`,
  }
}

/** All that is pulled, as far as it is known. */
function sizeOf({ size, named = {} }: Release): number | undefined {
  const sizes = [size, ...Object.values(named).map(each => each.size)].filter(each => each !== undefined)
  return sizes.length === 0 ? undefined : sizes.reduce((sum, each) => sum + each, 0)
}

/** What does not even fit packed; how much it takes unpacked is not known before. */
function diskProblems({ freeBytes, dockerRoot }: Tools, release: Release): Problem[] {
  const size = sizeOf(release)
  if (freeBytes === undefined || size === undefined || size < freeBytes) return []
  return [
    {
      cause: `The server has ${megabytes(freeBytes)} free for images (${dockerRoot}), and the image takes ${megabytes(size)} before it is unpacked.`,
      remedy:
        'Free disk space there: `docker system df` shows what Docker uses, `docker image prune` removes unused images.',
    },
  ]
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`

/** Whether the services can take a release of the server's history (`rollback-to`); pure. */
export function checkRollback(facts: ServerFacts, wanted: string): ReleaseCheck {
  const { services, project, tools } = facts
  const problems = services.flatMap(service => [
    unpinnable(service, project),
    unknownRelease(service, project, wanted),
  ])
  const pins = services.flatMap(({ name, reference }) => {
    const pushed = parseReference(reference)
    return 'reason' in pushed ? [] : [{ service: name, reference, pushed }]
  })
  return {
    pins,
    envSet: {},
    findings: {
      problems: [...problems.filter(problem => problem !== undefined), ...stateProblems(facts, {})],
      warnings: [
        ...warnOfServer(tools),
        ...warnOfServices(services, project),
        ...checkSiblings(facts, pins, {}).warnings,
      ],
    },
  }
}

/** What a cut-off deploy left is settled first, and may become history itself. */
export function unknownRelease(
  service: DeployedService,
  { history, unfinished }: Project,
  wanted: string,
): Problem | undefined {
  const releases = history.filter(({ service: name, verdict }) => name === service.name && verdict === 'ok')
  if (unfinished || releases.some(release => isMeant(release, service, wanted))) return undefined
  const known = [...new Set(releases.map(named).reverse())].slice(0, 10)
  return {
    input: 'rollback-to',
    cause: `\`rollback-to\` is \`${wanted}\`, and the history of \`${service.name}\` on the server has no such release.`,
    remedy:
      known.length === 0
        ? 'There is none yet: only what Slipway deployed and verified there can come back.'
        : `There are: ${known.join('; ')}.`,
  }
}

/**
 * Returns the run whose files a rollback restores, as the server names it: of several services, the latest
 * (`came_with` in deploy/agent/history.sh). Undefined where the history does not say it.
 */
export function restoredRun(
  services: readonly DeployedService[],
  { history, unfinished }: Pick<Project, 'history' | 'unfinished'>,
  wanted: string,
): string | undefined {
  if (unfinished) return undefined
  const runs = services.map(service => {
    const own = history.filter(({ service: name, verdict }) => name === service.name && verdict === 'ok')
    const image = own.findLast(release => isMeant(release, service, wanted))?.image
    return own.findLast(release => release.image === image)
  })
  return history.findLast(entry => runs.includes(entry))?.id
}

/** `previous` is the last that is not what runs. */
function isMeant({ image, tags }: HistoryEntry, { containers }: DeployedService, wanted: string): boolean {
  const digest = image.slice(image.indexOf('@') + 1)
  if (wanted.startsWith('sha256:')) return digest.startsWith(wanted)
  if (wanted !== 'previous') return tags.includes(wanted)
  return !containers.some(
    ({ imageId, repoDigests }) => imageId === digest || repoDigests.some(each => each.endsWith(`@${digest}`)),
  )
}

const named = ({ image, tags, when }: HistoryEntry): string =>
  `\`${image.slice(image.indexOf('@') + 1)}\`${tags.length === 0 ? '' : ` (${tags.join(', ')})`} of ${when}`

/** Every user who deploys must be able to write the same lock, record and history, and the `.env` where it changes. */
export function stateProblems({ project, tools }: TargetFacts, envSet: EnvSet): Problem[] {
  const { directory, base, stateWritable, writable, envFile } = project
  const { user } = tools.login
  const state = `${directory}/.slipway`
  const problems: Problem[] = []
  if (!stateWritable) {
    problems.push({
      cause: `\`${user}\` may not write \`${state}\` on the server, where the lock, the record and the history of the deploys are kept.`,
      remedy: `Run \`sudo install -d -o ${user} -m 2770 ${pasted(state)}\` there; for several users, give it a group that they share.`,
    })
  }
  if (!writable && Object.keys(envSet).length > 0) {
    problems.push({
      cause: `\`${user}\` may not write in \`${base}\` on the server, and \`${envFile}\` decides the image.`,
      remedy: `Give the directory to \`${user}\`, or to a group that may write there.`,
    })
  }
  return problems
}

/** What of the server may spoil the deploy; `size` is that of the image in the registry, in bytes. */
export function warnOfServer(tools: Tools, size = 0): string[] {
  const { freeBytes, dockerRoot, killsLeftovers, login } = tools
  const warnings: string[] = []
  if (freeBytes !== undefined && size < freeBytes && freeBytes < size * unpacked + margin) {
    warnings.push(
      `The server has ${megabytes(freeBytes)} free for images (${dockerRoot}): it may be too little.`,
    )
  }
  if (killsLeftovers && tools.escape === undefined) {
    warnings.push(
      `The server ends what a login leaves behind (\`KillUserProcesses=yes\`), so a deploy ends half-way when the connection drops: \`sudo loginctl enable-linger ${login.user}\` there lets it finish.`,
    )
  }
  return warnings
}

/** Layers are packed in the registry; both forms are there at once while they are unpacked. */
const unpacked = 3.5
const margin = 100e6

/** What of the project will not be as one may think. */
const warnOfServices = (services: readonly ServiceFacts[], project: Project): string[] => [
  ...(project.unfinished ? ['An earlier deploy was interrupted: Slipway first completes or undoes it.'] : []),
  ...services.flatMap(service => [
    ...pullPolicy(service),
    ...overridden(service, project),
    ...sideCars(service),
    ...scaled(service),
  ]),
]

/** What a later `docker compose up -d` by hand does to the release; `every_…` is an `always` that waits. */
const policies: Readonly<Record<string, string>> = {
  always: 'asks the registry, and may run another release',
  every: 'may ask the registry, and run another release',
  daily: 'may ask the registry, and run another release',
  weekly: 'may ask the registry, and run another release',
  build: 'builds there, and replaces the release by that',
}

function pullPolicy({ name, pullPolicy: policy = '' }: ServiceFacts): string[] {
  const effect = policies[policy.replace(/_.*/, '')]
  return effect === undefined
    ? []
    : [`The service \`${name}\` has \`pull_policy: ${policy}\`: a later \`docker compose up -d\` ${effect}.`]
}

const overridden = ({ name, template = '' }: ServiceFacts, { variables }: Project): string[] =>
  variablesOf(template)
    .filter(each => variables.some(({ name: own, from }) => own === each && from === 'environment'))
    .map(
      each =>
        `\`${each}\`, which decides the image of \`${name}\`, comes from the environment of the login: another login, or the server itself, may see another value.`,
    )

/** compose#8918, #10997 */
const sideCars = (service: ServiceFacts): string[] =>
  service.sideCars.map(
    other =>
      `\`${other}\` lives in the network of \`${service.name}\` and loses it when that is recreated: \`docker compose up -d --force-recreate ${other}\` afterwards.`,
  )

function scaled({ name, containers, replicas }: ServiceFacts): string[] {
  const running = containers.filter(({ state }) => state === 'running').length
  return running > 1 && running !== replicas
    ? [`\`${name}\` runs ${running} times, and its file asks for ${replicas}: the ${running} are kept.`]
    : []
}
