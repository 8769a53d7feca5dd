import type { DeclaredPort, Mount } from '../../compose/config.ts'
import type { Run } from '../../core/command.ts'
import type { Problem } from '../../core/errors.ts'
import type { DeployPlan } from '../plan.ts'
import { type Answer, ask, isProblem } from './answer.ts'
import type { Lossless, RelayPort, ServerFacts, ServiceFacts, ServiceStrategy, Tools } from './facts.ts'
import hostTools from './host-tools.sh'
import strategyProbe from './strategy-probe.sh'
import { isV1 } from './tools.ts'

/** What keeps a service from being replaced without loss, and what can be done about it. */
interface Hindrance {
  readonly why: string
  readonly remedy: string
}

/** The answer of the server: hindrances of each strategy, and the anonymous volumes of each service. */
interface StrategyProbe {
  readonly hindrances: Readonly<Record<Lossless, readonly Hindrance[]>>
  readonly anonymous: Readonly<Record<string, readonly string[]>>
}

interface Choice {
  readonly strategies: readonly ServiceStrategy[]
  readonly problems: readonly Problem[]
}

type Asked = Pick<DeployPlan, 'strategy' | 'overlap'> & Partial<Pick<DeployPlan, 'withdraw'>>

/** Chooses how each service is replaced; asks the server only where another strategy than `recreate` may come of it. */
export async function readStrategies(
  run: Run,
  plan: Asked,
  facts: Pick<ServerFacts, 'tools' | 'project' | 'services'>,
): Promise<Choice> {
  const { tools, project, services } = facts
  const candidates = (kind: Lossless) =>
    services
      .filter(service => kindFor(plan, service) === kind && service.containers.length > 0)
      .filter(service => hindrancesOf(kind, service, tools, plan.overlap).length === 0)
      .map(({ name }) => name)
      .join(',')
  const [relayed, startedFirst] = [candidates('relay'), candidates('start-first')]
  if (plan.strategy === 'recreate' || `${relayed}${startedFirst}` === '') return chooseStrategies(plan, facts)
  const answer = await ask(run, {
    script: `${hostTools}${strategyProbe}`,
    // A command or nothing at all withdraws without a rule.
    args: [project.name, relayed, startedFirst, byHealth(plan) ? 'rules' : '', ...tools.docker],
    timeout: 120_000,
  })
  if (isProblem(answer)) return { strategies: [], problems: [answer] }
  return chooseStrategies(plan, facts, readProbe(answer))
}

const byHealth = ({ withdraw = 'health' }: Asked): boolean => withdraw === 'health'

/** `auto` decides by the ports: requests come in by them, or by a proxy in the project. */
const kindFor = ({ strategy }: Asked, service: ServiceFacts): Lossless =>
  strategy === 'relay' || strategy === 'start-first'
    ? strategy
    : hasNoPorts(service)
      ? 'start-first'
      : 'relay'

const nothingProbed: StrategyProbe = { hindrances: { relay: [], 'start-first': [] }, anonymous: {} }

