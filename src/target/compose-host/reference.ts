import { interpolate, variablesOf } from '../../compose/interpolation.ts'
import type { Problem } from '../../core/errors.ts'
import type { Reference } from '../../image/reference.ts'
import type { ServiceFacts } from './facts.ts'
import type { Project } from './project-facts.ts'
import { type EnvSet, findPushed, lookup, solve } from './solve.ts'
import { notPushed, unpinnable } from './unpinned.ts'

/** What a service will run: the reference that its image is pinned under, and the pushed one that it stands for. */
export interface Pin {
  readonly service: string
  /** As the compose file declares it, once `envSet` is written. */
  readonly reference: string
  /** Where a release of the history comes back: its repository alone, the tag is that of `reference`. */
  readonly pushed: Reference
}

export interface Pinning {
  readonly pins: readonly Pin[]
  /** What the `.env` file has to say, so that the services declare what is pushed. */
  readonly envSet: EnvSet
  readonly problems: readonly Problem[]
}

/**
 * Finds for each service the pushed reference that it declares. Where none is, but one variable of the `.env` file
 * decides, that variable is set to what was pushed: the first that fits, as they come in order of importance.
 */
export function pinServices(
  services: readonly ServiceFacts[],
  project: Project,
  pushed: readonly Reference[],
): Pinning {
  const envSet: Record<string, string> = {}
  const names = services.map(({ name }) => name)
  for (const service of services) {
    const declared = declaredBy(service, project, envSet)
    const known = findPushed(declared, pushed) !== undefined
    if (!known) Object.assign(envSet, solve(service, project, pushed, names, envSet))
  }
  // Only now: a variable that was set for one service may have changed what another declares.
  const pins: Pin[] = []
  const problems: Problem[] = []
  for (const service of services) {
    const pin = pinOf(service, declaredBy(service, project, envSet), project, pushed)
    if ('cause' in pin) problems.push(pin)
    else pins.push(pin)
  }
  return { pins, problems, envSet }
}

function pinOf(
  service: ServiceFacts,
  reference: string,
  project: Project,
  pushed: readonly Reference[],
): Pin | Problem {
  const match = findPushed(reference, pushed)
  if (match !== undefined) return { service: service.name, reference, pushed: match }
  return unpinnable(service, project) ?? notPushed(service, project, pushed)
}

/** The reference that a service declares once some variables are set. */
function declaredBy({ reference, template }: ServiceFacts, { variables }: Project, envSet: EnvSet): string {
  const decided = template !== undefined && variablesOf(template).some(name => name in envSet)
  return decided ? interpolate(template, lookup(variables, envSet)) : reference
}
