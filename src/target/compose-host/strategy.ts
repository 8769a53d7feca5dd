import type { DeclaredPort, Mount } from '../../compose/config.ts'
import type { Run } from '../../core/command.ts'
import type { Problem } from '../../core/errors.ts'
import type { DeployPlan } from '../plan.ts'
import { ask, isProblem } from './answer.ts'
import type { Lossless, RelayPort, ServerFacts, ServiceFacts, ServiceStrategy, Tools } from './facts.ts'
import hostTools from './host-tools.sh'
import strategyProbe from './strategy-probe.sh'
import { type Blocker, readProbe, type StrategyProbe } from './strategy-probe.ts'
import { isV1 } from './tools.ts'

interface Choice {
  readonly strategies: readonly ServiceStrategy[]
  readonly problems: readonly Problem[]
}

type Asked = Pick<DeployPlan, 'strategy' | 'overlap'> & Partial<Pick<DeployPlan, 'withdraw'>>

/** Chooses the strategy of each service. Asks the server only if a strategy other than `recreate` is possible. */
export async function readStrategies(
  run: Run,
  plan: Asked,
  facts: Pick<ServerFacts, 'tools' | 'project' | 'services'>,
): Promise<Choice> {
  const { tools, project, services } = facts
  const candidates = (kind: Lossless) =>
    services
      .filter(service => kindFor(plan, service) === kind && service.containers.length > 0)
      .filter(service => blockersOf(kind, service, tools, plan.overlap).length === 0)
      .map(({ name }) => name)
      .join(',')
  const [relayed, startedFirst] = [candidates('relay'), candidates('start-first')]
  if (plan.strategy === 'recreate' || `${relayed}${startedFirst}` === '') return chooseStrategies(plan, facts)
  const answer = await ask(run, {
    script: `${hostTools}${strategyProbe}`,
    // Only `withdraw: health` needs a firewall rule.
    args: [project.name, relayed, startedFirst, byHealth(plan) ? 'rules' : '', ...tools.docker],
    timeout: 120_000,
  })
  if (isProblem(answer)) return { strategies: [], problems: [answer] }
  return chooseStrategies(plan, facts, readProbe(answer))
}

const byHealth = ({ withdraw = 'health' }: Asked): boolean => withdraw === 'health'

/** Returns the strategy to try. `auto` relays services with published ports; others get their requests from a proxy. */
const kindFor = ({ strategy }: Asked, service: ServiceFacts): Lossless =>
  strategy === 'relay' || strategy === 'start-first'
    ? strategy
    : hasNoPorts(service)
      ? 'start-first'
      : 'relay'

const emptyProbe: StrategyProbe = {
  blockers: { relay: [], 'start-first': [] },
  anonymous: {},
  unpublished: [],
}

/** Chooses the strategy of each service; pure. */
export function chooseStrategies(
  plan: Asked,
  { tools, services }: Pick<ServerFacts, 'tools' | 'services'>,
  probe: StrategyProbe = emptyProbe,
): Choice {
  const { strategy, overlap } = plan
  const judged = services.map(service => {
    const kind = kindFor(plan, service)
    const blockers = [
      ...blockersOf(kind, service, tools, overlap),
      ...(probe.anonymous[service.name] ?? []).flatMap(anonymous(overlap)),
      ...(kind === 'relay' && probe.unpublished.includes(service.name) ? [unpublished] : []),
      ...probe.blockers[kind],
    ]
    return { service, kind, blockers }
  })
  const anyPossible = strategy !== 'recreate' && judged.some(({ blockers }) => blockers.length === 0)
  const strategies = judged.map(({ service, kind, blockers: [first] }): ServiceStrategy => {
    const { name } = service
    if (strategy === 'recreate')
      return { name, strategy, ports: [], ...(first === undefined ? { possible: kind } : {}) }
    if (first !== undefined)
      return { name, strategy: 'recreate', ports: [], reason: first.why, instead: kind }
    return { name, strategy: kind, ports: kind === 'relay' ? relayPorts(service) : [] }
  })
  const problems =
    strategy === 'relay' || strategy === 'start-first'
      ? judged
          .filter(
            ({ service, blockers }) => blockers.length > 0 && !(anyPossible && isWorker(strategy, service)),
          )
          .map(({ service, blockers }) => refusal(strategy, service, blockers))
      : []
  return { strategies, problems }
}

const refusal = (kind: Lossless, { name }: ServiceFacts, blockers: readonly Blocker[]): Problem => ({
  input: 'strategy',
  cause: `\`strategy\` is \`${kind}\`, but \`${name}\` cannot be ${done[kind]}: ${blockers.map(({ why }) => why).join('; ')}.`,
  remedy: `${[...new Set(blockers.map(({ remedy }) => remedy))].join(' ')} \`strategy: auto\` recreates such a service instead.`,
})

const done: Readonly<Record<Lossless, string>> = {
  relay: 'relayed',
  'start-first': 'started next to the old release',
}

