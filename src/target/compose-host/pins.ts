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

/** The image of a service after the deploy: the declared reference, and the pushed one that Slipway pins it to. */
export interface Pin {
  readonly service: string
  /** The reference that the compose file declares once `envSet` is written. */
  readonly reference: string
  /**
   * Includes the digest if `image` gives one, or if `service` names the image. For a rollback, only the repository
   * matters; the tag is that of `reference`.
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
 * Finds the pushed reference that each service declares. If a service declares none, but one variable of the `.env`
 * file would make it declare one, sets that variable; `pushed` is in order of importance, so the first match wins.
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
    const isPushed = findPushed(declared, candidates) !== undefined
    if (!isPushed) Object.assign(envSet, findVariable(service, project, candidates, names, envSet))
  }
  // A second loop, as a variable that is set for one service may change the reference that another one declares.
  const pins: Pin[] = []
  const problems: Problem[] = []
  for (const service of services) {
    const candidates = candidatesOf(service)
    const declared = declaredBy(service, project, envSet)
    // An image that the input `service` names matches any declared tag of its repository.
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

/** Returns the reference that a service declares once the variables of `envSet` are set. */
function declaredBy({ reference, template }: ServiceFacts, { variables }: Project, envSet: EnvSet): string {
  const decided = template !== undefined && variablesOf(template).some(name => name in envSet)
  return decided ? interpolate(template, lookup(variables, envSet)) : reference
}

/** Variables to set in the `.env` file, by name. */
export type EnvSet = Readonly<Record<string, string>>

/** Looks up the value that a variable has once `envSet` is written to the `.env` file. */
export const lookup = (variables: readonly Variable[], envSet: EnvSet) => (name: string) =>
  envSet[name] ?? variables.find(variable => variable.name === name)?.value

/** Returns the pushed reference that a text denotes: `nginx` is `docker.io/library/nginx:latest`. */
function findPushed(text: string, pushed: readonly Reference[]): Reference | undefined {
  const reference = parseReference(text)
  if ('reason' in reference || reference.digest !== undefined) return undefined
  return pushed.find(
    each => sameRepository(each, reference) && (isUntagged(each) || tagOf(each) === tagOf(reference)),
  )
}

/** Reports whether an image is named by digest only, so that it matches any tag. */
const isUntagged = ({ tag, digest }: Reference): boolean => tag === undefined && digest !== undefined

const untagged = ({ tag, ...image }: Reference): Reference => image

/** Returns the tag, by default `latest`. */
const tagOf = ({ tag = 'latest' }: Reference): string => tag

/**
 * Finds a variable of the `.env` file, with its value, that makes the service declare a pushed reference. Returns none
 * if no single variable does, or if it would also change services that are not deployed. Tries the last variable first,
 * as the tag is at the end.
 */
function findVariable(
  { template }: ServiceFacts,
  { variables, envFile }: Project,
  pushed: readonly Reference[],
  services: readonly string[],
  envSet: EnvSet,
): EnvSet {
  if (template === undefined || envFile === undefined) return {}
  const settable = (name: string) => !(name in envSet) && isSettable(name, variables, services)
  const settings = variablesOf(template)
    .filter(settable)
    .reverse()
    .flatMap(name =>
      pushed.flatMap(reference => settingsFor(name, template, reference, lookup(variables, envSet))),
    )
  return settings[0] ?? {}
}

const isSettable = (name: string, variables: readonly Variable[], services: readonly string[]): boolean =>
  variables.some(
    variable =>
      variable.name === name &&
      variable.from === 'env-file' &&
      variable.services.every(service => services.includes(service)),
  )

/** Returns the values of a variable with which the template denotes the reference, each as a setting. */
function settingsFor(name: string, template: string, reference: Reference, current: Lookup): EnvSet[] {
  const rendered = interpolate(template, each => (each === name ? placeholder : current(each)))
  const [before = '', ...rest] = rendered.split(placeholder)
  return [familiar(reference), `${repositoryName(reference)}:${tagOf(reference)}`]
    .map(text => between(text, before, rest.at(-1) ?? ''))
    .filter(value => value !== undefined)
    .filter(value => findPushed(rendered.replaceAll(placeholder, value), [reference]) !== undefined)
    .map(value => ({ [name]: value }))
}

/** Marks the place of the wanted value. */
const placeholder = '\0'

function between(text: string, before: string, after: string): string | undefined {
  const matches =
    text.startsWith(before) && text.endsWith(after) && text.length > before.length + after.length
  return matches ? text.slice(before.length, text.length - after.length) : undefined
}

/** Finds the problem that keeps a service from running any pushed image; `example` is a pushed one for the remedy. */
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
    cause: `The service \`${name}\` declares the image \`${service.template}\`, but \`${unset.name}\` is not set.`,
    remedy: setVariable(unset.name),
  }
}

/** Returns the problem of a service that declares an image that this run does not push. */
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

/**
 * Suggests another value for the variable that decides the image, if there is one. Pushing the declared tag instead
 * could overwrite an existing release.
 */
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
  const [suggested] = pushed.flatMap(reference => settingsFor(name, template, reference, current))
  const others = decided.services.filter(each => each !== service.name)
  const too =
    others.length === 0
      ? ''
      : ` It decides the image of ${list(others)} too: deploy all of them (\`service: ${[service.name, ...others].join(', ')}\`).`
  const setting =
    suggested === undefined
      ? `${name}=…`
      : Object.entries(suggested)
          .map(([key, value]) => `${key}=${value}`)
          .join()
  return { input: 'env', cause, remedy: `Set \`env: ${setting}\`: the variable decides the image.${too}` }
}

/** Suggests a remedy for a literal tag. A version tag denotes one release, which pushing the tag would overwrite. */
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
