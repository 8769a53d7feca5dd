import type { ComposeProject, Condition } from './config.ts'

/** A service, with the condition that it must meet before its dependents start. */
export interface Dependency {
  readonly name: string
  readonly condition: Condition
  /** The image; undefined if Compose builds it. */
  readonly image: string | undefined
  /** The `platform:` of the service. */
  readonly platform: string | undefined
}

/** The order in which the services of a deploy start. */
export interface StartOrder {
  /** Services that are not deployed themselves. They are started if they do not run, and otherwise left unchanged. */
  readonly dependencies: readonly Dependency[]
  /** The planned services in the order they start. Without dependencies between them there is only one wave. */
  readonly waves: readonly (readonly Dependency[])[]
}

/**
 * Returns a function that reports whether a service is enabled. As in Compose, naming a service activates its profiles.
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

/** Finds the direct and indirect dependencies of the planned services, and the order in which all of them start. */
export function startOrder(
  project: ComposeProject,
  planned: readonly string[],
  active: readonly string[] = [],
): StartOrder {
  const { services } = project
  const isEnabled = enabled(project, planned, active)
  const reached = new Map<string, Condition>()
  const visit = (name: string) => {
    const { needs = {}, optional = [] } = services[name] ?? {}
    for (const [other, condition] of Object.entries(needs)) {
      // Compose does not start an optional dependency whose profile is inactive.
      if (optional.includes(other) && !isEnabled(other)) continue
      const known = reached.get(other)
      reached.set(other, known === undefined || known === 'started' ? condition : known)
      if (known === undefined) visit(other)
    }
  }
  planned.forEach(visit)
  // A one-shot succeeds only if it ends, also if the service that waits for it is not deployed this time.
  const isAwaited = (name: string) =>
    Object.entries(services).some(
      ([other, { mustComplete }]) => mustComplete.includes(name) && isEnabled(other),
    )
  const dependencyOf = (name: string): Dependency => ({
    name,
    condition: reached.get(name) ?? (isAwaited(name) ? 'ended' : 'started'),
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
    dependencies: [...reached.keys()].filter(name => !planned.includes(name)).map(dependencyOf),
    waves: [...levels].sort(([one], [other]) => one - other).map(([, names]) => names.map(dependencyOf)),
  }
}
