import { exactImage, type Reference, repositoryName } from '../../image/reference.ts'
import type { DeployedService, RunningImage } from '../service.ts'
import { type Change, changesOf } from './changes.ts'
import type { ServiceStrategy, TargetFacts } from './facts.ts'
import { lastVerified } from './history.ts'
import type { ReleaseCheck } from './release.ts'

/** What a deploy would do, as plain data: for the plan that is printed, and for the output of that name. */
export interface DeployDescription {
  readonly project: string
  readonly directory: string
  readonly services: readonly ServiceDescription[]
  /** Of the whole project: what becomes of the services that do not run the release, and of orphans. */
  readonly changes: readonly Change[]
  /** What the `.env` file of the project would say. */
  readonly env: Readonly<Record<string, string>>
  /** An earlier deploy was cut off, and would be settled first. */
  readonly unfinished: boolean
}

export interface ServiceDescription {
  readonly name: string
  /** What runs now: `repo@sha256:…`, or an image ID where it never was in a registry; undefined: nothing does. */
  readonly from: string | undefined
  /** The image that `service` names for it; undefined: what is pushed. */
  readonly to: string | undefined
  /** The reference that the pushed digest would be pinned under. */
  readonly reference: string
  readonly containers: number
  /**
   * The compose configuration is not what the containers were made with, besides the image; undefined where Compose
   * does not tell (another version of it made them, v1, or there are none).
   */
  readonly configChanged: boolean | undefined
  /** What runs is not what was last verified; undefined: it is, or there was no deploy yet. */
  readonly drift: string | undefined
  /** How it would be replaced, and why it would be recreated where something else was asked for. */
  readonly strategy: ServiceStrategy['strategy']
  readonly reason: string | undefined
  readonly instead?: ServiceStrategy['instead']
}

/** Describes a deploy; pure. */
export function describeDeploy(
  { project, services, whole, tools, strategies = [] }: TargetFacts,
  { pins, envSet }: Pick<ReleaseCheck, 'pins' | 'envSet'>,
): DeployDescription {
  return {
    project: project.name,
    directory: project.directory,
    services: services.map(service => {
      const pin = pins.find(each => each.service === service.name)
      const chosen = strategies.find(({ name }) => name === service.name)
      return {
        name: service.name,
        from: runningRelease(service, pin?.pushed),
        to: pin?.pushed.digest === undefined ? undefined : exactImage(pin.pushed, pin.pushed.digest),
        reference: pin?.reference ?? service.reference,
        containers: service.containers.length,
        configChanged: configChanged(service, tools.composeVersion),
        drift: driftOf(service, lastVerified(project.history, service.name)?.image),
        strategy: chosen?.strategy ?? 'recreate',
        reason: chosen?.reason,
        ...(chosen?.instead === undefined ? {} : { instead: chosen.instead }),
      }
    }),
    changes: whole === undefined ? [] : changesOf(whole, tools.composeVersion),
    env: envSet,
    unfinished: project.unfinished,
  }
}

/** The containers that count as the release: those that run, else all that are left. */
function serving({ containers }: DeployedService): readonly RunningImage[] {
  const running = containers.filter(({ state }) => state === 'running' || state === 'restarting')
  return running.length > 0 ? running : containers
}

/** Whether any container of a service runs: a crash loop does not. */
export const isUp = ({ containers }: DeployedService): boolean =>
  containers.some(({ state }) => state === 'running')

/**
 * What a service runs: `repo@sha256:…`, under the given repository where the image is known by several. An image that
 * never was in a registry is named by its ID.
 */
export function runningRelease(service: DeployedService, preferred?: Reference): string | undefined {
  const [container] = serving(service)
  if (container === undefined) return undefined
  const { repoDigests, imageId } = container
  const own = preferred === undefined ? undefined : `${repositoryName(preferred)}@`
  return repoDigests.find(digest => own !== undefined && digest.startsWith(own)) ?? repoDigests[0] ?? imageId
}

/** Two versions of Compose reckon two hashes of the same. */
function configChanged({ configHash, containers }: DeployedService, version: string): boolean | undefined {
  const comparable = containers.filter(({ composeVersion }) => composeVersion === version)
  if (configHash === undefined || comparable.length === 0) return undefined
  return comparable.some(container => container.configHash !== configHash)
}

function driftOf(service: DeployedService, verified: string | undefined): string | undefined {
  if (verified === undefined) return undefined
  const digest = verified.slice(verified.indexOf('@') + 1)
  const containers = serving(service)
  if (containers.length === 0) return `Nothing runs, and ${verified} was the last that was verified.`
  const stranger = containers.find(each => !runsDigest(each, digest))
  if (stranger === undefined) return undefined
  return `${stranger.name} runs ${stranger.repoDigests[0] ?? stranger.imageId}, and ${verified} was the last that was verified.`
}

/** By its own identity with the containerd store, else by any name that it has. */
const runsDigest = ({ imageId, repoDigests }: RunningImage, digest: string): boolean =>
  imageId === digest || repoDigests.some(each => each.endsWith(`@${digest}`))
