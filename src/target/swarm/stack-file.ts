/**
 * A service of a stack as `docker stack config` prints it. Only the fields that a deploy needs are kept, as others
 * contain secrets.
 */
export interface StackService {
  readonly name: string
  readonly image: string | undefined
  readonly mode: string
  /** Undefined if not declared, which means 1. */
  readonly replicas: number | undefined
  readonly hasHealthcheck: boolean
  /** It publishes a port with `mode: host`. */
  readonly hostPorts: boolean
  readonly constraints: readonly string[]
  readonly update: UpdateConfig
  /** A task that exits is not restarted: `restart_policy: { condition: none }`. */
  readonly oneShot: boolean
}

/** How Swarm replaces the tasks of a service. */
export interface UpdateConfig {
  readonly order: string | undefined
  readonly failureAction: string | undefined
  readonly maxFailureRatio: number
}

type Fields = Readonly<Record<string, unknown>>

export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

async function parseYaml(yaml: string): Promise<unknown> {
  const { load } = await import('js-yaml')
  try {
    return load(yaml)
  } catch {
    return undefined
  }
}

/** Parses the services of a stack; undefined if the text is not a stack. */
export async function readStack(yaml: string): Promise<StackService[] | undefined> {
  const { services } = fields(await parseYaml(yaml))
  if (typeof services !== 'object' || services === null) return undefined
  return Object.entries(fields(services)).map(([name, value]) => serviceOf(name, fields(value)))
}

function serviceOf(name: string, service: Fields): StackService {
  const deploy = fields(service['deploy'])
  const replicas = deploy['replicas']
  return {
    name,
    image: text(service['image']),
    mode: text(deploy['mode']) ?? 'replicated',
    replicas: typeof replicas === 'number' ? replicas : undefined,
    hasHealthcheck: hasHealthcheck(service['healthcheck']),
    hostPorts:
      Array.isArray(service['ports']) && service['ports'].some(port => fields(port)['mode'] === 'host'),
    constraints: constraintsOf(fields(deploy['placement'])['constraints']),
    update: updateOf(fields(deploy['update_config'])),
    oneShot: fields(deploy['restart_policy'])['condition'] === 'none',
  }
}

export const constraintsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

const updateOf = (config: Fields): UpdateConfig => ({
  order: text(config['order']),
  failureAction: text(config['failure_action']),
  maxFailureRatio: Number(config['max_failure_ratio'] ?? 0),
})

function hasHealthcheck(value: unknown): boolean {
  const { test, disable } = fields(value)
  return test !== undefined && disable !== true && !(Array.isArray(test) && test[0] === 'NONE')
}

/** Keys that Swarm silently ignores. */
const ignored = ['build', 'container_name', 'restart', 'depends_on', 'network_mode', 'privileged']

/** Returns the keys of a stack file that Swarm ignores, as `web.restart`. */
export async function ignoredKeys(yaml: string): Promise<string[]> {
  const { services } = fields(await parseYaml(yaml))
  return Object.entries(fields(services)).flatMap(([name, service]) =>
    ignored.filter(key => fields(service)[key] !== undefined).map(key => `${name}.${key}`),
  )
}

/** Returns the variables that a text uses without a default; `$$` is a literal dollar sign. */
export const bareVariables = (yaml: string): string[] =>
  variablesIn(yaml, /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g)

/** Returns the variables that a text uses, with or without a default. */
export const usedVariables = (yaml: string): string[] =>
  variablesIn(yaml, /\$(?:\{([A-Za-z_]\w*)|([A-Za-z_]\w*))/g)

function variablesIn(yaml: string, use: RegExp): string[] {
  const lines = yaml.split('\n').filter(line => !/^\s*#/.test(line))
  const found = lines.join('\n').replaceAll('$$', '').matchAll(use)
  return [...new Set([...found].map(([, braced, plain]) => braced ?? plain ?? ''))]
}