/** Chooses how each service is replaced; pure. */
export function chooseStrategies(
  plan: Asked,
  { tools, services }: Pick<ServerFacts, 'tools' | 'services'>,
  probe: StrategyProbe = nothingProbed,
): Choice {
  const { strategy, overlap } = plan
  const judged = services.map(service => {
    const kind = kindFor(plan, service)
    const hindrances = [
      ...hindrancesOf(kind, service, tools, overlap),
      ...(probe.anonymous[service.name] ?? []).flatMap(anonymous(overlap)),
      ...probe.hindrances[kind],
    ]
    return { service, kind, hindrances }
  })
  const some = strategy !== 'recreate' && judged.some(({ hindrances }) => hindrances.length === 0)
  const strategies = judged.map(({ service, kind, hindrances: [first] }): ServiceStrategy => {
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
            ({ service, hindrances }) => hindrances.length > 0 && !(some && isWorker(strategy, service)),
          )
          .map(({ service, hindrances }) => refusal(strategy, service, hindrances))
      : []
  return { strategies, problems }
}

const refusal = (kind: Lossless, { name }: ServiceFacts, hindrances: readonly Hindrance[]): Problem => ({
  input: 'strategy',
  cause: `\`strategy\` is \`${kind}\`, and \`${name}\` cannot be ${done[kind]}: ${hindrances.map(({ why }) => why).join('; ')}.`,
  remedy: `${[...new Set(hindrances.map(({ remedy }) => remedy))].join(' ')} \`strategy: auto\` recreates what cannot be replaced without loss.`,
})

const done: Readonly<Record<Lossless, string>> = {
  relay: 'relayed',
  'start-first': 'started beside the old release',
}

const hasNoPorts = ({ copies }: ServiceFacts): boolean => copies.ports.length === 0

/** Beside a service that has requests to lose, one that has none is recreated, and nothing is wrong. */
const isWorker = (kind: Lossless, service: ServiceFacts): boolean =>
  hasNoPorts(service) && (kind === 'relay' || !service.hasHealthcheck)

/** What keeps two copies of a service from running at once, or its requests from moving over; pure. */
function hindrancesOf(
  kind: Lossless,
  service: ServiceFacts,
  tools: Pick<Tools, 'composeVersion'>,
  overlap: readonly string[],
): Hindrance[] {
  const { copies, networkMode = '', sideCars, volumeSharers, oneShot } = service
  const found: (Hindrance | undefined | false)[] = [
    isV1(tools) && { why: 'Compose v1 is installed', remedy: 'Install Compose v2 on the server.' },
    oneShot && { why: 'it is a one-shot service', remedy: 'Leave it out of `service`.' },
    ...(kind === 'relay' ? relayHindrances(service) : startFirstHindrances(service)),
    /^(?:host|none|service:|container:)/.test(networkMode) && {
      why: `its \`network_mode\` is \`${networkMode}\``,
      remedy: 'Give the service a network of the project.',
    },
    copies.fixedAddress && {
      why: 'it has a fixed IP or MAC address',
      remedy: 'Take the fixed address out of the compose file.',
    },
    sideCars.length > 0 && {
      why: `${listed(sideCars)} lives in its network`,
      remedy: 'Give the other service a network of its own.',
    },
    (volumeSharers.length > 0 || copies.volumesFrom.length > 0) && {
      why: `it shares volumes by \`volumes_from\` with ${listed([...volumeSharers, ...copies.volumesFrom])}`,
      remedy: 'Name the volumes in each service instead.',
    },
    ...copies.writes.filter(mount => !isNamed(mount, overlap)).map(mountHindrance),
  ]
  return found.filter(each => each !== undefined && each !== false)
}

const relayHindrances = (service: ServiceFacts) => [
  hasNoPorts(service) && {
    why: 'it publishes no ports',
    remedy: 'Relay only services with `ports`.',
  },
  ...service.copies.ports.map(port => portHindrance(port, service)),
]

const startFirstHindrances = (service: ServiceFacts) => [
  !hasNoPorts(service) && {
    why: 'it publishes ports, which two containers cannot share',
    remedy:
      'Deploy it with `strategy: relay`, or let the proxy reach it in a network of both and take `ports` out.',
  },
  service.containerName !== undefined && {
    why: `its \`container_name\` is \`${service.containerName}\`, which two containers cannot share`,
    remedy: 'Take `container_name` out of the compose file, and let the proxy use the name of the service.',
  },
  !service.hasHealthcheck && {
    why: 'it has no healthcheck, so nobody can tell when the new container takes requests',
    remedy: 'Add a `healthcheck` to the service or its image.',
  },
]

const listed = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')

const isNamed = ({ source = '', target }: Mount, overlap: readonly string[]): boolean =>
  overlap.some(
    name => name === source || name === target || (name.startsWith('./') && source.endsWith(name.slice(1))),
  )

const mountHindrance = ({ source, target }: Mount): Hindrance => ({
  why: `it writes to ${source === undefined ? 'the anonymous volume' : `\`${source}\``} at \`${target}\``,
  remedy:
    'If two copies of the app may write there at once, name the volume in `overlap`; if the app only reads, mount it read-only.',
})

