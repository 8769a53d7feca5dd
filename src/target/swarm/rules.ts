import type { Problem } from '../../core/errors.ts'
import type { Findings } from '../../core/findings.ts'
import { nearest } from '../../core/nearest.ts'
import { normalizePlatform } from '../../image/platform.ts'
import { parseReference, type Reference, repositoryName, sameRepository } from '../../image/reference.ts'
import type { Pin } from '../compose-host/pins.ts'
import { canRun } from '../compose-host/platform.ts'
import { fullName, type SwarmPlan } from '../swarm-plan.ts'
import type { Node, SwarmFacts, SwarmService } from './facts.ts'
import type { StackService } from './stack-file.ts'

/** A service as it will be: as the stack file says, or as it is. */
export interface Wanted {
  /** As `service` names it. */
  readonly name: string
  /** As declared, or as it runs. */
  readonly image: string
  readonly declared: StackService | undefined
  readonly running: SwarmService | undefined
}

/** Joins what the stack file declares with what is there. Services of `service` that are in neither are left out. */
export function wantedServices(
  services: readonly string[],
  stack: readonly StackService[] | undefined,
  facts: SwarmFacts,
): Wanted[] {
  return services.flatMap(name => {
    const declared = stack?.find(each => each.name === name)
    const running = facts.services.find(each => each.name === fullName(facts, name))
    if (stack === undefined ? running === undefined : declared === undefined) return []
    return [{ name, image: declared?.image ?? running?.image ?? '', declared, running }]
  })
}

/** The services of `service` that are not there. */
export function missingServices(
  services: readonly string[],
  stack: readonly StackService[] | undefined,
  facts: SwarmFacts,
): Problem[] {
  const known = stack?.map(({ name }) => name) ?? namesIn(facts)
  return services
    .filter(name => !known.includes(name))
    .map(name => {
      const close = nearest(name, known)
      const where = stack === undefined ? 'the swarm' : 'the stack file'
      return {
        input: 'service',
        cause: `\`service\` is \`${name}\`, and ${where} has no service \`${stack === undefined ? fullName(facts, name) : name}\`.`,
        remedy:
          known.length === 0
            ? 'Create it first, or give the stack file in `compose-files`.'
            : `${close === undefined ? 'Name one of' : `Is \`${close}\` meant? There are`}: ${known.map(each => `\`${each}\``).join(', ')}.`,
      }
    })
}

const namesIn = ({ stack, names }: SwarmFacts): string[] =>
  stack === undefined
    ? [...names]
    : names.filter(name => name.startsWith(`${stack}_`)).map(name => name.slice(stack.length + 1))

/**
 * The repository that a service has its image from, for a rollback, whose digest the history of the server knows: the
 * one that runs is what is gone back from.
 */
export function repositoryOf({ image }: Wanted): Reference[] {
  const reference = parseReference(image)
  if ('reason' in reference) return []
  const { digest: _, ...repository } = reference
  return [repository]
}

/** Finds for each service the pushed repository that it gets its image from; the tag is of no matter. */
export function pinServices(wanted: readonly Wanted[], pushed: readonly Reference[]) {
  const pins: Pin[] = []
  const problems: Problem[] = []
  const warnings: string[] = []
  const repositories = [...new Set(pushed.map(repositoryName))]
  for (const { name, image } of wanted) {
    const reference = parseReference(image)
    const own = 'reason' in reference ? undefined : pushed.find(each => sameRepository(each, reference))
    const [first] = pushed
    if (own !== undefined) pins.push({ service: name, reference: image, pushed: own })
    else if (first !== undefined && repositories.length === 1) {
      pins.push({ service: name, reference: image || '-', pushed: first })
      warnings.push(`\`${name}\` has the image \`${image}\`, and gets \`${repositories[0]}\`.`)
    } else {
      problems.push({
        input: 'image',
        cause: `\`${name}\` has the image \`${image}\`, which is none of those that are pushed: ${repositories.map(each => `\`${each}\``).join(', ')}.`,
        remedy: 'Name its repository in `image`, or one of the pushed ones in the stack file.',
      })
    }
  }
  return { pins, problems, warnings }
}

/** What keeps the release from running, and what would hide that it does not. */
export function checkServices(
  wanted: readonly Wanted[],
  stack: readonly StackService[] | undefined,
  { nodes }: SwarmFacts,
  plan: SwarmPlan,
  platforms: readonly string[],
): Findings {
  const checked = wanted.map(service => ({ ...service, as: service.declared ?? service.running }))
  return {
    problems: checked.flatMap(({ name, as }) =>
      as === undefined
        ? []
        : [...placeProblems(name, as.constraints, nodes, platforms), ...hostPortProblems(name, as)],
    ),
    warnings: [
      ...checked.flatMap(({ name, as }) => (as === undefined ? [] : updateWarnings(name, as))),
      ...(stack ?? []).flatMap(service => scaled(service, plan, wanted)),
      ...(plan.usesJobLogin ? [lent] : []),
    ],
  }
}

const lent =
  'The nodes keep the login of this job for later pulls, and it expires with the job: a task that moves to a node without the image is then rejected. `server-registry-username` and `server-registry-password` give them one that lasts.'

/** The platforms as images name them. */
const platformOf = ({ os, architecture }: Node): string => normalizePlatform(`${os}/${architecture}`)

function placeProblems(
  name: string,
  constraints: readonly string[],
  nodes: readonly Node[],
  platforms: readonly string[],
): Problem[] {
  const alive = nodes.filter(({ status, availability }) => status === 'ready' && availability === 'active')
  const allowed = alive.filter(node => constraints.every(each => meets(node, each)))
  if (allowed.length === 0) {
    return [
      {
        cause: `No node of the swarm that is up can run \`${name}\`${constraints.length === 0 ? '' : `: its constraints are ${constraints.map(each => `\`${each}\``).join(', ')}`}.`,
        remedy:
          '`docker node ls` on the manager lists the nodes; change the constraints, or bring a node back.',
      },
    ]
  }
  if (platforms.length === 0 || allowed.some(node => canRun(platformOf(node), platforms))) return []
  const theirs = [...new Set(allowed.map(platformOf))]
  return [
    {
      input: 'platforms',
      cause: `The nodes that may run \`${name}\` are ${theirs.map(each => `\`${each}\``).join(', ')}, and the image is built for ${platforms.map(each => `\`${each}\``).join(', ')} only.`,
      remedy: `Add ${theirs.map(each => `\`${each}\``).join(', ')} to \`platforms\`.`,
    },
  ]
}

