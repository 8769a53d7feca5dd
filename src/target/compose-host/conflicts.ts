import type { ComposeService, PublishedPort } from '../../compose/config.ts'
import { enabled } from '../../compose/dependencies.ts'
import type { Problem } from '../../core/errors.ts'
import type { DeployPlan } from '../plan.ts'
import type { Unsettled } from './containers.ts'
import type { Tools } from './facts.ts'
import type { ProjectReading } from './project.ts'
import type { OtherContainer, Surroundings } from './surroundings.ts'
import { isV1 } from './tools.ts'

/** What the checks go by. */
export interface Scene {
  readonly tools: Pick<Tools, 'composeVersion' | 'engineVersion' | 'endpoint' | 'swarm'>
  readonly reading: ProjectReading
  readonly around: Surroundings
  readonly unsettled: Unsettled
  readonly plan: Pick<DeployPlan, 'services' | 'waitTimeout'>
  /** Services of the plan that do not run the release: Compose applies them as declared, so their state is not checked. */
  readonly others?: readonly string[]
  /** Services that this deploy stops and removes. */
  readonly leaving?: readonly string[]
}

/** Finds what would stop `up`, or could never become healthy: all of it can be known before anything is built. */
export function conflictsOf(scene: Scene): Problem[] {
  const { reading, plan } = scene
  const planned = plan.services.flatMap(name => {
    const service = reading.config.services[name]
    return service === undefined ? [] : [{ name, service }]
  })
  return [
    ...planned.flatMap(({ name, service }) => [
      ...takenPorts(name, service, scene),
      ...takenName(name, service, scene),
      ...(scene.others?.includes(name) === true
        ? []
        : [...noReplicas(name, service, scene), ...slowHealthcheck(name, service, scene)]),
      ...longName(name, scene),
    ]),
    ...inactiveDependencies(scene),
    ...missingExternals(scene),
  ]
}

/** Finds published ports that something else holds: `up` would fail after the old container is gone. */
function takenPorts(name: string, { ports }: ComposeService, scene: Scene): Problem[] {
  const { around, tools } = scene
  const isOwn = replacedBy(scene)
  const running = around.containers.filter(each => each.running)
  const own = running.filter(isOwn)
  const ownPorts = own.flatMap(each => each.ports)
  return ports.flatMap((port): Problem[] => {
    const holder = running.find(each => !isOwn(each) && each.ports.some(bound => overlap(bound, port)))
    if (holder !== undefined)
      return [portTaken(name, port, `the container \`${holder.name}\`${belongs(holder)}`, stop(holder))]
    // The sockets are those of the machine that was logged in to; the engine may be on another one.
    if (!tools.endpoint.startsWith('unix:') || ownPorts.some(bound => overlap(bound, port))) return []
    // What listens may be a container of this deploy: docker does not say what one in the host's network listens on.
    if (own.some(each => each.onHost) || !around.listening.some(bound => overlap(bound, port))) return []
    return [portTaken(name, port, unknownHolder(running, tools), 'Stop it')]
  })
}

/**
 * Tells whether a container gives up its ports and its name to the deploy: one that Compose replaces, of any of its
 * services, and what an unsettled deploy left, which is settled before anything else.
 */
const replacedBy =
  ({ reading, plan, unsettled, leaving = [] }: Scene) =>
  ({ project, service = '', oneOff, shadow }: OtherContainer): boolean =>
    project === reading.project.name &&
    (shadow || (!oneOff && ([...plan.services, ...leaving].includes(service) || unsettled.has(service))))

