import type { Needs } from '../../compose/dependencies.ts'
import type { Project } from './project-facts.ts'

/**
 * What preflight found out about the server; the transaction is built from it. Read-only, and never a secret in
 * it: of Compose's resolved configuration only what is named here is kept.
 */
export interface ServerFacts {
  readonly tools: Tools
  readonly project: Project
  /** One for each service of the plan, in its order. */
  readonly services: readonly ServiceFacts[]
  /** What they depend on, and in which order they come up. */
  readonly needs?: Needs
}

/** What there is on the server, and how docker and Compose are called there. */
export interface Tools {
  /** An argv prefix: `['docker']`, `['sudo', '-n', '/usr/bin/docker']`, `['docker', '-H', 'unix:///…']`. */
  readonly docker: readonly string[]
  readonly engineVersion: string
  /** `['docker', 'compose']`, `['docker-compose']`, … each with the same `sudo` where docker needs it. */
  readonly compose: readonly string[]
  /** Without a leading `v`: `2.40.3`, `1.29.2`. */
  readonly composeVersion: string
  /** `linux/amd64`, `linux/arm/v7`: as the engine says. */
  readonly platform: string
  /**
   * Where docker finds the engine (what `-H` takes): a command under another `DOCKER_CONFIG` loses the current
   * context, and needs it said.
   */
  readonly endpoint: string
  readonly imageStore: 'classic' | 'containerd'
  /** Where the engine keeps its data, and how much is free there; undefined where nobody could say. */
  readonly dockerRoot: string
  readonly freeBytes: number | undefined
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly os: string
  readonly login: Login
  /** Which commands there are, busybox's included. */
  readonly has: Readonly<Record<ServerCommand, boolean>>
  /**
   * logind ends what this login leaves behind (`KillUserProcesses=yes`); how a command gets out of its reach, if
   * it can: an argv prefix (`systemd-run --user --scope …`).
   */
  readonly killsLeftovers: boolean
  readonly escape: readonly string[] | undefined
}

export type ServerCommand = 'flock' | 'setsid' | 'nohup' | 'timeout'

/** The user that was logged in. */
export interface Login {
  readonly user: string
  readonly uid: number
  readonly groups: readonly string[]
  readonly home: string
  readonly shell: string
}

/** A service as its compose file declares it, and as it runs. */
export interface ServiceFacts {
  readonly name: string
  /** The image reference that is declared, variables resolved; empty when there is only a `build:`. */
  readonly reference: string
  /** The same before its variables are resolved (`ghcr.io/me/app:${TAG}`); undefined where nobody could say. */
  readonly template: string | undefined
  readonly builds: boolean
  readonly pullPolicy: string | undefined
  /** `platform:` of the service. */
  readonly platform: string | undefined
  /** How many containers the file asks for. */
  readonly replicas: number
  readonly profiles: readonly string[]
  readonly containerName: string | undefined
  readonly networkMode: string | undefined
  readonly restart: string | undefined
  /** Made to end: others wait for its success, or all of it has ended well and is not restarted. */
  readonly oneShot: boolean
  /** Seconds. */
  readonly stopGracePeriod: number
  readonly dependsOn: readonly string[]
  /** Compose's hash of the configuration as it is now; undefined with v1, whose hash holds the image too. */
  readonly configHash: string | undefined
  /** Services that live in this one's network, and lose it when it is recreated. */
  readonly sideCars: readonly string[]
  /** Declared by the compose file, or by the image that runs; one of the new image is not known yet. */
  readonly hasHealthcheck: boolean
  /** As they are now. */
  readonly containers: readonly ContainerFacts[]
}

export interface ContainerFacts {
  /** In full. */
  readonly id: string
  readonly name: string
  /** `running`, `exited`, `restarting`, … */
  readonly state: string
  /** 0 while it runs. */
  readonly exitCode: number
  /** `healthy`, `unhealthy`, `starting`; undefined without a healthcheck. */
  readonly health: string | undefined
  /** The reference that it was made from. */
  readonly reference: string
  /** Its image, as the engine names it: the config's digest, or the index's with the containerd store. */
  readonly imageId: string
  /** `repo@sha256:…`, all that the image is known by; empty when it was built there. */
  readonly repoDigests: readonly string[]
  /** Compose's hash of the service's configuration when it was made, and the version that reckoned it. */
  readonly configHash: string | undefined
  readonly composeVersion: string | undefined
  readonly startedAt: string
  readonly restartCount: number
}
