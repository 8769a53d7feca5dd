import type { CopyFacts, PublishedPort } from '../../compose/config.ts'
import type { Needs } from '../../compose/dependencies.ts'
import type { DeployedService, RunningImage } from '../service.ts'

/**
 * What preflight found out about the server; the transaction is built from it. Read-only, and never a secret in
 * it: of Compose's resolved configuration only what is named here is kept.
 */
export interface TargetFacts {
  readonly tools: Tools
  readonly project: Project
  /** One for each service that is deployed: those of the plan, or of the whole project those that run its release. */
  readonly services: readonly DeployedService[]
  /** What they depend on, and in which order they come up. */
  readonly needs?: Needs
  /** The server is a manager, and its services are those of a Swarm, whose tasks stand for containers. */
  readonly swarm?: {
    readonly stack: string | undefined
    readonly nodes: readonly unknown[]
    readonly heartbeat: number
  }
  /** Of a deploy of the whole project: all that it does not pin. */
  readonly whole?: WholeFacts
  /** How each service is replaced; none: all are recreated, as nobody asked for anything else. */
  readonly strategies?: readonly ServiceStrategy[]
}

/** The same of a Compose host. */
export interface ServerFacts extends TargetFacts {
  readonly services: readonly ServiceFacts[]
  /** The project's other services that have an image. */
  readonly siblings: readonly Sibling[]
  /** Containers of other projects on the same engine. */
  readonly neighbours: readonly Neighbour[]
}

/** The strategies that lose no request. */
export type Lossless = 'relay' | 'start-first'

/** The services of a project that do not run what is deployed. */
export interface WholeFacts {
  /** They are applied as Compose would. */
  readonly others: readonly ServiceFacts[]
  /** They have containers, and the compose files do not have them any more. */
  readonly orphans: readonly string[]
  readonly removeOrphans: boolean
  /** Files or settings travel with the deploy: Compose's hashes are only known once they are in place. */
  readonly uploads?: boolean
}

/** How a service is replaced. */
export interface ServiceStrategy {
  readonly name: string
  readonly strategy: 'recreate' | Lossless
  /** Why it is recreated, though another strategy was asked for; undefined where nobody asked. */
  readonly reason?: string
  /** The strategy that the reason keeps it from. */
  readonly instead?: Lossless
  /** Nobody asked for this strategy, and nothing is known that is in its way. */
  readonly possible?: Lossless
  /** The published ports that a relay diverts. */
  readonly ports: readonly RelayPort[]
}

export interface RelayPort {
  /** Which of the service's replicas, from 1 on, has the port. */
  readonly index: number
  /** `*` for every address of the server. */
  readonly address: string
  readonly published: number
  readonly target: number
}

/** A service that is not deployed. */
export interface Sibling extends Pick<ServiceFacts, 'name' | 'reference' | 'template'> {
  /** By its profiles: `docker compose up -d` starts it. */
  readonly enabled: boolean
  /** It has a container. */
  readonly exists: boolean
  /** A service of the deploy waits for its end, itself or by way of others. */
  readonly waitedFor: boolean
}

