import { entries, type Fields, fields, parseJsonOrYaml } from './fields.ts'
import { envFilesOf } from './references.ts'

/**
 * The parts of a Compose project that a deploy needs. Nothing else of the resolved file is kept, because it contains
 * secrets. https://github.com/compose-spec/compose-spec/blob/main/spec.md
 */
export interface ComposeProject {
  /** Undefined for v1, which does not print the name. */
  readonly name: string | undefined
  readonly services: Readonly<Record<string, ComposeService>>
  /** External networks and volumes, which must already exist: the key in the file, mapped to the name on the engine. */
  readonly external: External
}

interface External {
  readonly networks: Readonly<Record<string, string>>
  readonly volumes: Readonly<Record<string, string>>
}

/** A port of the server that a container publishes. */
export interface PublishedPort {
  /** The address that the port is published on; undefined for all addresses. */
  readonly ip: string | undefined
  readonly port: number
  readonly protocol: string
}

/** The times of a healthcheck, in seconds; undefined for the value of the image or the engine's default. */
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
  /** The names under `env_file`; empty in a file that Compose has resolved. */
  readonly envFiles: readonly string[]
  /** The dependencies, with the condition that each must meet before this service starts. */
  readonly needs: Readonly<Record<string, Condition>>
  /** Dependencies that the service can start without (`required: false`). */
  readonly optional: readonly string[]
  /** Dependencies that must exit with success first (`service_completed_successfully`), as a migration does. */
  readonly mustComplete: readonly string[]
  /** `none` if the service disables the healthcheck of its image. */
  readonly healthcheck: 'declared' | 'none' | undefined
  readonly healthcheckTimes: HealthcheckTimes
  /** True if the service publishes any port. */
  readonly publishes: boolean
  /** Published ports with a fixed number. Ranges and ports that the engine chooses are omitted. */
  readonly ports: readonly PublishedPort[]
  /** The keys of the networks and volumes in the file. */
  readonly networks: readonly string[]
  readonly volumes: readonly string[]
  /** The service whose network, PID or IPC namespace this one shares (`network_mode: service:NAME`). */
  readonly sharesNamespaceOf: string | undefined
  readonly copies: CopyFacts
}

/** The facts that decide whether two copies of a service can run at once, and where its requests arrive. */
export interface CopyFacts {
  readonly ports: readonly DeclaredPort[]
  /** The writable mounts. */
  readonly writes: readonly Mount[]
  /** True if the service has a fixed IP or MAC address. */
  readonly fixedAddress: boolean
  /** The services whose volumes it mounts. */
  readonly volumesFrom: readonly string[]
}

/** Any port of a service, as Compose resolves it. */
export interface DeclaredPort {
  readonly address: string | undefined
  /** As declared: `8080`, a range, or empty if the engine chooses. */
  readonly published: string
  readonly target: number
  readonly protocol: string
}

export interface Mount {
  /** The key of a volume, or an absolute path; undefined for an anonymous volume. */
  readonly source: string | undefined
  readonly target: string
}

/** Parses the output of `config`: JSON from v2, YAML from v1. Undefined if it is neither. */
export async function readComposeConfig(text: string): Promise<ComposeProject | undefined> {
  const { name, services, networks, volumes } = fields(await parseJsonOrYaml(text))
  if (typeof services !== 'object' || services === null) return undefined
  const entries = Object.entries(services).map(([service, value]) => [service, readService(fields(value))])
  return {
    name: optionalText(name),
    services: Object.fromEntries(entries) as ComposeProject['services'],
    external: { networks: externals(networks), volumes: externals(volumes) },
  }
}

/** Reads the external networks or volumes: `external: true` with a `name`, or the older `external: { name }`. */
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

/** Returns the names in a list, or the keys of a mapping: `depends_on`, `profiles`. */
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
    mustComplete: Object.entries(fields(service['depends_on']))
      .filter(([, value]) => fields(value)['condition'] === 'service_completed_successfully')
      .map(([name]) => name),
    healthcheck: healthcheck(service['healthcheck']),
    healthcheckTimes: times(service['healthcheck']),
    publishes: Array.isArray(service['ports']) && service['ports'].length > 0,
    ports: Array.isArray(service['ports']) ? service['ports'].flatMap(publishedPort) : [],
    networks: names(service['networks']),
    volumes: Array.isArray(service['volumes']) ? service['volumes'].flatMap(volumeKey) : [],
    sharesNamespaceOf: namespaceOwner(service),
    copies: {
      ports: entries(service['ports']).map(readPort),
      writes: entries(service['volumes']).flatMap(readWritable),
      fixedAddress: hasFixedAddress(service),
      volumesFrom: names(service['volumes_from']).map(name => name.replace(/:r[ow]$/, '')),
    },
  }
}

const readPort = (port: Fields): DeclaredPort => ({
  address: canonicalAddress(optionalText(port['host_ip'])),
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

/** Compose's default for `stop_grace_period`, in seconds. */
const defaultGrace = 10

/** Returns the number of replicas. As in Compose, `deploy.replicas` takes precedence over `scale`. */
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

/** Reads a published port. v2 prints fields, v1 prints `127.0.0.1:8080:80/tcp`. */
function publishedPort(value: unknown): PublishedPort[] {
  const { published, protocol = 'tcp', host_ip } = fields(value)
  const short = /^(?:(?<ip>.+):)?(?<port>\d+):\d+(?:\/(?<protocol>\w+))?$/.exec(String(value))?.groups
  const port = Number(short?.['port'] ?? published)
  if (!Number.isInteger(port) || port === 0) return []
  const ip = canonicalAddress(short?.['ip'] ?? optionalText(host_ip))
  const every = ip === undefined || ip === '0.0.0.0' || ip === '::'
  return [{ ip: every ? undefined : ip, port, protocol: short?.['protocol'] ?? String(protocol) }]
}

/** Returns an IP address as the engine prints it: IPv6 in its short form, and without brackets. */
export function canonicalAddress(text: string | undefined): string | undefined {
  const bare = text?.replace(/^\[|\]$/g, '')
  const url = `http://[${bare}]`
  return bare?.includes(':') && URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : bare
}

/** Returns the key of a volume; nothing for a bind mount. */
function volumeKey(value: unknown): string[] {
  const { type, source } = fields(value)
  const key = typeof value === 'string' ? value.split(':')[0] : type === 'volume' ? source : undefined
  return typeof key === 'string' && /^[A-Za-z0-9]/.test(key) ? [key] : []
}

function namespaceOwner(service: Fields): string | undefined {
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

/** Parses a Go duration (`1m30s`, `1.5s`, `500ms`) into seconds. Undefined if the text is not a duration. */
export function goSeconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)]
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (goUnits[unit] ?? 0), 0)
}
