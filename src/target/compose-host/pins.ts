import { interpolate, type Lookup, variablesOf } from '../../compose/interpolation.ts'
import type { Problem } from '../../core/errors.ts'
import {
  familiar,
  type NoReference,
  parseReference,
  type Reference,
  repositoryName,
  sameRepository,
} from '../../image/reference.ts'
import type { NamedImages } from '../services.ts'
import type { Project, ServiceFacts, Variable } from './facts.ts'
import { setVariable } from './files.ts'

/** What a service will run: the reference that its image is pinned under, and the pushed one that it stands for. */
export interface Pin {
  readonly service: string
  /** As the compose file declares it, once `envSet` is written. */
  readonly reference: string
  /**
   * With its digest where the image was named by it, or named for this service. Where a release of the history comes
   * back: its repository alone, the tag is that of `reference`.
   */
  readonly pushed: Reference
}

interface Pinning {
  readonly pins: readonly Pin[]
  /** Variables to set in the `.env` file, so that the services declare the pushed image. */
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
  named: NamedImages = {},
): Pinning {
  const envSet: Record<string, string> = {}
  const names = services.map(({ name }) => name)
  const candidatesOf = ({ name }: ServiceFacts) => {
    const image = named[name]?.reference
    return image === undefined ? pushed : [image]
  }
  for (const service of services) {
    const declared = declaredBy(service, project, envSet)
    const candidates = candidatesOf(service)
    const known = findPushed(declared, candidates) !== undefined
    if (!known) Object.assign(envSet, solve(service, project, candidates, names, envSet))
  }
  // Only now: a variable that was set for one service may have changed what another declares.
  const pins: Pin[] = []
  const problems: Problem[] = []
  for (const service of services) {
    const candidates = candidatesOf(service)
    const declared = declaredBy(service, project, envSet)
    // An image that `service` names runs under any tag of its repository that the service declares.
    const [image] = candidates === pushed || findPushed(declared, candidates) ? [] : candidates
    const pin = pinOf(service, declared, project, image === undefined ? candidates : [untagged(image)])
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
  return unpinnable(service, project, pushed[0]) ?? notPushed(service, project, pushed)
}

/** The reference that a service declares once some variables are set. */
function declaredBy({ reference, template }: ServiceFacts, { variables }: Project, envSet: EnvSet): string {
  const decided = template !== undefined && variablesOf(template).some(name => name in envSet)
  return decided ? interpolate(template, lookup(variables, envSet)) : reference
}

/** Lines for the `.env` file. */
export type EnvSet = Readonly<Record<string, string>>

/** The values of variables, as the `.env` file will have them. */
export const lookup = (variables: readonly Variable[], envSet: EnvSet) => (name: string) =>
  envSet[name] ?? variables.find(variable => variable.name === name)?.value

/** The pushed reference that a text means: `nginx` is `docker.io/library/nginx:latest`. */
function findPushed(text: string, pushed: readonly Reference[]): Reference | undefined {
  const reference = parseReference(text)
  if ('reason' in reference || reference.digest !== undefined) return undefined
  return pushed.find(
    each => sameRepository(each, reference) && (isUntagged(each) || tagOf(each) === tagOf(reference)),
  )
}

/** An image that is named by digest alone can be deployed under any tag. */
const isUntagged = ({ tag, digest }: Reference): boolean => tag === undefined && digest !== undefined

const untagged = ({ tag, ...image }: Reference): Reference => image

/** What no tag means. */
const tagOf = ({ tag = 'latest' }: Reference): string => tag

/**
 * One line for the `.env` file that makes the service declare something pushed; none when no single one does, or when
 * it would change what others run. The last variable is tried first: that is where tags are.
 */
function solve(
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

/** Finds what keeps a service from running any pushed image; `example` is one that this run pushes. */
export function unpinnable(
  service: ServiceFacts,
  project: Project,
  example?: Reference,
): Problem | undefined {
  const { name, reference, builds } = service
  if (reference === '') {
    return {
      input: 'service',
      cause: `The service \`${name}\` declares no \`image\`${builds ? ', only a `build`' : ''}, so it cannot run the pushed image.`,
      remedy: `Add an \`image:\` to the service in the compose file${example === undefined ? '' : `: \`image: ${familiar(example)}\``}.`,
    }
  }
  const parsed = parseReference(reference)
  if ('reason' in parsed) return noReference(service, project, parsed)
  if (parsed.digest === undefined) return undefined
  return {
    cause: `The service \`${name}\` declares the image \`${reference}\`: it is pinned to a digest, so it can never run a new image.`,
    remedy: 'Remove the digest from `image:`. Slipway itself pins the service to the pushed digest.',
  }
}

function noReference(service: ServiceFacts, project: Project, { reason, remedy }: NoReference): Problem {
  const { name, reference } = service
  const unset = variablesIn(service, project).find(({ from }) => from === undefined)
  if (unset === undefined) {
    return { cause: `The service \`${name}\` declares the image \`${reference}\`: ${reason}.`, remedy }
  }
  return {
    cause: `The service \`${name}\` declares the image \`${service.template}\`, and \`${unset.name}\` is not set.`,
    remedy: setVariable(unset.name),
  }
}

/** Says that the service declares an image that this run does not push. */
export function notPushed(service: ServiceFacts, project: Project, pushed: readonly Reference[]): Problem {
  const { name, reference } = service
  const cause = `The service \`${name}\` declares the image \`${reference}\`, which this run does not push (it pushes ${list(pushed.map(familiar))}): the deploy would change nothing.`
  const parsed = parseReference(reference)
  const own = 'reason' in parsed ? [] : pushed.filter(each => sameRepository(each, parsed))
  const [first] = own.length > 0 ? own : pushed
  if ('reason' in parsed || first === undefined || own.length === 0) {
    const example = first === undefined ? '' : `: \`image: ${familiar(first)}\``
    return { input: 'image', cause, remedy: `Change the service to one of them${example}.` }
  }
  return decidedBy(service, project, own, cause) ?? literal(tagOf(parsed), first, cause)
}

/** Where a variable is a part of the image, that is what to change: a tag that is there already may be a release. */
function decidedBy(
  service: ServiceFacts,
  { variables }: Project,
  pushed: readonly Reference[],
  cause: string,
): Problem | undefined {
  const { template = '' } = service
  const decided = variablesOf(template)
    .flatMap(name => variables.filter(variable => variable.name === name))
    .at(-1)
  if (decided === undefined) return undefined
  const { name, from } = decided
  if (from === 'environment') {
    const remedy = `Change \`${name}\`, which decides the image and is set in the login environment on the server.`
    return { input: 'tags', cause, remedy }
  }
  const current = lookup(variables, {})
  const [line] = pushed.flatMap(reference => linesFor(name, template, reference, current))
  const others = decided.services.filter(each => each !== service.name)
  const too =
    others.length === 0
      ? ''
      : ` It decides the image of ${list(others)} too: deploy all of them (\`service: ${[service.name, ...others].join(', ')}\`).`
  const setting =
    line === undefined
      ? `${name}=…`
      : Object.entries(line)
          .map(([key, value]) => `${key}=${value}`)
          .join()
  return { input: 'env', cause, remedy: `Set \`env: ${setting}\`: the variable decides the image.${too}` }
}

/** A version that is written out stands for one release: a tag of that name would replace it. */
const literal = (tag: string, first: Reference, cause: string): Problem => {
  const declare = `declare \`image: ${familiar(first)}\``
  const remedy = /^v?\d+\.\d/.test(tag)
    ? `Let the service ${declare}, or use a variable (\`:\${TAG}\`) and set it with \`env\`.`
    : `Add \`${tag}\` to \`tags\`, or let the service ${declare}.`
  return { input: 'tags', cause, remedy }
}

const variablesIn = ({ template = '' }: ServiceFacts, { variables }: Project): Variable[] =>
  variablesOf(template).flatMap(name => variables.filter(variable => variable.name === name))

const list = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')
