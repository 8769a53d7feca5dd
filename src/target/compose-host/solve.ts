import { interpolate, type Lookup, variablesOf } from '../../compose/interpolation.ts'
import {
  familiar,
  parseReference,
  type Reference,
  repositoryName,
  sameRepository,
} from '../../image/reference.ts'
import type { ServiceFacts } from './facts.ts'
import type { Project, Variable } from './project-facts.ts'

/** Lines for the `.env` file. */
export type EnvSet = Readonly<Record<string, string>>

/** The values of variables, as the `.env` file will have them. */
export const lookup = (variables: readonly Variable[], envSet: EnvSet) => (name: string) =>
  envSet[name] ?? variables.find(variable => variable.name === name)?.value

/** The pushed reference that a text means: `nginx` is `docker.io/library/nginx:latest`. */
export function findPushed(text: string, pushed: readonly Reference[]): Reference | undefined {
  const reference = parseReference(text)
  if ('reason' in reference || reference.digest !== undefined) return undefined
  return pushed.find(
    each => sameRepository(each, reference) && (isUntagged(each) || tagOf(each) === tagOf(reference)),
  )
}

/** What is named by its digest alone can be deployed under any tag. */
const isUntagged = ({ tag, digest }: Reference): boolean => tag === undefined && digest !== undefined

/** What no tag means. */
export const tagOf = ({ tag = 'latest' }: Reference): string => tag

/**
 * One line for the `.env` file that makes the service declare something pushed; none when no single one does, or when
 * it would change what others run. The last variable is tried first: that is where tags are.
 */
export function solve(
  { template }: ServiceFacts,
  { variables, envFile }: Project,
  pushed: readonly Reference[],
  services: readonly string[],
  envSet: EnvSet,
): EnvSet {
  if (template === undefined || envFile === undefined) return {}
  const settable = (name: string) => !(name in envSet) && isSettable(name, variables, services)
  const lines = variablesOf(template)
    .filter(settable)
    .reverse()
    .flatMap(name =>
      pushed.flatMap(reference => linesFor(name, template, reference, lookup(variables, envSet))),
    )
  return lines[0] ?? {}
}

const isSettable = (name: string, variables: readonly Variable[], services: readonly string[]): boolean =>
  variables.some(
    variable =>
      variable.name === name &&
      variable.from === 'env-file' &&
      variable.services.every(service => services.includes(service)),
  )

/** What a variable would have to be, so that the template means the reference. */
function linesFor(name: string, template: string, reference: Reference, current: Lookup): EnvSet[] {
  const spelt = interpolate(template, each => (each === name ? hole : current(each)))
  const [before = '', ...rest] = spelt.split(hole)
  return [familiar(reference), `${repositoryName(reference)}:${tagOf(reference)}`]
    .map(text => between(text, before, rest.at(-1) ?? ''))
    .filter(value => value !== undefined)
    .filter(value => findPushed(spelt.replaceAll(hole, value), [reference]) !== undefined)
    .map(value => ({ [name]: value }))
}

/** Stands for the value that is looked for. */
const hole = '\0'

function between(text: string, before: string, after: string): string | undefined {
  const fits = text.startsWith(before) && text.endsWith(after) && text.length > before.length + after.length
  return fits ? text.slice(before.length, text.length - after.length) : undefined
}
