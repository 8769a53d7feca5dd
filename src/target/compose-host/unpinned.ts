import { variablesOf } from '../../compose/interpolation.ts'
import type { Problem } from '../../core/errors.ts'
import {
  familiar,
  type NoReference,
  parseReference,
  type Reference,
  sameRepository,
} from '../../image/reference.ts'
import type { ServiceFacts } from './facts.ts'
import type { Project, Variable } from './project-facts.ts'
import { tagOf } from './solve.ts'

/** What no push can bring to a service. */
export function unpinnable(service: ServiceFacts, project: Project): Problem | undefined {
  const { name, reference, builds } = service
  if (reference === '') {
    return {
      input: 'service',
      cause: `The service \`${name}\` declares no \`image\`${builds ? ', only a `build`' : ''}: there is nothing to run what is pushed under.`,
      remedy: 'Give it an `image:` with one of the tags that are pushed.',
    }
  }
  const parsed = parseReference(reference)
  if ('reason' in parsed) return noReference(service, project, parsed)
  if (parsed.digest === undefined) return undefined
  return {
    cause: `The service \`${name}\` declares the image \`${reference}\`: pinned to a digest, it can never run another.`,
    remedy: 'Leave the digest out; what runs is pinned to the digest that is pushed, under its tag.',
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
    remedy: `Set it in the \`.env\` file of the project: \`echo ${unset.name}=TAG >>${project.base}/.env\`.`,
  }
}

/** The service would go on with what it has. */
export function notPushed(service: ServiceFacts, project: Project, pushed: readonly Reference[]): Problem {
  const { name, reference } = service
  const cause = `The service \`${name}\` declares the image \`${reference}\`, which is not among those that are pushed (${list(pushed.map(familiar))}): nothing would change.`
  const parsed = parseReference(reference)
  const own = 'reason' in parsed ? [] : pushed.filter(each => sameRepository(each, parsed))
  const [first] = own.length > 0 ? own : pushed
  if ('reason' in parsed || first === undefined || own.length === 0) {
    const example = first === undefined ? '' : `: \`image: ${familiar(first)}\``
    return { input: 'image', cause, remedy: `Let it declare one of them${example}.` }
  }
  const add = `Add \`${tagOf(parsed)}\` to \`tags\``
  return { input: 'tags', cause, remedy: `${add}, ${otherwise(service, project, first)}.` }
}

function otherwise(service: ServiceFacts, project: Project, first: Reference): string {
  const decided = variablesIn(service, project).at(-1)
  if (decided === undefined) return `or let the service declare \`${familiar(first)}\``
  const { name, from, services } = decided
  if (from === 'environment') {
    return `or change \`${name}\`, which decides the image and is set by the environment of the login`
  }
  const others = services.filter(each => each !== service.name)
  const why =
    others.length === 0 ? '' : ` (which is not done for you, as it decides the image of ${list(others)} too)`
  return `or set \`${name}\`, which decides the image, in the \`.env\` file of the project${why}`
}

const variablesIn = ({ template = '' }: ServiceFacts, { variables }: Project): Variable[] =>
  variablesOf(template).flatMap(name => variables.filter(variable => variable.name === name))

const list = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')
