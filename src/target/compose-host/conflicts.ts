import type { ComposeService, PublishedPort } from '../../compose/config.ts'
import { enabled } from '../../compose/dependencies.ts'
import type { Problem } from '../../core/errors.ts'
import type { DeployPlan } from '../plan.ts'
import type { Unsettled } from './containers.ts'
import type { Tools } from './facts.ts'
import type { ProjectReading } from './project.ts'
import type { OtherContainer, Surroundings } from './surroundings.ts'
import { isV1 } from './tools.ts'

/** The facts that the conflict checks use. */
export interface ConflictFacts {
  readonly tools: Pick<Tools, 'composeVersion' | 'engineVersion' | 'endpoint' | 'swarm'>
  readonly reading: ProjectReading
  readonly surroundings: Surroundings
  readonly unsettled: Unsettled
  readonly plan: Pick<DeployPlan, 'services' | 'waitTimeout'>
  /**
   * Services of the plan that do not run the release. Compose applies them as declared, so their state is not checked.
   */
  readonly others?: readonly string[]
  /** Services that this deploy stops and removes. */
  readonly removed?: readonly string[]
}

/** Finds conflicts that make `up` fail, or a service never healthy, before anything is built. */
export function conflictsOf(facts: ConflictFacts): Problem[] {
  const { reading, plan } = facts
  const planned = plan.services.flatMap(name => {
    const service = reading.config.services[name]
    return service === undefined ? [] : [{ name, service }]
  })
  return [
    ...planned.flatMap(({ name, service }) => [
      ...takenPorts(name, service, facts),
      ...takenName(name, service, facts),
      ...(facts.others?.includes(name) === true
        ? []
        : [...noReplicas(name, service, facts), ...slowHealthcheck(name, service, facts)]),
      ...longName(name, facts),
    ]),
    ...inactiveDependencies(facts),
    ...missingExternals(facts),
  ]
}

/** Finds published ports that are already in use: `up` would fail after it has removed the old container. */
function takenPorts(name: string, { ports }: ComposeService, facts: ConflictFacts): Problem[] {
  const { surroundings, tools } = facts
  const isOwn = replacedBy(facts)
  const running = surroundings.containers.filter(each => each.running)
  const own = running.filter(isOwn)
  const ownPorts = own.flatMap(each => each.ports)
  return ports.flatMap((port): Problem[] => {
    const holder = running.find(each => !isOwn(each) && each.ports.some(bound => overlap(bound, port)))
    if (holder !== undefined)
      return [portTaken(name, port, `the container \`${holder.name}\`${belongs(holder)}`, stop(holder))]
    // The list of sockets is that of the machine that Slipway logs in to; the engine may run on another one.
    if (!tools.endpoint.startsWith('unix:') || ownPorts.some(bound => overlap(bound, port))) return []
    // The listener may be a container of this deploy: docker does not list the ports of one in the host's network.
    if (own.some(each => each.onHost) || !surroundings.listening.some(bound => overlap(bound, port)))
      return []
    const taken = portTaken(name, port, unknownHolder(running, tools), 'Stop it')
    // On a Swarm, the engine itself listens on the ports that services publish.
    return [tools.swarm === true ? taken : { ...taken, remedy: `${taken.remedy} ${ifEngine}` }]
  })
}

/**
 * Reports whether the deploy frees the ports and name of a container: Compose replaces those of the deployed services,
 * and containers that an unsettled deploy left are settled first.
 */
const replacedBy =
  ({ reading, plan, unsettled, removed = [] }: ConflictFacts) =>
  ({ project, service = '', oneOff, shadow }: OtherContainer): boolean =>
    project === reading.project.name &&
    (shadow || (!oneOff && ([...plan.services, ...removed].includes(service) || unsettled.has(service))))

/** Describes what may listen on a port that no container publishes. */
function unknownHolder(running: readonly OtherContainer[], { swarm }: ConflictFacts['tools']): string {
  const onHost = running.filter(each => each.onHost).map(each => `\`${each.name}\``)
  return [
    'another program',
    ...(onHost.length === 0 ? [] : [`a container in the host's network (${onHost.join(', ')})`]),
    ...(swarm === true ? ['a service of the Swarm'] : []),
  ].join(' or ')
}

