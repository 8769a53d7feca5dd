import { exactImage, type Reference, repositoryName } from '../../image/reference.ts'
import type { DeployedService, RunningImage } from '../service.ts'
import { type Change, changesOf } from './changes.ts'
import type { ServiceStrategy, TargetFacts } from './facts.ts'
import { lastVerified } from './history.ts'
import type { ReleaseCheck } from './release.ts'

/** What a deploy would do, as plain data for the printed plan and the output `plan`. */
export interface DeployDescription {
  readonly project: string
  readonly directory: string
  readonly services: readonly ServiceDescription[]
  /** In a deploy of the whole project, the changes to services that do not run the release, and to orphans. */
  readonly changes: readonly Change[]
  /** The variables that would be set in the `.env` file of the project. */
  readonly env: Readonly<Record<string, string>>
  /** An earlier deploy was interrupted, and would be settled first. */
  readonly unfinished: boolean
}

export interface ServiceDescription {
  readonly name: string
  /** The running image: `repo@sha256:…`, or its ID if it never was in a registry; undefined if nothing runs. */
  readonly from: string | undefined
  /** The image that `service` names for it; undefined for the pushed image. */
  readonly to: string | undefined
  /** The reference that the pushed digest would be pinned under. */
  readonly reference: string
  readonly containers: number
  /**
   * The compose configuration, apart from the image, has changed since the containers were created. Undefined if
   * Compose cannot tell: another version of it created them, it is v1, or there are no containers.
   */
  readonly configChanged: boolean | undefined
  /**
   * Says how the running image differs from the last verified release; undefined if it does not, or without a release.
   */
  readonly drift: string | undefined
  /** How it would be replaced, and why it would be recreated if another strategy was requested. */
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
      const chosen = expectedStrategy(
        service,
        strategies.find(({ name }) => name === service.name),
      )
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

/** Returns the strategy that the server will find possible: it recreates a service that is not running. */
const expectedStrategy = (
  service: DeployedService,
  chosen: ServiceStrategy | undefined,
): Omit<ServiceStrategy, 'name' | 'ports'> | undefined =>
  chosen === undefined || chosen.strategy === 'recreate' || service.containers.some(isStarted)
    ? chosen
    : { strategy: 'recreate', reason: 'it is not running yet', instead: chosen.strategy }

/** Reports whether a container counts as running for the transaction, which also counts one that keeps crashing. */
const isStarted = ({ state }: RunningImage): boolean => state === 'running' || state === 'restarting'

/** Returns the containers that count as the release: those that run, else all. */
function serving({ containers }: DeployedService): readonly RunningImage[] {
  const running = containers.filter(isStarted)
  return running.length > 0 ? running : containers
}

/** Reports whether any container of a service runs; one in a crash loop (`restarting`) does not count. */
export const isUp = ({ containers }: DeployedService): boolean =>
  containers.some(({ state }) => state === 'running')

/**
 * Returns the image that a service runs: `repo@sha256:…`, with the preferred repository if the image has several names,
 * or the image ID if the image never was in a registry.
 */
export function runningRelease(service: DeployedService, preferred?: Reference): string | undefined {
  const [container] = serving(service)
  if (container === undefined) return undefined
  const { repoDigests, imageId } = container
  const own = preferred === undefined ? undefined : `${repositoryName(preferred)}@`
  return repoDigests.find(digest => own !== undefined && digest.startsWith(own)) ?? repoDigests[0] ?? imageId
}

/**
 * Compares config hashes, but only with containers of the same Compose version, as versions compute different hashes.
 */
function configChanged({ configHash, containers }: DeployedService, version: string): boolean | undefined {
  const comparable = containers.filter(({ composeVersion }) => composeVersion === version)
  if (configHash === undefined || comparable.length === 0) return undefined
  return comparable.some(container => container.configHash !== configHash)
}

function driftOf(service: DeployedService, verified: string | undefined): string | undefined {
  if (verified === undefined) return undefined
  const digest = verified.slice(verified.indexOf('@') + 1)
  const containers = serving(service)
  if (containers.length === 0) return `Nothing runs, but ${verified} is the last verified release.`
  const drifted = containers.find(each => !runsDigest(each, digest))
  if (drifted === undefined) return undefined
  return `${drifted.name} runs ${drifted.repoDigests[0] ?? drifted.imageId}, but ${verified} is the last verified release.`
}

/**
 * Compares a digest with the image ID, which is a digest with the containerd store, and with the names of the image.
 */
const runsDigest = ({ imageId, repoDigests }: RunningImage, digest: string): boolean =>
  imageId === digest || repoDigests.some(each => each.endsWith(`@${digest}`))
