import type { PublishedPort } from '../compose/config.ts'

/** A service that is deployed, as far as a deploy goes by it on any target. */
export interface DeployedService {
  readonly name: string
  /** The image reference that is declared, or that runs; empty when there is only a `build:`. */
  readonly reference: string
  /** How many containers or tasks are asked for. */
  readonly replicas: number
  /** Made to end: others wait for its success, or all of it has ended well and is not restarted. */
  readonly oneShot: boolean
  /** Declared by the file, or by the image that runs; one of the new image is not known yet. */
  readonly hasHealthcheck: boolean
  /** As they are now. */
  readonly containers: readonly RunningImage[]
  /** Seconds. */
  readonly stopGracePeriod?: number
  readonly platform?: string | undefined
  readonly pullPolicy?: string | undefined
  /** Published with a fixed number. */
  readonly ports?: readonly PublishedPort[]
  /** Compose's hash of the configuration as it is now; undefined with v1, whose hash holds the image too. */
  readonly configHash?: string | undefined
}

/** What a container, or a task of a Swarm, runs. */
export interface RunningImage {
  readonly id: string
  readonly name: string
  /** `running`, `exited`, `restarting`, … */
  readonly state: string
  /** The reference that it was made from. */
  readonly reference: string
  /** Its image, as the engine names it: the config's digest, or the index's with the containerd store. */
  readonly imageId: string
  /** `repo@sha256:…`, all that the image is known by; empty when it was built there. */
  readonly repoDigests: readonly string[]
  /** `healthy`, `unhealthy`, `starting`; undefined without a healthcheck. */
  readonly health?: string | undefined
  /** Compose's hash of the service's configuration when it was made, and the version that reckoned it. */
  readonly configHash?: string | undefined
  readonly composeVersion?: string | undefined
}
