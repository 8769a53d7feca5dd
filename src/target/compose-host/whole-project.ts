import { enabled } from '../../compose/dependencies.ts'
import type { Problem } from '../../core/errors.ts'
import { familiar, parseReference, sameRepository } from '../../image/reference.ts'
import type { DeployPlan } from '../plan.ts'
import type { ProjectContainer } from './containers.ts'
import type { Project, ServiceFacts } from './facts.ts'
import { pinServices } from './pins.ts'
import type { ProjectReading } from './project.ts'
import type { Release } from './release.ts'

/** Returns the services that a plain `docker compose up -d` would apply, and those that `service` names. */
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
  /** Services that run a pushed or named image: they are pinned and gated. */
  readonly services: readonly ServiceFacts[]
  /** All other services, which are applied as `docker compose up -d` would. */
  readonly others: readonly ServiceFacts[]
  /** The services of `others` that declare a pushed repository, but a tag that is not pushed. */
  readonly unpushed: readonly ServiceFacts[]
}

/** Separates the services that run an image of this deploy from the others of the project; pure. */
export function selectServices(
  all: readonly ServiceFacts[],
  project: Project,
  named: readonly string[],
  release: Release | undefined,
): Selection {
  // A rollback restores services from the server's history, and changes no others.
  if (release === undefined)
    return { services: all.filter(each => hasHistory(each, project)), others: [], unpushed: [] }
  const candidates = all.filter(each => named.includes(each.name) || isOfRelease(each, release))
  const { pins } = pinServices(candidates, project, release.references, release.named)
  const chosen = candidates.filter(
    ({ name }) => named.includes(name) || pins.some(({ service }) => service === name),
  )
  return {
    services: chosen,
    others: all.filter(each => !chosen.includes(each)),
    unpushed: candidates.filter(each => !chosen.includes(each)),
  }
}

const hasHistory = ({ name }: ServiceFacts, { history }: Project): boolean =>
  history.some(({ service, verdict }) => service === name && verdict === 'ok')

/** Compares repositories only, as the deploy may set a variable that decides the tag. */
function isOfRelease({ reference }: ServiceFacts, { references }: Release): boolean {
  const declared = parseReference(reference)
  return !('reason' in declared) && references.some(each => sameRepository(each, declared))
}

/** Returns the services that have containers but are no longer in the compose files. */
export const orphansOf = (
  { config }: Pick<ProjectReading, 'config'>,
  containers: readonly Pick<ProjectContainer, 'service'>[],
): string[] => [
  ...new Set(containers.map(({ service }) => service).filter(name => config.services[name] === undefined)),
]

/** Finds the problems of a deploy of the whole project; pure. */
export function wholeProblems({ services, others }: Selection, release: Release | undefined): Problem[] {
  const unbuilt = others.filter(each => each.reference === '' && each.containers.length === 0)
  return [
    ...(services.length === 0 ? [nothingOfRelease(others, release)] : []),
    ...unbuilt.map(({ name }) => ({
      input: 'service',
      cause: `\`${name}\` declares no \`image\`, only a \`build\`, and has no container on the server. Slipway does not build there.`,
      remedy: `Add an \`image:\` that is pushed, or build the service there once: \`docker compose up -d ${name}\`.`,
    })),
  ]
}

function nothingOfRelease(others: readonly ServiceFacts[], release: Release | undefined): Problem {
  if (release === undefined)
    return {
      input: 'rollback-to',
      cause: "The project's history on the server has no release of any of its services.",
      remedy:
        'Deploy first: you can roll back only to a release that Slipway has deployed and verified there.',
    }
  const [first] = release.references
  const declared = others.map(({ name, reference }) => `\`${name}\`: \`${reference || 'only a build'}\``)
  return {
    input: 'service',
    cause: `No service of the project declares a pushed image (${release.references.map(each => `\`${familiar(each)}\``).join(', ')}): ${declared.join(', ')}.`,
    remedy: `Declare it in a service${first === undefined ? '' : ` (\`image: ${familiar(first)}\`)`}, or name the service and its image: \`service: web=ghcr.io/octo/web:1.2.3\`.`,
  }
}

export const warnOfUnpushed = ({ unpushed }: Selection): string[] =>
  unpushed.map(
    ({ name, reference }) =>
      `\`${name}\` declares \`${reference}\`, a tag that this run does not push: Slipway applies it as declared and does not pin it.`,
  )
