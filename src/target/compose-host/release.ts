import { variablesOf } from '../../compose/interpolation.ts'
import type { Problem } from '../../core/errors.ts'
import type { Findings } from '../../core/findings.ts'
import { quoteIfNeeded } from '../../core/format-command.ts'
import { parseReference, type Reference } from '../../image/reference.ts'
import type { DeployedService } from '../service.ts'
import type { NamedImages } from '../services.ts'
import type { HistoryEntry, Project, ServerFacts, ServiceFacts, TargetFacts, Tools } from './facts.ts'
import { type EnvSet, type Pin, pinServices, unpinnable } from './pins.ts'
import { canRun } from './platform.ts'
import { checkSiblings } from './siblings.ts'

/** The images that this run deploys. */
export interface Release {
  /** Images that this run does not push. */
  readonly named?: NamedImages
  /** All references that exist after the push, the most important first. */
  readonly references: readonly Reference[]
  /** Empty if not known yet. */
  readonly platforms: readonly string[]
  /**
   * Compressed size of its layers in bytes, as that of an earlier image in the registry; undefined if there is none.
   */
  readonly size: number | undefined
}

/** What the transaction must pin and set so that the services run the release. */
export interface ReleaseCheck {
  /** One pin for each service that can run the release. */
  readonly pins: readonly Pin[]
  /** Variables to set in the `.env` file of the project. */
  readonly envSet: EnvSet
  readonly findings: Findings
}

/** Checks whether the services on this server can run the release; pure. */
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
    .filter(service => !canRun(service.platform ?? tools.platform, platformsOf(service)))
    .map(service => platformProblem(service, tools, platformsOf(service)))
    .filter((problem, index, all) => all.findIndex(({ cause }) => cause === problem.cause) === index)
}

function platformProblem(
  { name, platform }: ServiceFacts,
  tools: Tools,
  platforms: readonly string[],
): Problem {
  const wanted = platform ?? tools.platform
  const subject = platform === undefined ? 'The server is' : `The service \`${name}\` asks for`
  return {
    input: 'platforms',
    cause: `${subject} \`${wanted}\`, but the image is built for ${platforms.map(each => `\`${each}\``).join(', ')} only.`,
    remedy: `Add \`${wanted}\` to \`platforms\`.`,
  }
}

/** Returns the sum of the known sizes of all images to pull, in bytes. */
function sizeOf({ size, named = {} }: Release): number | undefined {
  const sizes = [size, ...Object.values(named).map(each => each.size)].filter(each => each !== undefined)
  return sizes.length === 0 ? undefined : sizes.reduce((sum, each) => sum + each, 0)
}

/** Finds an image that does not fit even compressed; its unpacked size is not known yet. */
function diskProblems({ freeBytes, dockerRoot }: Tools, release: Release): Problem[] {
  const size = sizeOf(release)
  if (freeBytes === undefined || size === undefined || size < freeBytes) return []
  return [
    {
      cause: `The server has ${megabytes(freeBytes)} free for images (${dockerRoot}), but the image takes ${megabytes(size)} even before it is unpacked.`,
      remedy:
        'Free disk space there: `docker system df` shows what Docker uses, `docker image prune` removes unused images.',
    },
  ]
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`

/** Checks whether the services can run the wanted release of the server's history (`rollback-to`); pure. */
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

/**
 * Returns a problem if the history lacks the wanted release; none after an interrupted deploy, which is settled first
 * and may then add its release to the history.
 */
export function unknownRelease(
  service: DeployedService,
  { history, unfinished }: Project,
  wanted: string,
): Problem | undefined {
  const releases = history.filter(({ service: name, verdict }) => name === service.name && verdict === 'ok')
  if (unfinished || releases.some(release => isWanted(release, service, wanted))) return undefined
  const known = [...new Set(releases.map(entryLine).reverse())].slice(0, 10)
  return {
    input: 'rollback-to',
    cause: `\`rollback-to\` is \`${wanted}\`, but the history of \`${service.name}\` on the server has no such release.`,
    remedy:
      known.length === 0
        ? 'The history is empty: you can roll back only to a release that Slipway has deployed and verified there.'
        : `Name one of these: ${known.join('; ')}.`,
  }
}

/**
 * Returns the ID of the run whose files a rollback restores; the latest run if those of several services differ
 * (`came_with` in deploy/agent/history.sh). Undefined if the history does not tell.
 */
export function restoredRun(
  services: readonly DeployedService[],
  { history, unfinished }: Pick<Project, 'history' | 'unfinished'>,
  wanted: string,
): string | undefined {
  if (unfinished) return undefined
  const runs = services.map(service => {
    const own = history.filter(({ service: name, verdict }) => name === service.name && verdict === 'ok')
    const image = own.findLast(release => isWanted(release, service, wanted))?.image
    return own.findLast(release => release.image === image)
  })
  return history.findLast(entry => runs.includes(entry))?.id
}

