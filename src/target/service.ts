import type { PublishedPort } from '../compose/config.ts'

/** A service to deploy: the properties that a Compose host and a Swarm have in common. */
export interface DeployedService {
  readonly name: string
  /** The declared image reference, else the running one; empty if the service has only a `build:`. */
  readonly reference: string
  /** The declared number of containers or tasks. */
  readonly replicas: number
  /** The service is meant to exit: others wait for its success, or its containers exited with 0 and are not restarted. */
  readonly oneShot: boolean
  /** By the compose file or the running image; a healthcheck of the new image is not known yet. */
  readonly hasHealthcheck: boolean
  /** The present containers, or tasks. */
  readonly containers: readonly RunningImage[]
  /** Seconds. */
  readonly stopGracePeriod?: number
  readonly platform?: string | undefined
  readonly pullPolicy?: string | undefined
  /** Ports that are published under a fixed number. */
  readonly ports?: readonly PublishedPort[]
  /** Compose's hash of the declared configuration; undefined with v1, whose hash includes the image. */
  readonly configHash?: string | undefined
}

/** The image that a container, or a task of a Swarm, runs. */
export interface RunningImage {
  readonly id: string
  readonly name: string
  /** `running`, `exited`, `restarting`, … */
  readonly state: string
  /** The image reference that it was created from. */
  readonly reference: string
  /** The engine's image ID: the digest of the config, or with the containerd store that of the index. */
  readonly imageId: string
  /** All names of the image by digest, `repo@sha256:…`; empty if it was built on the server. */
  readonly repoDigests: readonly string[]
  /** `healthy`, `unhealthy`, `starting`; undefined without a healthcheck. */
  readonly health?: string | undefined
  /** Compose's hash of the service's configuration at creation, and the version of Compose that computed it. */
  readonly configHash?: string | undefined
  readonly composeVersion?: string | undefined
}