/** Whether a node meets a constraint; one that nothing is known of is met. */
export function meets(node: Node, constraint: string): boolean {
  const [, key = '', operator, value = ''] = /^\s*(\S+?)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? []
  const actual = actualOf(node, key)
  if (operator === undefined || actual === undefined) return true
  return (actual.toLowerCase() === value.toLowerCase()) === (operator === '==')
}

function actualOf(node: Node, key: string): string | undefined {
  const label = /^node\.labels\.(.+)$/.exec(key)?.[1]
  if (label !== undefined) return node.labels[label] ?? ''
  const known: Readonly<Record<string, string>> = {
    'node.id': node.id,
    'node.hostname': node.hostname,
    'node.role': node.role,
    'node.platform.os': node.os,
    'node.platform.arch': node.architecture,
  }
  return known[key]
}

type Shared = Pick<StackService, 'update' | 'hostPorts' | 'hasHealthcheck' | 'replicas'>

/** The new task waits for the port that the old one holds, for ever. */
const hostPortProblems = (name: string, { update, hostPorts }: Shared): Problem[] =>
  update.order === 'start-first' && hostPorts
    ? [
        {
          cause: `\`${name}\` has \`order: start-first\` and publishes a port with \`mode: host\`: the new task would wait for the port that the old one holds.`,
          remedy: 'Use `order: stop-first`, or publish the port with `mode: ingress`.',
        },
      ]
    : []

function updateWarnings(name: string, { update, hasHealthcheck, replicas }: Shared): string[] {
  const warnings: string[] = []
  if (replicas === 0) warnings.push(`\`${name}\` has 0 replicas: nothing of the release can be verified.`)
  if (!hasHealthcheck)
    warnings.push(
      `\`${name}\` declares no healthcheck: unless the image has one, a task that stays up counts as one that works.`,
    )
  if (update.failureAction === 'continue')
    warnings.push(
      `\`${name}\` has \`failure_action: continue\`: Swarm replaces every task by one that fails before Slipway puts them back. Use \`rollback\`.`,
    )
  if (update.maxFailureRatio > 0)
    warnings.push(
      `\`${name}\` has \`max_failure_ratio: ${update.maxFailureRatio}\`: Swarm goes on although tasks fail; Slipway does not take that for a success.`,
    )
  return warnings
}

/** A stack's deploy takes a service that was scaled by hand back to what the file says. */
function scaled(service: StackService, plan: SwarmPlan, wanted: readonly Wanted[]): string[] {
  if (plan.stack === undefined) return []
  const running = wanted.find(({ name }) => name === service.name)?.running
  const declared = service.replicas ?? 1
  if (running?.replicas === undefined || service.mode !== 'replicated' || running.replicas === declared)
    return []
  return [
    `\`${service.name}\` has ${running.replicas} replicas, and its file asks for ${declared}: the deploy sets it to ${declared}.`,
  ]
}
