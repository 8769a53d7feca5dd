import { enabled } from '../../compose/dependencies.ts'
import type { Problem } from '../../core/errors.ts'
import { familiar, parseReference, sameRepository } from '../../image/reference.ts'
import type { DeployPlan } from '../plan.ts'
import type { ProjectContainer } from './containers.ts'
import type { Project, ServiceFacts } from './facts.ts'
import { pinServices } from './pins.ts'
import type { ProjectReading } from './project.ts'
import type { Release } from './release.ts'

/** The services that a plain `docker compose up -d` is about, and those that are named. */
export function servicesOfProject(
  { config, profiles }: Pick<ProjectReading, 'config' | 'profiles'>,
  containers: readonly Pick<ProjectContainer, 'service'>[],
  { services: named }: Pick<DeployPlan, 'services'>,
): string[] {
  const isEnabled = enabled(config, named, profiles)
  const exists = (name: string) => containers.some(({ service }) => service === name)
  return Object.entries(config.services)
    .filter(
      ([name, { replicas }]) => named.includes(name) || (isEnabled(name) && (replicas > 0 || exists(name))),
    )
    .map(([name]) => name)
}

interface Selection {
  /** They run what is pushed or named: pinned and gated. */
  readonly services: readonly ServiceFacts[]
  /** Applied as Compose would. */
  readonly others: readonly ServiceFacts[]
  /** Of the others: they declare a pushed repository under a tag that is not pushed. */
  readonly passedOver: readonly ServiceFacts[]
}

/** Tells the services that run an image of this deploy from the others of the project; pure. */
export function selectServices(
  all: readonly ServiceFacts[],
  project: Project,
  named: readonly string[],
  release: Release | undefined,
): Selection {
  // A rollback puts back what the server's history has, and touches nothing else.
  if (release === undefined)
    return { services: all.filter(each => hasHistory(each, project)), others: [], passedOver: [] }
  const candidates = all.filter(each => named.includes(each.name) || isOfRelease(each, release))
  const { pins } = pinServices(candidates, project, release.references, release.named)
  const chosen = candidates.filter(
    ({ name }) => named.includes(name) || pins.some(({ service }) => service === name),
  )
  return {
    services: chosen,
    others: all.filter(each => !chosen.includes(each)),
    passedOver: candidates.filter(each => !chosen.includes(each)),
  }
}

const hasHistory = ({ name }: ServiceFacts, { history }: Project): boolean =>
  history.some(({ service, verdict }) => service === name && verdict === 'ok')

/** By the repository: the tag may be one that a variable decides, and the deploy sets. */
function isOfRelease({ reference }: ServiceFacts, { references }: Release): boolean {
  const declared = parseReference(reference)
  return !('reason' in declared) && references.some(each => sameRepository(each, declared))
}

/** Services that have containers, and that the compose files do not have any more. */
export const orphansOf = (
  { config }: Pick<ProjectReading, 'config'>,
  containers: readonly Pick<ProjectContainer, 'service'>[],
): string[] => [
  ...new Set(containers.map(({ service }) => service).filter(name => config.services[name] === undefined)),
]

/** Finds what keeps the whole project from being deployed; pure. */
export function wholeProblems({ services, others }: Selection, release: Release | undefined): Problem[] {
  const unbuilt = others.filter(each => each.reference === '' && each.containers.length === 0)
  return [
    ...(services.length === 0 ? [nothingOfRelease(others, release)] : []),
    ...unbuilt.map(({ name }) => ({
      input: 'service',
      cause: `\`${name}\` declares no \`image\`, only a \`build\`, and has no container on the server: Slipway builds nothing there.`,
      remedy: `Give it an \`image:\` that is pushed, or build it there once: \`docker compose up -d ${name}\`.`,
    })),
  ]
}

function nothingOfRelease(others: readonly ServiceFacts[], release: Release | undefined): Problem {
  if (release === undefined)
    return {
      input: 'rollback-to',
      cause: 'The history of the project on the server has no release of any of its services.',
      remedy: 'There is nothing to come back yet: only what Slipway deployed and verified there can.',
    }
  const [first] = release.references
  const declared = others.map(({ name, reference }) => `\`${name}\`: \`${reference || 'only a build'}\``)
  return {
    input: 'service',
    cause: `No service of the project runs what is pushed (${release.references.map(each => `\`${familiar(each)}\``).join(', ')}): ${declared.join(', ')}.`,
    remedy: `Let a service declare it${first === undefined ? '' : ` (\`image: ${familiar(first)}\`)`}, or name a service with its image: \`service: web=ghcr.io/octo/web:1.2.3\`.`,
  }
}

export const warnOfPassedOver = ({ passedOver }: Selection): string[] =>
  passedOver.map(
    ({ name, reference }) =>
      `\`${name}\` declares \`${reference}\`, a tag that this run does not push: it is applied as it is declared, and not pinned.`,
  )
