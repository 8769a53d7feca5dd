import { entries, type Fields, fields, parsed } from './fields.ts'
import { envFilesOf } from './references.ts'

/**
 * The parts of a Compose project that a deploy needs. Nothing else of the resolved file is kept, as it holds
 * secrets. https://github.com/compose-spec/compose-spec/blob/main/spec.md
 */
export interface ComposeProject {
  /** v1 does not tell. */
  readonly name: string | undefined
  readonly services: Readonly<Record<string, ComposeService>>
  /** Networks and volumes that Compose expects to be there, by their key in the file: their names on the engine. */
  readonly external: External
}

interface External {
  readonly networks: Readonly<Record<string, string>>
  readonly volumes: Readonly<Record<string, string>>
}

/** A port of the server that is published for a container. */
export interface PublishedPort {
  /** The address that it is published on; undefined: all of them. */
  readonly ip: string | undefined
  readonly port: number
  readonly protocol: string
}

/** How often a healthcheck runs, in seconds; undefined: as the image has it, or the engine's default. */
interface HealthcheckTimes {
  readonly interval: number | undefined
  readonly startPeriod: number | undefined
  readonly startInterval: number | undefined
}

export type Condition = 'started' | 'healthy' | 'ended'

export interface ComposeService {
  readonly image: string | undefined
  readonly builds: boolean
  readonly pullPolicy: string | undefined
  readonly platform: string | undefined
  readonly replicas: number
  readonly profiles: readonly string[]
  readonly containerName: string | undefined
  readonly networkMode: string | undefined
  readonly restart: string | undefined
  /** Seconds. */
  readonly stopGracePeriod: number
  readonly dependsOn: readonly string[]
  /** The names below `env_file`; once Compose has resolved them, there are none. */
  readonly envFiles: readonly string[]
  /** What each service that it depends on has to be before it starts. */
  readonly needs: Readonly<Record<string, Condition>>
  /** Dependencies that it also starts without (`required: false`). */
  readonly optional: readonly string[]
  /** The services whose success this one waits for: they are made to end. */
  readonly waitsForEnd: readonly string[]
  /** `none`: the image's is switched off. */
  readonly healthcheck: 'declared' | 'none' | undefined
  readonly healthcheckTimes: HealthcheckTimes
  /** It publishes ports. */
  readonly publishes: boolean
  /** Those with a fixed number; ranges and ports that the engine chooses are left out. */
  readonly ports: readonly PublishedPort[]
  /** Keys of the file's networks and volumes. */
  readonly networks: readonly string[]
  readonly volumes: readonly string[]
  /** The service whose network, PIDs or IPC this one lives in. */
  readonly livesIn: string | undefined
  readonly copies: CopyFacts
}

/** What decides whether two copies of a service can run at once, and where its requests come in. */
export interface CopyFacts {
  readonly ports: readonly DeclaredPort[]
  /** The mounts that it may write to. */
  readonly writes: readonly Mount[]
  /** An IP or MAC address of its own. */
  readonly fixedAddress: boolean
  /** The services whose volumes it takes over. */
  readonly volumesFrom: readonly string[]
}

/** As Compose resolves it, whatever it is. */
export interface DeclaredPort {
  readonly address: string | undefined
  /** As declared: `8080`, a range, or empty where the engine chooses. */
  readonly published: string
  readonly target: number
  readonly protocol: string
}

export interface Mount {
  /** The volume's name, or an absolute path; undefined: an anonymous volume. */
  readonly source: string | undefined
  readonly target: string
}

/** Reads what `config` prints: JSON of v2, YAML of v1. Undefined when it is neither. */
export async function readComposeConfig(text: string): Promise<ComposeProject | undefined> {
  const { name, services, networks, volumes } = fields(await parsed(text))
  if (typeof services !== 'object' || services === null) return undefined
  const entries = Object.entries(services).map(([service, value]) => [service, readService(fields(value))])
  return {
    name: optionalText(name),
    services: Object.fromEntries(entries) as ComposeProject['services'],
    external: { networks: externals(networks), volumes: externals(volumes) },
  }
}

/** `external: true` with a `name`, or the older `external: { name }`. */
const externals = (declared: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields(declared)).flatMap(([key, value]) => {
      const { external, name } = fields(value)
      if (external === undefined || external === false || external === 'false') return []
      return [[key, optionalText(fields(external)['name']) ?? optionalText(name) ?? key]]
    }),
  )

const optionalText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** `depends_on`, `profiles`: a list, or a map by name. */
function names(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String)
  return Object.keys(fields(value))
}