const portTaken = (
  name: string,
  { port, protocol }: PublishedPort,
  holder: string,
  stopIt: string,
): Problem => ({
  cause: `\`${name}\` publishes port ${port}${protocol === 'tcp' ? '' : `/${protocol}`}, which ${holder} already uses on the server.`,
  remedy: `${stopIt}, or publish another port in \`ports\`; \`sudo ss -l${protocol === 'udp' ? 'u' : 't'}np 'sport = :${port}'\` on the server shows what listens.`,
})

/** https://github.com/moby/libnetwork/issues/1790: an engine that was killed while it started a container. */
const ifEngine =
  'If it is `docker-proxy` or `dockerd`, the engine has kept the port of a removed container: restart the engine.'

const stop = ({ name }: OtherContainer): string => `Stop it (\`docker stop ${name}\`)`

const belongs = ({ project, service }: OtherContainer): string =>
  project === undefined ? '' : ` (service \`${service ?? ''}\` of project \`${project}\`)`

/** Reports whether two ports conflict. A port without an address is published on all addresses. */
const overlap = (one: PublishedPort, other: PublishedPort): boolean =>
  one.port === other.port &&
  one.protocol === other.protocol &&
  (one.ip === undefined || other.ip === undefined || one.ip === other.ip)

/** Finds another container with the name of the new one: `container_name`, or the name that Compose would choose. */
function takenName(name: string, { containerName }: ComposeService, facts: ConflictFacts): Problem[] {
  const { reading, surroundings, tools } = facts
  const project = reading.project.name
  const own = surroundings.containers.filter(
    each => each.project === project && each.service === name && !each.oneOff,
  )
  const isFreed = replacedBy({ ...facts, plan: { ...facts.plan, services: [name] } })
  const separator = isV1(tools) ? '_' : '-'
  const wanted = containerName ?? (own.length > 0 ? undefined : [project, name, '1'].join(separator))
  const holder = surroundings.containers.find(each => each.name === wanted && !isFreed(each))
  if (holder === undefined) return []
  const what = containerName === undefined ? 'creates the container' : 'has `container_name:`'
  return [
    {
      cause: `\`${name}\` ${what} \`${holder.name}\`, a name that ${holder.project === undefined ? 'a container outside any project' : `another container${belongs(holder)}`} already has on the server.`,
      remedy: `Remove that one (\`docker rm -f ${holder.name}\`) or rename it (\`docker rename ${holder.name} NEW\`)${containerName === undefined ? '' : '; without `container_name` Compose chooses a free name'}.`,
    },
  ]
}

/** Finds services with 0 replicas, unless they run: a service that was scaled by hand keeps its containers. */
function noReplicas(
  name: string,
  { replicas }: ComposeService,
  { reading, surroundings, unsettled }: ConflictFacts,
): Problem[] {
  const runs = surroundings.containers.some(
    each => each.running && each.project === reading.project.name && each.service === name && !each.oneOff,
  )
  if (replicas !== 0 || runs || unsettled.has(name)) return []
  return [
    {
      input: 'service',
      cause: `\`${name}\` declares 0 replicas (\`deploy.replicas\` or \`scale\`): nothing would run.`,
      remedy: 'Declare 1 or more, or remove the service from `service`.',
    },
  ]
}

