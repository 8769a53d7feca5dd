import type { DeclaredPort, Mount } from '../../compose/config.ts'
import type { Run } from '../../core/command.ts'
import type { Problem } from '../../core/errors.ts'
import type { DeployPlan } from '../plan.ts'
import { type Answer, ask, isProblem } from './answer.ts'
import type { RelayPort, ServerFacts, ServiceFacts, ServiceStrategy, Tools } from './facts.ts'
import hostTools from './host-tools.sh'
import relayProbe from './relay-probe.sh'
import { isV1 } from './tools.ts'

/** What keeps a service from being relayed, and what can be done about it. */
export interface Hindrance {
  readonly why: string
  readonly remedy: string
}

/** What the server says about relaying; `mounts` are those that the running containers may write to, by service. */
export interface RelayProbe {
  readonly hindrances: readonly Hindrance[]
  readonly anonymous: Readonly<Record<string, readonly string[]>>
}

export interface Choice {
  readonly strategies: readonly ServiceStrategy[]
  readonly problems: readonly Problem[]
}

type Asked = Pick<DeployPlan, 'strategy' | 'overlap'>

/** Chooses how each service is replaced; asks the server only where a relay may come of it. */
export async function readStrategies(
  run: Run,
  plan: Asked,
  facts: Pick<ServerFacts, 'tools' | 'project' | 'services'>,
): Promise<Choice> {
  const { tools, project, services } = facts
  const candidates = services.filter(service => hindrancesOf(service, tools, plan.overlap).length === 0)
  if (plan.strategy === 'recreate' || candidates.every(({ containers }) => containers.length === 0))
    return chooseStrategies(plan, facts)
  const answer = await ask(run, {
    script: `${hostTools}${relayProbe}`,
    args: [project.name, candidates.map(({ name }) => name).join(','), ...tools.docker],
    patience: 120_000,
  })
  if (isProblem(answer)) return { strategies: [], problems: [answer] }
  return chooseStrategies(plan, facts, readProbe(answer))
}

/** Chooses how each service is replaced; pure. */
export function chooseStrategies(
  { strategy, overlap }: Asked,
  { tools, services }: Pick<ServerFacts, 'tools' | 'services'>,
  probe: RelayProbe = { hindrances: [], anonymous: {} },
): Choice {
  const judged = services.map(service => ({
    service,
    hindrances: [
      ...hindrancesOf(service, tools, overlap),
      ...(probe.anonymous[service.name] ?? []).flatMap(anonymous(overlap)),
      ...probe.hindrances,
    ],
  }))
  const relays = (hindrances: readonly Hindrance[]) => strategy !== 'recreate' && hindrances.length === 0
  const some = judged.some(({ hindrances }) => relays(hindrances))
  const strategies = judged.map(({ service, hindrances: [first] }): ServiceStrategy => {
    const { name } = service
    if (strategy === 'recreate')
      return { name, strategy, ports: [], ...(first === undefined ? { relayable: true } : {}) }
    return first === undefined
      ? { name, strategy: 'relay', ports: relayPorts(service) }
      : { name, strategy: 'recreate', ports: [], reason: first.why }
  })
  const refused = judged.filter(
    ({ service, hindrances }) => hindrances.length > 0 && !(some && hasNoPorts(service)),
  )
  const problems =
    strategy === 'relay' ? refused.map(({ service, hindrances }) => refusal(service, hindrances)) : []
  return { strategies, problems }
}

const refusal = ({ name }: ServiceFacts, hindrances: readonly Hindrance[]): Problem => ({
  input: 'strategy',
  cause: `\`strategy\` is \`relay\`, and \`${name}\` cannot be relayed: ${hindrances.map(({ why }) => why).join('; ')}.`,
  remedy: `${[...new Set(hindrances.map(({ remedy }) => remedy))].join(' ')} \`strategy: auto\` recreates what cannot be relayed.`,
})

const hasNoPorts = ({ copies }: ServiceFacts): boolean => copies.ports.length === 0

/** What keeps two copies of a service from running at once, or its ports from being diverted; pure. */
export function hindrancesOf(
  service: ServiceFacts,
  tools: Pick<Tools, 'composeVersion'>,
  overlap: readonly string[],
): Hindrance[] {
  const { copies, networkMode = '', sideCars, volumeSharers, oneShot } = service
  const found: (Hindrance | undefined | false)[] = [
    isV1(tools) && { why: 'Compose v1 is installed', remedy: 'Install Compose v2 on the server.' },
    oneShot && { why: 'it is a one-shot service', remedy: 'Leave it out of `service`.' },
    hasNoPorts(service) && {
      why: 'it publishes no ports',
      remedy: 'Relay only services with `ports`.',
    },
    ...copies.ports.map(port => portHindrance(port, service)),
    /^(?:host|none|service:|container:)/.test(networkMode) && {
      why: `its \`network_mode\` is \`${networkMode}\``,
      remedy: 'Let the service have a network of the project, and publish its ports.',
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

/** Reads what relay-probe.sh answered; pure. */
export function readProbe(answer: Answer): RelayProbe {
  const failed = ['rule', 'rule6'].filter(
    name => answer.has(`${name}.code`) && answer.text(`${name}.code`) !== '0',
  )
  const said = failed.map(name => answer.lines(`${name}.error`).at(-1) ?? '').find(line => line !== '')
  const found: (Hindrance | false)[] = [
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
    failed.length > 0 && {
      why: `no dated firewall rule can be set on the server${said === undefined ? '' : ` (${said})`}`,
      remedy:
        'The server needs iptables (and ip6tables where it has IPv6) with the modules `xt_time`, `xt_comment` and `xt_addrtype`.',
    },
  ]
  const mounts = answer.sections
    .filter(({ name }) => name.startsWith('mounts.'))
    .map(({ name, lines }) => [name.slice('mounts.'.length), lines.flatMap(anonymousTarget)] as const)
  return { hindrances: found.filter(each => each !== false), anonymous: Object.fromEntries(mounts) }
}

/** An anonymous volume is named by 64 hex digits; those of the compose file are judged by its text. */
const anonymousTarget = (line: string): string[] => /^volume [0-9a-f]{64} (.+)$/.exec(line)?.slice(1, 2) ?? []
