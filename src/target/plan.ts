import { posix } from 'node:path'
import { type Findings, noFindings } from '../core/findings.ts'
import { isDigest } from '../image/digest.ts'
import { isTag } from '../image/reference.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'
import { lines, list } from '../inputs/lists.ts'
import { boolean, integer, seconds } from '../inputs/values.ts'
import type { PayloadPlan } from '../payload/plan.ts'
import { splitWords } from '../payload/words.ts'
import type { SshPlan } from '../ssh/plan.ts'
import { parseServices, type ServicesPlan } from './services.ts'
import { planSwarm, type SwarmPlan } from './swarm-plan.ts'

/** The requested change on the server. All times are in seconds. */
export interface DeployPlan extends ServicesPlan {
  readonly ssh: SshPlan
  /** An absolute path on the server, or a path relative to the login's home directory. */
  readonly projectDirectory: string
  /** Relative to the project directory, or absolute. Empty: Compose finds its files itself. */
  readonly composeFiles: readonly string[]
  /** Env files for Compose's interpolation, relative to the project directory or absolute. Empty: its `.env`. */
  readonly composeEnvFiles: readonly string[]
  /** Remove the containers of services that are no longer in the compose files. */
  readonly removeOrphans: boolean
  /** Undefined: Compose derives the name. */
  readonly projectName: string | undefined
  readonly waitTimeout: number
  readonly stability: number
  readonly rollback: boolean
  /** `previous`, or a digest or tag from the server's history; undefined: deploy the pushed image. */
  readonly rollbackTo: string | undefined
  readonly lockTimeout: number
  /** How Slipway replaces the services. */
  readonly strategy: (typeof strategies)[number]
  /** How long requests in progress may take before the old container, which gets no new ones, is stopped. */
  readonly drain: number
  /** How the proxy learns to drop an old container: by its health check, a command in it (split into words), or `none`. */
  readonly withdraw: 'health' | 'none' | readonly string[]
  /** A command for `sh` on the server that makes the proxy resolve its upstream addresses again; empty: none. */
  readonly proxyReload: string
  /** Volumes that two copies of a service may write to at once: a name, or a path on the server or in the container. */
  readonly overlap: readonly string[]
  readonly keepReleases: number
  /** Log in to the registry on the server for the pull. */
  readonly serverLogin: boolean
  /** The Swarm to deploy to; undefined if the server is a Compose host. */
  readonly swarm?: SwarmPlan
  /** Files, settings and hooks that travel with the image; undefined: none. */
  readonly payload?: PayloadPlan
}

/**
 * Parses the inputs of a deploy. Problems go to the findings; the plan must not be used if there are any. Without an
 * SSH plan it checks the inputs too and returns undefined, so that all problems are reported together.
 */
export function planDeploy(inputs: Inputs, ssh: SshPlan, findings: Findings): DeployPlan
export function planDeploy(
  inputs: Inputs,
  ssh: SshPlan | undefined,
  findings: Findings,
): DeployPlan | undefined
export function planDeploy(
  inputs: Inputs,
  ssh: SshPlan | undefined,
  findings: Findings,
): DeployPlan | undefined {
  const swarm = planSwarm(inputs, findings)
  const plan = {
    projectDirectory: planDirectory(inputs['project-directory'], findings),
    ...planServices(inputs, swarm, findings),
    removeOrphans: planOrphans(inputs, findings),
    composeFiles: lines(inputs['compose-files']),
    composeEnvFiles: lines(inputs['compose-env-files']).map(file => posix.normalize(file)),
    projectName: planName(inputs['project-name'], findings),
    waitTimeout: seconds(inputs, 'wait-timeout', findings, { fallback: 120, min: 1, max: hours(2) }),
    stability: seconds(inputs, 'stability', findings, { fallback: 10, max: hours(1) }),
    rollback: boolean(inputs, 'rollback', findings, true),
    rollbackTo: planRollback(inputs['rollback-to'], findings),
    lockTimeout: seconds(inputs, 'lock-timeout', findings, { fallback: 600, max: hours(6) }),
    strategy: planStrategy(inputs.strategy, findings),
    drain: seconds(inputs, 'drain', findings, { fallback: 10, max: hours(1) }),
    withdraw: planWithdrawal(inputs.withdraw, findings),
    proxyReload: planReload(inputs['proxy-reload'], findings),
    overlap: list(inputs.overlap, 'overlap', findings),
    keepReleases: integer(inputs, 'keep-releases', findings, { fallback: 3, max: 1000 }),
    serverLogin: boolean(inputs, 'server-login', findings, true),
    ...(swarm === undefined ? {} : { swarm }),
  }
  checkTimes(plan, findings)
  return ssh === undefined ? undefined : { ssh, ...plan }
}

/** Returns hours in seconds. The upper limits stay within the 6 hours that a job on a hosted runner may take. */
const hours = (count: number): number => count * 3600

function missing(input: InputName, remedy: string, { problems }: Findings): void {
  problems.push({ input, cause: `\`${input}\` is not set, but a deploy needs it.`, remedy })
}