function readService(service: Fields): ComposeService {
  return {
    image: optionalText(service['image']),
    builds: service['build'] !== undefined && service['build'] !== null,
    pullPolicy: optionalText(service['pull_policy']),
    platform: optionalText(service['platform']),
    replicas: replicas(service),
    profiles: names(service['profiles']),
    containerName: optionalText(service['container_name']),
    networkMode: optionalText(service['network_mode']),
    restart: optionalText(service['restart']),
    stopGracePeriod: goSeconds(optionalText(service['stop_grace_period'])) ?? defaultGrace,
    dependsOn: names(service['depends_on']),
    envFiles: envFilesOf(service),
    needs: needs(service['depends_on']),
    optional: Object.entries(fields(service['depends_on'])).flatMap(([name, value]) =>
      fields(value)['required'] === false ? [name] : [],
    ),
    waitsForEnd: Object.entries(fields(service['depends_on']))
      .filter(([, value]) => fields(value)['condition'] === 'service_completed_successfully')
      .map(([name]) => name),
    healthcheck: healthcheck(service['healthcheck']),
    healthcheckTimes: times(service['healthcheck']),
    publishes: Array.isArray(service['ports']) && service['ports'].length > 0,
    ports: Array.isArray(service['ports']) ? service['ports'].flatMap(publishedPort) : [],
    networks: names(service['networks']),
    volumes: Array.isArray(service['volumes']) ? service['volumes'].flatMap(volumeKey) : [],
    livesIn: host(service),
    copies: {
      ports: entries(service['ports']).map(readPort),
      writes: entries(service['volumes']).flatMap(readWritable),
      fixedAddress: hasFixedAddress(service),
      volumesFrom: names(service['volumes_from']).map(name => name.replace(/:r[ow]$/, '')),
    },
  }
}

const readPort = (port: Fields): DeclaredPort => ({
  address: optionalText(port['host_ip']),
  published: String(port['published'] ?? ''),
  target: Number(port['target']),
  protocol: String(port['protocol'] ?? 'tcp'),
})

function readWritable(volume: Fields): Mount[] {
  const { type, source, target, read_only } = volume
  if ((type !== 'volume' && type !== 'bind') || read_only === true) return []
  return [{ source: optionalText(source), target: String(target) }]
}

function hasFixedAddress(service: Fields): boolean {
  const networks = Object.values(fields(service['networks'])).map(fields)
  const fixed = ['ipv4_address', 'ipv6_address', 'mac_address']
  return (
    service['mac_address'] !== undefined ||
    networks.some(network => fixed.some(name => network[name] !== undefined))
  )
}

const conditions: Readonly<Record<string, Condition>> = {
  service_healthy: 'healthy',
  service_completed_successfully: 'ended',
}

const needs = (value: unknown): Record<string, Condition> =>
  Object.fromEntries(
    names(value).map(name => {
      const condition = fields(fields(value)[name])['condition']
      return [name, conditions[String(condition)] ?? 'started']
    }),
  )

/** What Compose gives a container to end, in seconds. */
const defaultGrace = 10

/** `deploy.replicas` before `scale`, as Compose takes them. */
function replicas(service: Fields): number {
  const count = fields(service['deploy'])['replicas'] ?? service['scale'] ?? 1
  return Number.isInteger(Number(count)) ? Number(count) : 1
}

function healthcheck(value: unknown): ComposeService['healthcheck'] {
  const { disable, test } = fields(value)
  if (disable === true || (Array.isArray(test) && test[0] === 'NONE') || test === 'NONE') return 'none'
  return test === undefined ? undefined : 'declared'
}

const times = (value: unknown): HealthcheckTimes => ({
  interval: goSeconds(optionalText(fields(value)['interval'])),
  startPeriod: goSeconds(optionalText(fields(value)['start_period'])),
  startInterval: goSeconds(optionalText(fields(value)['start_interval'])),
})

/** v2 prints fields, v1 `127.0.0.1:8080:80/tcp`. */
function publishedPort(value: unknown): PublishedPort[] {
  const { published, protocol = 'tcp', host_ip } = fields(value)
  const short = /^(?:(?<ip>.+):)?(?<port>\d+):\d+(?:\/(?<protocol>\w+))?$/.exec(String(value))?.groups
  const port = Number(short?.['port'] ?? published)
  if (!Number.isInteger(port) || port === 0) return []
  const ip = (short?.['ip'] ?? optionalText(host_ip))?.replace(/^\[|\]$/g, '')
  const every = ip === undefined || ip === '0.0.0.0' || ip === '::'
  return [{ ip: every ? undefined : ip, port, protocol: short?.['protocol'] ?? String(protocol) }]
}

/** A bind mount is no volume. */
function volumeKey(value: unknown): string[] {
  const { type, source } = fields(value)
  const key = typeof value === 'string' ? value.split(':')[0] : type === 'volume' ? source : undefined
  return typeof key === 'string' && /^[A-Za-z0-9]/.test(key) ? [key] : []
}

function host(service: Fields): string | undefined {
  const modes = [service['network_mode'], service['pid'], service['ipc']]
  return modes.map(mode => /^service:(.+)$/.exec(String(mode))?.[1]).find(name => name !== undefined)
}

const goUnits: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
}

/** Go's durations: `1m30s`, `1.5s`, `500ms`; undefined when it is none. */
export function goSeconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)]
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (goUnits[unit] ?? 0), 0)
}