/** Finds healthchecks that first run after `wait-timeout`: until the first check, a container is `starting`. */
function slowHealthcheck(name: string, service: ComposeService, { tools, plan }: ConflictFacts): Problem[] {
  const { interval, startPeriod = 0, startInterval = 5 } = service.healthcheckTimes
  const checksOften = startPeriod > 0 && Number.parseInt(tools.engineVersion, 10) >= 25
  const first = checksOften ? Math.min(startInterval, interval ?? startInterval) : interval
  if (service.healthcheck === 'none' || first === undefined || first < plan.waitTimeout) return []
  return [
    {
      input: 'wait-timeout',
      cause: `The healthcheck of \`${name}\` runs for the first time after ${first} s, but \`wait-timeout\` is ${plan.waitTimeout} s: the service could never become healthy in time.`,
      remedy: `Give it a shorter \`interval\`, or a \`start_period\` with a \`start_interval\` (engine 25 and newer; the server has ${tools.engineVersion}), or set \`wait-timeout: ${Math.ceil(first) + 30}\`.`,
    },
  ]
}

/** The transaction tags each release `slipway/kept:PROJECT.SERVICE.DIGEST`, and a tag has at most 128 characters. */
const longest = 128 - '..'.length - 12

function longName(name: string, { reading }: ConflictFacts): Problem[] {
  const project = reading.project.name
  if (project.length + name.length <= longest) return []
  return [
    {
      input: 'service',
      cause: `The names of the project and the service \`${name}\` have ${project.length + name.length} characters together, but the tag under which Slipway keeps previous releases has room for only ${longest}.`,
      remedy: 'Shorten the name of the service, or set a shorter `project-name`.',
    },
  ]
}

/**
 * Finds dependencies with an inactive profile: Compose rejects a project whose enabled service needs a disabled one.
 */
function inactiveDependencies({ reading, plan }: ConflictFacts): Problem[] {
  const { services } = reading.config
  const isEnabled = enabled(reading.config, plan.services, reading.profiles)
  const reached = new Set(plan.services)
  const problems: Problem[] = []
  for (const name of reached) {
    const { needs = {}, optional = [] } = services[name] ?? {}
    for (const other of Object.keys(needs)) {
      const declared = services[other]
      if (declared === undefined || reached.has(other)) continue
      if (isEnabled(other)) reached.add(other)
      else if (!optional.includes(other)) problems.push(inactive(name, other, declared))
    }
  }
  return problems
}

const inactive = (name: string, other: string, { profiles }: ComposeService): Problem => ({
  cause: `\`${name}\` depends on \`${other}\`, but the profile \`${profiles[0] ?? ''}\` of \`${other}\` is not active: Compose does not start \`${name}\` without it.`,
  remedy: `Activate the profile in the \`.env\` of the project (\`env: COMPOSE_PROFILES=${profiles[0] ?? ''}\`), or write \`required: false\` below \`${other}\` in \`depends_on\`.`,
})

/** Finds missing external networks and volumes of the deployed services and their dependencies. */
function missingExternals({ reading, surroundings, plan, tools }: ConflictFacts): Problem[] {
  const { services, external } = reading.config
  const isEnabled = enabled(reading.config, plan.services, reading.profiles)
  const used = new Set(plan.services)
  for (const name of used)
    for (const other of Object.keys(services[name]?.needs ?? {})) if (isEnabled(other)) used.add(other)
  const missing = (kind: 'networks' | 'volumes', there: readonly string[] | undefined) =>
    [...used].flatMap(service =>
      (services[service]?.[kind] ?? []).flatMap(key => {
        const name = external[kind][key]
        return name === undefined || there === undefined || there.includes(name) ? [] : [{ service, name }]
      }),
    )
  // A Swarm node does not list an overlay network until one of its own containers uses it.
  const networks = tools.swarm === true ? [] : missing('networks', surroundings.networks)
  return distinct([
    ...networks.map(each => missingExternal('network', each)),
    ...missing('volumes', surroundings.volumes).map(each => missingExternal('volume', each)),
  ])
}

const missingExternal = (
  kind: 'network' | 'volume',
  { service, name }: { readonly service: string; readonly name: string },
): Problem => ({
  cause: `\`${service}\` uses the external ${kind} \`${name}\`, which does not exist on the server.`,
  remedy: `Run \`docker ${kind} create ${name}\` there, or start the project that it belongs to.`,
})

const distinct = (problems: readonly Problem[]): Problem[] => [
  ...new Map(problems.map(problem => [problem.remedy, problem])).values(),
]