const hasNoPorts = ({ copies }: ServiceFacts): boolean => copies.ports.length === 0

/** Reports whether a service gets no requests, so that it may be recreated while the strategy replaces others. */
const isWorker = (kind: Lossless, service: ServiceFacts): boolean =>
  hasNoPorts(service) && (kind === 'relay' || !service.hasHealthcheck)

/**
 * Finds the reasons why two copies of a service cannot run at once, or why its requests cannot move to the new one;
 * pure.
 */
function blockersOf(
  kind: Lossless,
  service: ServiceFacts,
  tools: Pick<Tools, 'composeVersion'>,
  overlap: readonly string[],
): Blocker[] {
  const { copies, networkMode = '', sideCars, volumeSharers, oneShot } = service
  const found: (Blocker | undefined | false)[] = [
    isV1(tools) && { why: 'Compose v1 is installed', remedy: 'Install Compose v2 on the server.' },
    oneShot && { why: 'it is a one-shot service', remedy: 'Remove it from `service`.' },
    ...(kind === 'relay' ? relayBlockers(service) : startFirstBlockers(service)),
    /^(?:host|none|service:|container:)/.test(networkMode) && {
      why: `its \`network_mode\` is \`${networkMode}\``,
      remedy: 'Give the service a network of the project.',
    },
    copies.fixedAddress && {
      why: 'it has a fixed IP or MAC address',
      remedy: 'Remove the fixed address from the compose file.',
    },
    sideCars.length > 0 && {
      why: `${listed(sideCars)} uses its network`,
      remedy: 'Give the other service a network of its own.',
    },
    (volumeSharers.length > 0 || copies.volumesFrom.length > 0) && {
      why: `it shares volumes through \`volumes_from\` with ${listed([...volumeSharers, ...copies.volumesFrom])}`,
      remedy: 'Name the volumes in each service instead.',
    },
    ...copies.writes.filter(mount => !isNamed(mount, overlap)).map(mountBlocker),
  ]
  return found.filter(each => each !== undefined && each !== false)
}

const relayBlockers = (service: ServiceFacts) => [
  hasNoPorts(service) && {
    why: 'it publishes no ports',
    remedy: 'Relay only services with `ports`.',
  },
  ...service.copies.ports.map(port => portBlocker(port, service)),
]

const startFirstBlockers = (service: ServiceFacts) => [
  !hasNoPorts(service) && {
    why: 'it publishes ports, which two containers cannot share',
    remedy:
      'Deploy it with `strategy: relay`, or remove `ports` and let the proxy reach it through a network that both share.',
  },
  service.containerName !== undefined && {
    why: `its \`container_name\` is \`${service.containerName}\`, which two containers cannot share`,
    remedy: 'Remove `container_name` from the compose file, and let the proxy use the name of the service.',
  },
  !service.hasHealthcheck && {
    why: 'it has no healthcheck, so Slipway cannot tell when the new container is ready for requests',
    remedy: 'Add a `healthcheck` to the service or its image.',
  },
]

const listed = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')

const isNamed = ({ source = '', target }: Mount, overlap: readonly string[]): boolean =>
  overlap.some(
    name => name === source || name === target || (name.startsWith('./') && source.endsWith(name.slice(1))),
  )

const mountBlocker = ({ source, target }: Mount): Blocker => ({
  why: `it writes to ${source === undefined ? 'the anonymous volume' : `\`${source}\``} at \`${target}\``,
  remedy:
    'If two copies of the app may write there at once, name the volume in `overlap`; if the app only reads, mount it read-only.',
})

const anonymous =
  (overlap: readonly string[]) =>
  (target: string): Blocker[] =>
    isNamed({ source: undefined, target }, overlap) ? [] : [mountBlocker({ source: undefined, target })]

function portBlocker({ published, target, protocol }: DeclaredPort, { replicas }: ServiceFacts) {
  const isChosen = Number(published.split('-')[0]) === 0
  const shown = `\`${isChosen ? target : published}/${protocol}\``
  if (protocol !== 'tcp') return { why: `it publishes ${shown}`, remedy: 'Only TCP ports can be relayed.' }
  if (isChosen || !/^\d+(?:-\d+)?$/.test(published))
    return { why: `the engine chooses the port of ${shown}`, remedy: 'Give each port a fixed number.' }
  if (rangeOf(published).length !== replicas)
    return {
      why: `it publishes the range ${shown}`,
      remedy: 'Publish single ports, or one port for each replica.',
    }
  return undefined
}

const unpublished: Blocker = {
  why: 'the engine does not publish its ports in the networks that it has',
  remedy: 'Give the service a bridge network that is not `internal`, or remove its `ports`.',
}

function rangeOf(published: string): number[] {
  const [first = 0, last = first] = published.split('-').map(Number)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
}

const relayPorts = ({ copies: { ports } }: ServiceFacts): RelayPort[] =>
  ports.flatMap(({ address = '*', published, target }) =>
    rangeOf(published).map((port, index) => ({ index: index + 1, address, published: port, target })),
  )
