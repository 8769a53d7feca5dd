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

/** A service to deploy, as the stack file declares it, or as it runs. */
export interface PlannedService {
  /** The name in the input `service`. */
  readonly name: string
  /** The declared image, or else the running one. */
  readonly image: string
  readonly declared: StackService | undefined
  readonly running: SwarmService | undefined
}

/**
 * Joins the services of the stack file with the running ones. Skips services that the stack file does not declare, or
 * without one, that do not run.
 */
export function plannedServices(
  services: readonly string[],
  stack: readonly StackService[] | undefined,
  facts: SwarmFacts,
): PlannedService[] {
  return services.flatMap(name => {
    const declared = stack?.find(each => each.name === name)
    const running = facts.services.find(each => each.name === fullName(facts, name))
    if (stack === undefined ? running === undefined : declared === undefined) return []
    return [{ name, image: declared?.image ?? running?.image ?? '', declared, running }]
  })
}

/** Finds services of the input `service` that the stack file, or without one the swarm, does not have. */
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
        cause: `\`service\` is \`${name}\`, but ${where} has no service \`${stack === undefined ? fullName(facts, name) : name}\`.`,
        remedy:
          known.length === 0
            ? 'Create it first, or name the stack file in `compose-files`.'
            : `${close === undefined ? '' : `Did you mean \`${close}\`? `}Set \`service\` to one of its services: ${known.map(each => `\`${each}\``).join(', ')}.`,
      }
    })
}

const namesIn = ({ stack, names }: SwarmFacts): string[] =>
  stack === undefined
    ? [...names]
    : names.filter(name => name.startsWith(`${stack}_`)).map(name => name.slice(stack.length + 1))

/**
 * Returns the repository of a service's image for a rollback, without the digest: that is the running release, which
 * the rollback replaces by a digest from the server's history.
 */
export function repositoryOf({ image }: PlannedService): Reference[] {
  const reference = parseReference(image)
  if ('reason' in reference) return []
  const { digest: _, ...repository } = reference
  return [repository]
}

/** Finds the pushed repository that each service gets its image from, regardless of the tag. */
export function pinServices(planned: readonly PlannedService[], pushed: readonly Reference[]) {
  const pins: Pin[] = []
  const problems: Problem[] = []
  const warnings: string[] = []
  const repositories = [...new Set(pushed.map(repositoryName))]
  for (const { name, image } of planned) {
    const reference = parseReference(image)
    const own = 'reason' in reference ? undefined : pushed.find(each => sameRepository(each, reference))
    const [first] = pushed
    if (own !== undefined) pins.push({ service: name, reference: image, pushed: own })
    else if (first !== undefined && repositories.length === 1) {
      pins.push({ service: name, reference: image || '-', pushed: first })
      warnings.push(
        `\`${name}\` has the image \`${image}\`; this deploy changes it to \`${repositories[0]}\`.`,
      )
    } else {
      problems.push({
        input: 'image',
        cause: `\`${name}\` has the image \`${image}\`, which this run does not push. It pushes ${repositories.map(each => `\`${each}\``).join(', ')}.`,
        remedy: 'Name its repository in `image`, or a pushed one in the stack file.',
      })
    }
  }
  return { pins, problems, warnings }
}

/** Finds settings that keep the release from running, or that would hide that it fails. */
export function checkServices(
  planned: readonly PlannedService[],
  stack: readonly StackService[] | undefined,
  { nodes }: SwarmFacts,
  plan: SwarmPlan,
  platforms: readonly string[],
): Findings {
  const checked = planned.map(service => ({ ...service, settings: service.declared ?? service.running }))
  return {
    problems: checked.flatMap(({ name, settings }) =>
      settings === undefined
        ? []
        : [
            ...placementProblems(name, settings.constraints, nodes, platforms),
            ...hostPortProblems(name, settings),
          ],
    ),
    warnings: [
      ...checked.flatMap(({ name, settings }) =>
        settings === undefined ? [] : updateWarnings(name, settings),
      ),
      ...(stack ?? []).flatMap(service => scaled(service, plan, planned)),
      ...(plan.usesJobLogin ? [loginExpires] : []),
    ],
  }
}

const loginExpires =
  'The nodes keep the registry login of this job for later pulls, but it expires with the job: Swarm then rejects a task that moves to a node without the image. Set `server-registry-username` and `server-registry-password` to a login that lasts.'

/** Returns the platform of a node as images name it. */
const platformOf = ({ os, architecture }: Node): string => normalizePlatform(`${os}/${architecture}`)

function placementProblems(
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
        cause: `No active node of the swarm can run \`${name}\`${constraints.length === 0 ? '' : `: its constraints are ${constraints.map(each => `\`${each}\``).join(', ')}`}.`,
        remedy:
          'Change the constraints, or start or activate a node: `docker node ls` on the manager lists them.',
      },
    ]
  }
  if (platforms.length === 0 || allowed.some(node => canRun(platformOf(node), platforms))) return []
  const nodePlatforms = [...new Set(allowed.map(platformOf))]
  return [
    {
      input: 'platforms',
      cause: `The nodes that may run \`${name}\` are ${nodePlatforms.map(each => `\`${each}\``).join(', ')}, but the image is built for ${platforms.map(each => `\`${each}\``).join(', ')} only.`,
      remedy: `Add ${nodePlatforms.map(each => `\`${each}\``).join(', ')} to \`platforms\`.`,
    },
  ]
}

/** Reports whether a node meets a constraint; an unknown constraint counts as met. */
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

type UpdateSettings = Pick<StackService, 'update' | 'hostPorts' | 'hasHealthcheck' | 'replicas'>

/** Finds host ports with `start-first`: the new task would wait forever for the port that the old one holds. */
const hostPortProblems = (name: string, { update, hostPorts }: UpdateSettings): Problem[] =>
  update.order === 'start-first' && hostPorts
    ? [
        {
          cause: `\`${name}\` has \`order: start-first\` and publishes a port with \`mode: host\`: the new task would wait for the port that the old one holds.`,
          remedy: 'Use `order: stop-first`, or publish the port with `mode: ingress`.',
        },
      ]
    : []

function updateWarnings(name: string, { update, hasHealthcheck, replicas }: UpdateSettings): string[] {
  const warnings: string[] = []
  if (replicas === 0) warnings.push(`\`${name}\` has 0 replicas: Slipway cannot verify the release.`)
  if (!hasHealthcheck)
    warnings.push(
      `\`${name}\` declares no healthcheck: unless the image has one, a task that stays up counts as healthy.`,
    )
  if (update.failureAction === 'continue')
    warnings.push(
      `\`${name}\` has \`failure_action: continue\`: Swarm replaces all tasks by failing ones before Slipway restores them. Use \`rollback\`.`,
    )
  if (update.maxFailureRatio > 0)
    warnings.push(
      `\`${name}\` has \`max_failure_ratio: ${update.maxFailureRatio}\`: Swarm continues although tasks fail, but Slipway does not count that as a success.`,
    )
  return warnings
}

/** Warns that the deploy of a stack resets the replicas of a service that was scaled by hand. */
function scaled(service: StackService, plan: SwarmPlan, planned: readonly PlannedService[]): string[] {
  if (plan.stack === undefined) return []
  const running = planned.find(({ name }) => name === service.name)?.running
  const declared = service.replicas ?? 1
  if (running?.replicas === undefined || service.mode !== 'replicated' || running.replicas === declared)
    return []
  return [
    `\`${service.name}\` has ${running.replicas} replicas, but the stack file declares ${declared}: the deploy sets it to ${declared}.`,
  ]
}