/** Names whatever may listen on a port that no container publishes. */
function unknownHolder(running: readonly OtherContainer[], { swarm }: Scene['tools']): string {
  const onHost = running.filter(each => each.onHost).map(each => `\`${each.name}\``)
  return [
    'a program outside Docker',
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

const stop = ({ name }: OtherContainer): string => `Stop it (\`docker stop ${name}\`)`

const belongs = ({ project, service }: OtherContainer): string =>
  project === undefined ? '' : ` (service \`${service ?? ''}\` of project \`${project}\`)`

/** Without an address a port is taken on all of them. */
const overlap = (one: PublishedPort, other: PublishedPort): boolean =>
  one.port === other.port &&
  one.protocol === other.protocol &&
  (one.ip === undefined || other.ip === undefined || one.ip === other.ip)

/** Checks the name of its container: `container_name`, or the name that Compose would choose. */
function takenName(name: string, { containerName }: ComposeService, scene: Scene): Problem[] {
  const { reading, around, tools } = scene
  const project = reading.project.name
  const own = around.containers.filter(
    each => each.project === project && each.service === name && !each.oneOff,
  )
  const isGivenUp = replacedBy({ ...scene, plan: { ...scene.plan, services: [name] } })
  const separator = isV1(tools) ? '_' : '-'
  const wanted = containerName ?? (own.length > 0 ? undefined : [project, name, '1'].join(separator))
  const holder = around.containers.find(each => each.name === wanted && !isGivenUp(each))
  if (holder === undefined) return []
  const what = containerName === undefined ? 'makes the container' : 'has `container_name:`'
  return [
    {
      cause: `\`${name}\` ${what} \`${holder.name}\`, a name that ${holder.project === undefined ? 'a container outside any project' : `another container${belongs(holder)}`} already has on the server.`,
      remedy: `Remove that one (\`docker rm -f ${holder.name}\`) or rename it (\`docker rename ${holder.name} NEW\`)${containerName === undefined ? '' : '; without `container_name` Compose chooses a free name'}.`,
    },
  ]
}

/** A service that was scaled by hand keeps its containers. */
function noReplicas(
  name: string,
  { replicas }: ComposeService,
  { reading, around, unsettled }: Scene,
): Problem[] {
  const runs = around.containers.some(
    each => each.running && each.project === reading.project.name && each.service === name && !each.oneOff,
  )
  if (replicas !== 0 || runs || unsettled.has(name)) return []
  return [
    {
      input: 'service',
      cause: `\`${name}\` declares 0 replicas (\`deploy.replicas\` or \`scale\`): nothing would run.`,
      remedy: 'Declare 1 or more, or leave the service out of `service`.',
    },
  ]
}

/** Until the first check has run, a container is `starting`. */
function slowHealthcheck(name: string, service: ComposeService, { tools, plan }: Scene): Problem[] {
  const { interval, startPeriod = 0, startInterval = 5 } = service.healthcheckTimes
  const checksOften = startPeriod > 0 && Number.parseInt(tools.engineVersion, 10) >= 25
  const first = checksOften ? Math.min(startInterval, interval ?? startInterval) : interval
  if (service.healthcheck === 'none' || first === undefined || first < plan.waitTimeout) return []
  return [
    {
      input: 'wait-timeout',
      cause: `The healthcheck of \`${name}\` runs for the first time after ${first} s, and \`wait-timeout\` is ${plan.waitTimeout} s: it could never become healthy in time.`,
      remedy: `Give it a shorter \`interval\`, or a \`start_period\` with a \`start_interval\` (engine 25 and newer; the server has ${tools.engineVersion}), or set \`wait-timeout: ${Math.ceil(first) + 30}\`.`,
    },
  ]
}

/** The transaction keeps each release under `slipway/kept:PROJECT.SERVICE.DIGEST`, and a tag has 128 characters at most. */
const longest = 128 - '..'.length - 12

function longName(name: string, { reading }: Scene): Problem[] {
  const project = reading.project.name
  if (project.length + name.length <= longest) return []
  return [
    {
      input: 'service',
      cause: `The names of the project and the service \`${name}\` have ${project.length + name.length} characters together: previous releases are kept under a tag made of both, which has room for ${longest}.`,
      remedy: 'Shorten the name of the service, or set a shorter `project-name`.',
    },
  ]
}

/** Compose refuses to load a project whose enabled service needs a disabled one. */
function inactiveDependencies({ reading, plan }: Scene): Problem[] {
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
  cause: `\`${name}\` depends on \`${other}\`, which belongs to the profile \`${profiles[0] ?? ''}\`, and that is not active: Compose does not start \`${name}\` without it.`,
  remedy: `Activate the profile in the \`.env\` of the project (\`env: COMPOSE_PROFILES=${profiles[0] ?? ''}\`), or write \`required: false\` below \`${other}\` in \`depends_on\`.`,
})

/** Finds missing external networks and volumes of the deployed services and their dependencies. */
function missingExternals({ reading, around, plan, tools }: Scene): Problem[] {
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
  // A node of a Swarm does not list an overlay network of another node before it uses it.
  const networks = tools.swarm === true ? [] : missing('networks', around.networks)
  return distinct([
    ...networks.map(each => missingExternal('network', each)),
    ...missing('volumes', around.volumes).map(each => missingExternal('volume', each)),
  ])
}

const missingExternal = (
  kind: 'network' | 'volume',
  { service, name }: { readonly service: string; readonly name: string },
): Problem => ({
  cause: `\`${service}\` uses the external ${kind} \`${name}\`, which is not there on the server.`,
  remedy: `Run \`docker ${kind} create ${name}\` there, or start the project that it belongs to.`,
})

const distinct = (problems: readonly Problem[]): Problem[] => [
  ...new Map(problems.map(problem => [problem.remedy, problem])).values(),
]
