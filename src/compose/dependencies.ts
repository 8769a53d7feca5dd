import type { ComposeProject, Condition } from './config.ts'

/** A service that others need, and how it has to be before they start. */
export interface Need {
  readonly name: string
  readonly condition: Condition
  /** Its image; undefined if it is built. */
  readonly image: string | undefined
  /** `platform:` of the service. */
  readonly platform: string | undefined
}

export interface Needs {
  /** Services besides the planned ones: started where they are not there, else left alone. */
  readonly dependencies: readonly Need[]
  /** The planned services as they come up after each other; one wave when none needs another. */
  readonly waves: readonly (readonly Need[])[]
}

/**
 * Whether a service is enabled where these profiles are active; as Compose has it, naming a service activates its own.
 * https://github.com/compose-spec/compose-spec/blob/main/15-profiles.md
 */
export function enabled({ services }: ComposeProject, planned: readonly string[], active: readonly string[]) {
  const profiles = new Set([...active, ...planned.flatMap(name => services[name]?.profiles ?? [])])
  return (name: string): boolean => {
    const own = services[name]?.profiles
    return (
      own !== undefined && (own.length === 0 || profiles.has('*') || own.some(each => profiles.has(each)))
    )
  }
}

/** Finds the direct and indirect dependencies of the planned services; pure. */
export function needsOf(
  project: ComposeProject,
  planned: readonly string[],
  active: readonly string[] = [],
): Needs {
  const { services } = project
  const isEnabled = enabled(project, planned, active)
  const reached = new Map<string, Condition>()
  const visit = (name: string) => {
    const { needs = {}, optional = [] } = services[name] ?? {}
    for (const [other, condition] of Object.entries(needs)) {
      // Compose starts no optional dependency of an inactive profile.
      if (optional.includes(other) && !isEnabled(other)) continue
      const known = reached.get(other)
      reached.set(other, known === undefined || known === 'started' ? condition : known)
      if (known === undefined) visit(other)
    }
  }
  planned.forEach(visit)
  const conditionOf = (name: string): Need => ({
    name,
    condition: reached.get(name) ?? 'started',
    image: services[name]?.image,
    platform: services[name]?.platform,
  })
  const depth = (name: string, path: readonly string[] = []): number => {
    const own = Object.keys(services[name]?.needs ?? {}).filter(other => !path.includes(other))
    const below = own.map(other => depth(other, [...path, name]) + (planned.includes(other) ? 1 : 0))
    return Math.max(0, ...below)
  }
  const levels = Map.groupBy(planned, name => depth(name))
  return {
    dependencies: [...reached.keys()].filter(name => !planned.includes(name)).map(conditionOf),
    waves: [...levels].sort(([one], [other]) => one - other).map(([, names]) => names.map(conditionOf)),
  }
}