/** Reports whether `rollback-to` denotes a release; `previous` is the last one that is not running. */
function isWanted({ image, tags }: HistoryEntry, { containers }: DeployedService, wanted: string): boolean {
  const digest = image.slice(image.indexOf('@') + 1)
  if (wanted.startsWith('sha256:')) return digest.startsWith(wanted)
  if (wanted !== 'previous') return tags.includes(wanted)
  return !containers.some(
    ({ imageId, repoDigests }) => imageId === digest || repoDigests.some(each => each.endsWith(`@${digest}`)),
  )
}

const entryLine = ({ image, tags, when }: HistoryEntry): string =>
  `\`${image.slice(image.indexOf('@') + 1)}\`${tags.length === 0 ? '' : ` (${tags.join(', ')})`} of ${when}`

/**
 * Checks that the login may write the lock, record and history, which all deploying users share, and a changed `.env`.
 */
export function stateProblems({ project, tools }: TargetFacts, envSet: EnvSet): Problem[] {
  const { directory, base, stateWritable, writable, envFile } = project
  const { user } = tools.login
  const state = `${directory}/.slipway`
  const problems: Problem[] = []
  if (!stateWritable) {
    problems.push({
      cause: `\`${user}\` may not write to \`${state}\` on the server, where Slipway keeps the lock, record and history of deploys.`,
      remedy: `Run \`sudo install -d -o ${user} -m 2770 ${quoteIfNeeded(state)}\` there; for several users, give it a group that they share.`,
    })
  }
  if (!writable && Object.keys(envSet).length > 0) {
    problems.push({
      cause: `\`${user}\` may not write to \`${base}\` on the server, but this deploy must change \`${envFile}\`, which decides the image.`,
      remedy: `Give \`${user}\`, or a group of that user, write access to the directory.`,
    })
  }
  return problems
}

/**
 * Warns of conditions on the server that may make the deploy fail. `size` is the compressed size of the image in bytes.
 */
export function warnOfServer(tools: Tools, size = 0): string[] {
  const { freeBytes, dockerRoot, killsLeftovers, login } = tools
  const warnings: string[] = []
  if (freeBytes !== undefined && size < freeBytes && freeBytes < size * unpackFactor + reserve) {
    warnings.push(
      `The server has ${megabytes(freeBytes)} free for images (${dockerRoot}), which may not be enough.`,
    )
  }
  if (killsLeftovers && tools.escape === undefined) {
    warnings.push(
      `logind on the server kills the processes of a closed session (\`KillUserProcesses=yes\`), so a lost connection interrupts the deploy. Run \`sudo loginctl enable-linger ${login.user}\` there to let it finish.`,
    )
  }
  return warnings
}

/** Disk use relative to the compressed size: while layers are unpacked, the disk holds both forms. */
const unpackFactor = 3.5
/** In bytes. */
const reserve = 100e6

/** Warns of an earlier deploy that was interrupted. */
export const settlesFirst = 'An earlier deploy was interrupted: Slipway first completes or undoes it.'

/** Warns of service settings whose effect on the deploy may surprise. */
const warnOfServices = (services: readonly ServiceFacts[], project: Project): string[] => [
  ...(project.unfinished ? [settlesFirst] : []),
  ...services.flatMap(service => [
    ...pullPolicy(service),
    ...overridden(service, project),
    ...sideCars(service),
    ...scaled(service),
  ]),
]

/** The effect of a later `docker compose up -d` by hand, by pull policy; `every_…` is an `always` with an interval. */
const policies: Readonly<Record<string, string>> = {
  always: 'asks the registry, and may run another release',
  every: 'may ask the registry, and run another release',
  daily: 'may ask the registry, and run another release',
  weekly: 'may ask the registry, and run another release',
  build: 'builds on the server, and replaces the release by that image',
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
        `\`${each}\`, which decides the image of \`${name}\`, comes from the login's environment: another login, or the server itself, may have another value.`,
    )

/** Warns of side-cars; see compose#8918, #10997. */
const sideCars = (service: ServiceFacts): string[] =>
  service.sideCars.map(
    other =>
      `\`${other}\` uses the network of \`${service.name}\` and loses it when \`${service.name}\` is recreated: run \`docker compose up -d --force-recreate ${other}\` afterwards.`,
  )

function scaled({ name, containers, replicas }: ServiceFacts): string[] {
  const running = containers.filter(({ state }) => state === 'running').length
  return running > 1 && running !== replicas
    ? [
        `\`${name}\` has ${running} running containers, but declares ${replicas}: Slipway keeps all ${running}.`,
      ]
    : []
}