export interface Neighbour {
  readonly project: string
  readonly directory: string | undefined
  readonly reference: string
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
  /** It is a node of a Swarm. */
  readonly swarm?: boolean
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

/** A service as its compose file declares it, variables resolved, and as it runs. */
export interface ServiceFacts extends DeployedService {
  /** The same before its variables are resolved (`ghcr.io/me/app:${TAG}`); undefined where nobody could say. */
  readonly template: string | undefined
  readonly builds: boolean
  readonly pullPolicy: string | undefined
  /** `platform:` of the service. */
  readonly platform: string | undefined
  readonly profiles: readonly string[]
  readonly containerName: string | undefined
  readonly networkMode: string | undefined
  readonly ports: readonly PublishedPort[]
  readonly restart: string | undefined
  readonly stopGracePeriod: number
  readonly dependsOn: readonly string[]
  readonly configHash: string | undefined
  /** Services that live in this one's network, and lose it when it is recreated. */
  readonly sideCars: readonly string[]
  /** Services that mount this one's volumes by `volumes_from`. */
  readonly volumeSharers: readonly string[]
  readonly copies: CopyFacts
  readonly containers: readonly ContainerFacts[]
}

export interface ContainerFacts extends RunningImage {
  /** 0 while it runs. */
  readonly exitCode: number
  readonly health: string | undefined
  readonly configHash: string | undefined
  readonly composeVersion: string | undefined
  readonly startedAt: string
  readonly restartCount: number
}

/** The Compose project. */
export interface Project {
  readonly name: string
  /** Given by the user, so that every Compose call needs `-p`. */
  readonly givenName: string | undefined
  /** Absolute: where Compose is called. */
  readonly directory: string
  /** It is not there yet: the deploy makes it. */
  readonly missing?: boolean
  /** Absolute: what Compose takes for the project's directory, which relative paths and `.env` start from. */
  readonly base: string
  /** The login may make files in `base`, where the `.env` is. */
  readonly writable: boolean
  /** The login may write where the transaction keeps its lock, record and history (`.slipway`). */
  readonly stateWritable: boolean
  /** A deploy was cut off half-way; the next one settles it first. */
  readonly unfinished: boolean
  /** Files that Slipway has copied and not deleted since, relative to `directory`. */
  readonly copied?: readonly string[]
  /** Files of this deploy that the login cannot put into their directory: of each directory, the first. */
  readonly lockedUploads?: readonly LockedFile[] | undefined
  /** Those that an earlier deploy copied, and that are still as they were copied. */
  readonly lockedCopies?: readonly LockedFile[] | undefined
  /** Those of a kept release that differ from what is there, by the run that deployed it. */
  readonly lockedKept?: Readonly<Record<string, readonly LockedFile[]>> | undefined
  /** What was deployed here, the latest last. */
  readonly history: readonly HistoryEntry[]
  /** What each service was last verified with. */
  readonly verified: readonly VerifiedRelease[]
  /** Absolute paths of the compose files, in Compose's order, only where they must be given by `-f`. */
  readonly files: readonly string[]
  /** Absolute paths of all that Compose read here, in its order, found by itself or given. */
  readonly composeFiles: readonly string[]
  /** Absolute paths of what is behind them (`include`, `extends`, `env_file`) in the directory: kept with a release. */
  readonly partFiles: readonly string[]
  /** Absolute path of the `.env` that variables come from; undefined when there is none. */
  readonly envFile: string | undefined
  /** Env files that Compose is given in the place of `.env`: relative to `directory`, or absolute outside of it. */
  readonly envFiles: readonly string[]
  /** Lines like `NAME added`, `NAME changed`, `NAME unchanged`, for what is brought of the env file; never a value. */
  readonly settings?: readonly string[]
  /** The variables that the images of its services are made of. */
  readonly variables: readonly Variable[]
}

/** A file in a directory that the login may not write in; both relative to the project directory. */
export interface LockedFile {
  readonly directory: string
  readonly path: string
}

/** What the deploys of a project have left there, apart from the files that they copied. */
export type ProjectState = Pick<
  Project,
  'stateWritable' | 'unfinished' | 'history' | 'verified' | 'lockedCopies' | 'lockedKept'
>

/** The project without what its deploys left there. */
export type ProjectFiles = Omit<Project, keyof ProjectState | 'copied'>

/** A line of the project's history, which the transaction writes. */
export interface HistoryEntry {
  /** `2026-01-31T12:00:00Z` */
  readonly when: string
  /** `ok`, `rolled-back`, … */
  readonly verdict: string
  readonly service: string
  /** `repo@sha256:…` */
  readonly image: string
  readonly tags: readonly string[]
  readonly commit: string
  /** Of the run that deployed it; undefined where it has none. */
  readonly number: number | undefined
  readonly url: string
  /** By which the server keeps its files; undefined where an old history does not say it. */
  readonly id?: string
}

/** What a service was last verified with, and the run that did it. */
export interface VerifiedRelease extends Pick<HistoryEntry, 'service' | 'image' | 'when' | 'number' | 'url'> {
  readonly workflow: string
  readonly ref: string
}

/** A variable of the compose files. */
export interface Variable {
  readonly name: string
  /** The environment wins over the `.env` file; undefined: neither has it. */
  readonly from: 'environment' | 'env-file' | undefined
  /** As the `.env` file has it. */
  readonly value: string | undefined
  /** The services whose image it is a part of. */
  readonly services: readonly string[]
}