/** Returns the project directory. `~/app` and `app` mean the same, as a session starts in the login's home directory. */
function planDirectory(text: string, findings: Findings): string {
  if (text === '') {
    missing('project-directory', 'Name the directory of the compose file on the server.', findings)
  } else if (/^~[^/]/.test(text) || /[\r\n]/.test(text)) {
    findings.problems.push({
      input: 'project-directory',
      cause: `\`project-directory\` is \`${text}\`, which is not a usable path.`,
      remedy: 'Write an absolute path, or a path relative to the home directory of the login.',
    })
  }
  return text.replace(/^~\/*/, '') || '.'
}

/** Parses `service`. It may not name images for a Swarm, or for a rollback, which takes each image from the history. */
function planServices(inputs: Inputs, swarm: SwarmPlan | undefined, findings: Findings): ServicesPlan {
  const services = parseServices(inputs.service, findings)
  const [name] = Object.keys(services.images)
  if (swarm !== undefined && services.whole) missing('service', 'Name the service to update.', findings)
  if (swarm !== undefined && name !== undefined) {
    findings.problems.push({
      input: 'service',
      cause: `\`service\` gives \`${name}\` an image, which Slipway does not support on a Swarm.`,
      remedy: `Deploy it in a separate step, with \`image\` and \`build: false\`.`,
    })
  }
  if (name !== undefined && inputs['rollback-to'] !== '') {
    findings.problems.push({
      input: 'service',
      cause: `\`service\` gives \`${name}\` an image, but \`rollback-to\` takes the image from the server's history.`,
      remedy: 'Remove one of them.',
    })
  }
  return services
}

function planOrphans(inputs: Inputs, findings: Findings): boolean {
  const remove = boolean(inputs, 'remove-orphans', findings, false)
  const whole = parseServices(inputs.service, noFindings()).whole
  if (remove && !whole) {
    findings.problems.push({
      input: 'remove-orphans',
      cause:
        '`remove-orphans` is `true`, but `service` limits the deploy to the services that it names, so Slipway removes nothing.',
      remedy: 'Remove `service` to deploy the whole project, or remove `remove-orphans`.',
    })
  }
  return remove
}

/** Checks the project name: Compose v2 rejects other names, v1 silently changes them. */
function planName(text: string, findings: Findings): string | undefined {
  if (text === '') return undefined
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(text)) {
    findings.problems.push({
      input: 'project-name',
      cause: `\`project-name\` is \`${text}\`, which is not a valid Compose project name.`,
      remedy:
        'A name consists of lower-case letters, digits, `-` and `_`, and begins with a letter or a digit.',
    })
  }
  return text
}

function planRollback(text: string, findings: Findings): string | undefined {
  if (text === '') return undefined
  if (!isTag(text) && !isDigest(text)) {
    findings.problems.push({
      input: 'rollback-to',
      cause: `\`rollback-to\` is \`${text}\`, which is neither \`previous\` nor a digest nor a tag.`,
      remedy: "Write `previous`, or the digest (`sha256:…`) or tag of a release in the server's history.",
    })
  }
  return text
}

const strategies = ['recreate', 'relay', 'start-first', 'auto'] as const

function planStrategy(text: string, findings: Findings): DeployPlan['strategy'] {
  const strategy = strategies.find(name => name === (text || 'recreate'))
  if (strategy !== undefined) return strategy
  findings.problems.push({
    input: 'strategy',
    cause: `\`strategy\` is \`${text}\`, which is not a strategy.`,
    remedy: 'Write `recreate`, `relay`, `start-first` or `auto`.',
  })
  return 'recreate'
}

function planWithdrawal(text: string, findings: Findings): DeployPlan['withdraw'] {
  if (text === '' || text === 'health') return 'health'
  if (text === 'none') return text
  const words = splitWords(text) ?? []
  if (words.length > 0 && !words.some(word => /[\r\n\x1f]/.test(word))) return words
  findings.problems.push({
    input: 'withdraw',
    cause: `\`withdraw\` is \`${text}\`, which is not a command on one line.`,
    remedy:
      'Write `health`, `none`, or a command that exists in the old container. Put words that contain blanks in quotes.',
  })
  return 'health'
}

function planReload(text: string, findings: Findings): string {
  const [line = '', ...more] = lines(text)
  if (more.length > 0)
    findings.problems.push({
      input: 'proxy-reload',
      cause: '`proxy-reload` has several lines.',
      remedy: 'Write one line for `sh` on the server; join commands with `&&`.',
    })
  return line
}

/** Rejects a `stability` that is not shorter than `wait-timeout`: no release could pass. */
function checkTimes(
  { stability, waitTimeout }: Pick<DeployPlan, 'stability' | 'waitTimeout'>,
  findings: Findings,
): void {
  if (stability < waitTimeout) return
  findings.problems.push({
    input: 'wait-timeout',
    cause: `\`wait-timeout\` is ${waitTimeout} s, but a release must stay up for \`stability\`, ${stability} s: no release could pass.`,
    remedy: 'Set `wait-timeout` to more than `stability` plus the time that the service takes to start.',
  })
}
