/**
 * A Compose project, as far as a deploy has to know it; of what is resolved in it nothing else is kept, as it
 * holds secrets. https://github.com/compose-spec/compose-spec/blob/main/spec.md
 */
export interface ComposeProject {
  /** v1 does not tell. */
  readonly name: string | undefined
  readonly services: Readonly<Record<string, ComposeService>>
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
  /** What each service that it depends on has to be before it starts. */
  readonly needs: Readonly<Record<string, Condition>>
  /** The services whose success this one waits for: they are made to end. */
  readonly waitsForEnd: readonly string[]
  /** `none`: the image's is switched off. */
  readonly healthcheck: 'declared' | 'none' | undefined
  /** It publishes ports. */
  readonly publishes: boolean
  /** The service whose network, PIDs or IPC this one lives in. */
  readonly livesIn: string | undefined
}

/** Reads what `config` prints: JSON of v2, YAML of v1. Undefined when it is neither. */
export async function readComposeConfig(text: string): Promise<ComposeProject | undefined> {
  const { name, services } = fields(await parsed(text))
  if (typeof services !== 'object' || services === null) return undefined
  const entries = Object.entries(services).map(([service, value]) => [service, readService(fields(value))])
  return { name: optionalText(name), services: Object.fromEntries(entries) as ComposeProject['services'] }
}

async function parsed(text: string): Promise<unknown> {
  try {
    if (text.trimStart().startsWith('{')) return JSON.parse(text)
    const { load } = await import('js-yaml')
    return load(text)
  } catch {
    return undefined
  }
}

type Fields = Readonly<Record<string, unknown>>

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

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
    needs: needs(service['depends_on']),
    waitsForEnd: Object.entries(fields(service['depends_on']))
      .filter(([, value]) => fields(value)['condition'] === 'service_completed_successfully')
      .map(([name]) => name),
    healthcheck: healthcheck(service['healthcheck']),
    publishes: Array.isArray(service['ports']) && service['ports'].length > 0,
    livesIn: host(service),
  }
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
