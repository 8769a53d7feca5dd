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

/** The change on the server, as it is asked for. Times are in seconds. */
export interface DeployPlan extends ServicesPlan {
  readonly ssh: SshPlan
  /** An absolute path on the server, or one relative to the login's home. */
  readonly projectDirectory: string
  /** Relative to the project directory, or absolute. Empty: what Compose itself would find. */
  readonly composeFiles: readonly string[]
  /** The same, of the env files that Compose interpolates from. Empty: its `.env`. */
  readonly composeEnvFiles: readonly string[]
  /** Remove the containers of services that the compose files do not have any more. */
  readonly removeOrphans: boolean
  /** Undefined: what Compose itself would take. */
  readonly projectName: string | undefined
  readonly waitTimeout: number
  readonly stability: number
  readonly rollback: boolean
  /** `previous`, a digest or a tag of the server's history; undefined: deploy what was pushed. */
  readonly rollbackTo: string | undefined
  readonly lockTimeout: number
  /** How the services are replaced. */
  readonly strategy: (typeof strategies)[number]
  /** For what is under way where no new request is sent any more. */
  readonly drain: number
  /** How an old container is taken from its proxy: by its health, by a command in it (its words), or not at all. */
  readonly withdraw: 'health' | 'none' | readonly string[]
  /** A command for `sh` on the server that makes the proxy resolve its addresses again; empty: none. */
  readonly proxyReload: string
  /** Volumes that two copies of a service may write to at once: a name, a path on the server, or one in the container. */
  readonly overlap: readonly string[]
  readonly keepReleases: number
  /** Log in to the registry on the server for the pull. */
  readonly serverLogin: boolean
  /** Undefined: the server is a Compose host. */
  readonly swarm?: SwarmPlan
  /** What travels with the image; undefined: nothing. */
  readonly bring?: PayloadPlan
}

/**
 * Reads what is asked of the server. What is wrong goes to the findings, and the plan is then not to be used. Also
 * where the server itself cannot be planned, so that all that is wrong is told at once.
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

/** As long as a job on a hosted runner may last. */
const hours = (count: number): number => count * 3600

function missing(input: InputName, remedy: string, { problems }: Findings): void {
  problems.push({ input, cause: `\`${input}\` is not given, and \`ssh-host\` asks for a deploy.`, remedy })
}

/** `~/app` is relative to the login's home, as is `app`: where the login begins. */
function planDirectory(text: string, findings: Findings): string {
  if (text === '') {
    missing('project-directory', 'Name the directory of the compose file on the server.', findings)
  } else if (/^~[^/]/.test(text) || /[\r\n]/.test(text)) {
    findings.problems.push({
      input: 'project-directory',
      cause: `\`project-directory\` is \`${text}\`, which is not a usable path.`,
      remedy: 'Write an absolute path, or one relative to the home directory of the login.',
    })
  }
  return text.replace(/^~\/*/, '') || '.'
}

/** A rollback takes each image from the history. */
function planServices(inputs: Inputs, swarm: SwarmPlan | undefined, findings: Findings): ServicesPlan {
  const services = parseServices(inputs.service, findings)
  const [name] = Object.keys(services.images)
  if (swarm !== undefined && services.whole) missing('service', 'Name the service to update.', findings)
  if (swarm !== undefined && name !== undefined) {
    findings.problems.push({
      input: 'service',
      cause: `\`service\` gives \`${name}\` an image, which has no meaning on a Swarm.`,
      remedy: `Deploy it by a step of its own, with \`image\` and \`build: false\`.`,
    })
  }
  if (name !== undefined && inputs['rollback-to'] !== '') {
    findings.problems.push({
      input: 'service',
      cause: `\`service\` gives \`${name}\` an image, and \`rollback-to\` takes it from the history of the server.`,
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
      cause: '`remove-orphans` is `true`, and `service` names services: nothing else is touched.',
      remedy: 'Leave out `service` to deploy the whole project, or leave out `remove-orphans`.',
    })
  }
  return remove
}

/** v2 refuses other names, v1 changes them silently. */
function planName(text: string, findings: Findings): string | undefined {
  if (text === '') return undefined
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(text)) {
    findings.problems.push({
      input: 'project-name',
      cause: `\`project-name\` is \`${text}\`, which is not a valid Compose project name.`,
      remedy: 'A name has lower-case letters, digits, `-` and `_`, and begins with a letter or a digit.',
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
      remedy:
        'Write `previous`, or the digest (`sha256:…`) or the tag of a release in the history of the server.',
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
    cause: `\`withdraw\` is \`${text}\`, which is no command on one line.`,
    remedy:
      'Write `health`, `none`, or a command that the old container has, with quotes around words that contain blanks.',
  })
  return 'health'
}

function planReload(text: string, findings: Findings): string {
  const [line = '', ...more] = lines(text)
  if (more.length > 0)
    findings.problems.push({
      input: 'proxy-reload',
      cause: '`proxy-reload` has several lines.',
      remedy: 'Write one line for the shell of the server; join commands with `&&`.',
    })
  return line
}

/** A window that is longer than the wait could never pass. */
function checkTimes(
  { stability, waitTimeout }: Pick<DeployPlan, 'stability' | 'waitTimeout'>,
  findings: Findings,
): void {
  if (stability < waitTimeout) return
  findings.problems.push({
    input: 'wait-timeout',
    cause: `\`wait-timeout\` is ${waitTimeout} s, and a release must stay up for \`stability\`, ${stability} s: it cannot.`,
    remedy: 'Give `wait-timeout` more than `stability`, with the time that the service takes to start.',
  })
}