const anonymous =
  (overlap: readonly string[]) =>
  (target: string): Hindrance[] =>
    isNamed({ source: undefined, target }, overlap) ? [] : [mountHindrance({ source: undefined, target })]

function portHindrance({ published, target, protocol }: DeclaredPort, { replicas }: ServiceFacts) {
  const shown = `\`${published || target}/${protocol}\``
  if (protocol !== 'tcp') return { why: `it publishes ${shown}`, remedy: 'Only TCP ports can be relayed.' }
  if (!/^\d+(?:-\d+)?$/.test(published))
    return { why: `the engine chooses the port of ${shown}`, remedy: 'Give each port a fixed number.' }
  if (rangeOf(published).length !== replicas)
    return {
      why: `it publishes the range ${shown}`,
      remedy: 'Publish single ports, or as many as there are replicas.',
    }
  return undefined
}

function rangeOf(published: string): number[] {
  const [first = 0, last = first] = published.split('-').map(Number)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
}

const relayPorts = ({ copies: { ports } }: ServiceFacts): RelayPort[] =>
  ports.flatMap(({ address = '*', published, target }) =>
    rangeOf(published).map((port, index) => ({ index: index + 1, address, published: port, target })),
  )

/** Reads what strategy-probe.sh answered; pure. */
export function readProbe(answer: Answer): StrategyProbe {
  const relay: (Hindrance | false)[] = [
    answer.text('security').includes('name=rootless') && {
      why: 'the engine is rootless, and its ports are not the server’s own',
      remedy: 'Deploy with `strategy: recreate`.',
    },
    /podman/i.test(answer.text('components')) && {
      why: 'the engine is Podman',
      remedy: 'Deploy with `strategy: recreate`.',
    },
    answer.text('backend').startsWith('nftables') && {
      why: 'the engine uses its nftables backend, where rules of iptables may come too late',
      remedy:
        'Set `"firewall-backend": "iptables"` in the engine’s daemon.json, or deploy with `strategy: recreate`.',
    },
    answer.has('probed') &&
      !answer.has('proxy') && {
        why: 'the engine runs without `userland-proxy`, or hides its processes',
        remedy:
          'Set `"userland-proxy": true` in the engine’s daemon.json, or deploy with `strategy: recreate`.',
      },
    ruleHindrance(answer, ['rule', 'rule6'], said => ({
      why: `no dated firewall rule can be set on the server${said}`,
      remedy:
        'The server needs iptables (and ip6tables where it has IPv6) with the modules `xt_time`, `xt_comment` and `xt_addrtype`.',
    })),
  ]
  const startFirst = [
    ruleHindrance(answer, ['inside'], said => ({
      why: `no firewall rule can be set in the network of its container${said}`,
      remedy:
        'The server needs iptables with `REJECT`; or withdraw the old container in another way: `withdraw: none`, or a command.',
    })),
  ]
  const mounts = answer.sections
    .filter(({ name }) => name.startsWith('mounts.'))
    .map(({ name, lines }) => [name.slice('mounts.'.length), lines.flatMap(anonymousTarget)] as const)
  const present = (all: readonly (Hindrance | false)[]) => all.filter(each => each !== false)
  return {
    hindrances: { relay: present(relay), 'start-first': present(startFirst) },
    anonymous: Object.fromEntries(mounts),
  }
}

function ruleHindrance(
  answer: Answer,
  names: readonly string[],
  hindrance: (said: string) => Hindrance,
): Hindrance | false {
  const failed = names.filter(name => answer.has(`${name}.code`) && answer.text(`${name}.code`) !== '0')
  const said = failed.map(name => answer.lines(`${name}.error`).at(-1) ?? '').find(line => line !== '')
  return failed.length > 0 && hindrance(said === undefined ? '' : ` (${said})`)
}

/** An anonymous volume is named by 64 hex digits; those of the compose file are judged by its text. */
const anonymousTarget = (line: string): string[] => /^volume [0-9a-f]{64} (.+)$/.exec(line)?.slice(1, 2) ?? []
