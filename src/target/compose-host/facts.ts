import type { CopyFacts, PublishedPort } from '../../compose/config.ts'
import type { StartOrder } from '../../compose/dependencies.ts'
import type { DeployedService, RunningImage } from '../service.ts'

/**
 * What preflight knows about the server; the transaction is built from it. It contains no secrets: only the fields of
 * these types are kept of Compose's resolved configuration.
 */
export interface TargetFacts {
  readonly tools: Tools
  readonly project: Project
  /** The services to deploy: those of the plan, or in the whole project those that run the release. */
  readonly services: readonly DeployedService[]
  /** Their dependencies, and the order in which they start. */
  readonly needs?: StartOrder
  /** Set if the server is a Swarm manager: `services` are Swarm services, and their `containers` are tasks. */
  readonly swarm?: {
    readonly stack: string | undefined
    readonly nodes: readonly unknown[]
    readonly heartbeat: number
    /** With a stack file: the images of all services of the stack, which `docker stack deploy` looks up. */
    readonly images?: readonly string[]
  }
  /** Set if the whole project is deployed: the services that are not pinned. */
  readonly whole?: WholeFacts
  /** The strategy of each service; undefined if all are recreated, as no other strategy was requested. */
  readonly strategies?: readonly ServiceStrategy[]
}

/** The facts of a Compose host. */
export interface ServerFacts extends TargetFacts {
  readonly services: readonly ServiceFacts[]
  /** The project's other services that have an image. */
  readonly siblings: readonly Sibling[]
  /** Containers of other projects on the same engine. */
  readonly neighbours: readonly Neighbour[]
}

/** The strategies that replace a service without losing a request. */
export type Lossless = 'relay' | 'start-first'

/** The services of a project that do not run the release. */
export interface WholeFacts {
  /** Services that are applied as `docker compose up -d` would. */
  readonly others: readonly ServiceFacts[]
  /** Services that have containers but are no longer in the compose files. */
  readonly orphans: readonly string[]
  readonly removeOrphans: boolean
  /** The deploy uploads files or settings: Compose can compute its hashes only once they are in place. */
  readonly uploads?: boolean
}

/** The strategy that replaces a service. */
export interface ServiceStrategy {
  readonly name: string
  readonly strategy: 'recreate' | Lossless
  /** Why it is recreated although another strategy was requested; undefined if none was. */
  readonly reason?: string
  /** The strategy that `reason` rules out. */
  readonly instead?: Lossless
  /** A strategy that was not requested, and that nothing known rules out. */
  readonly possible?: Lossless
  /** The published ports that a relay redirects. */
  readonly ports: readonly RelayPort[]
}

export interface RelayPort {
  /** The replica that publishes the port, counted from 1. */
  readonly index: number
  /** `*`: all addresses of the server. */
  readonly address: string
  readonly published: number
  readonly target: number
}

/** Another service of the project, which is not deployed. */
export interface Sibling extends Pick<ServiceFacts, 'name' | 'reference' | 'template'> {
  /** Its profiles are active, so `docker compose up -d` starts it. */
  readonly enabled: boolean
  /** It has a container. */
  readonly exists: boolean
  /** A service of the deploy waits for it to exit, directly or through others. */
  readonly waitedFor: boolean
}

export interface Neighbour {
  readonly project: string
  readonly directory: string | undefined
  readonly reference: string
}

/** What the server has installed, and how to call docker and Compose there. */
export interface Tools {
  /** The argv prefix of docker: `['docker']`, `['sudo', '-n', '/usr/bin/docker']`, `['docker', '-H', 'unix:///…']`. */
  readonly docker: readonly string[]
  readonly engineVersion: string
  /** The argv prefix of Compose: `['docker', 'compose']`, `['docker-compose']`, …, with `sudo` if docker needs it. */
  readonly compose: readonly string[]
  /** Has no leading `v`: `2.40.3`, `1.29.2`. */
  readonly composeVersion: string
  /** The engine's platform: `linux/amd64`, `linux/arm/v7`. */
  readonly platform: string
  /**
   * The address of the engine, as `-H` takes it. A command that runs with another `DOCKER_CONFIG` does not see the
   * current context, so it needs the address.
   */
  readonly endpoint: string
  /** The server is a node of a Swarm. */
  readonly swarm?: boolean
  readonly imageStore: 'classic' | 'containerd'
  /** The engine's data directory, and the bytes that are free there (undefined if unknown). */
  readonly dockerRoot: string
  readonly freeBytes: number | undefined
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly os: string
  readonly login: Login
  /** The commands that exist, busybox's included. */
  readonly has: Readonly<Record<ServerCommand, boolean>>
  /**
   * logind kills the processes that this login leaves behind (`KillUserProcesses=yes`). `escape` is the argv
   * prefix that starts a command outside the session (`systemd-run --user --scope …`), undefined if none works.
   */
  readonly killsLeftovers: boolean
  readonly escape: readonly string[] | undefined
}

export type ServerCommand = 'flock' | 'setsid' | 'nohup' | 'timeout'

/** The user that Slipway logs in as. */
export interface Login {
  readonly user: string
  readonly uid: number
  readonly groups: readonly string[]
  readonly home: string
  readonly shell: string
}

/** A service as its compose files declare it, with variables resolved, and its present containers. */
export interface ServiceFacts extends DeployedService {
  /** The image reference before its variables are resolved (`ghcr.io/me/app:${TAG}`); undefined if unknown. */
  readonly template: string | undefined
  readonly builds: boolean
  readonly pullPolicy: string | undefined
  /** The `platform:` of the service, or `DOCKER_DEFAULT_PLATFORM`. */
  readonly platform: string | undefined
  readonly profiles: readonly string[]
  readonly containerName: string | undefined
  readonly networkMode: string | undefined
  readonly ports: readonly PublishedPort[]
  readonly restart: string | undefined
  readonly stopGracePeriod: number
  readonly dependsOn: readonly string[]
  readonly configHash: string | undefined
  /** Services that use this one's network (`network_mode: service:…`), and lose it when it is recreated. */
  readonly sideCars: readonly string[]
  /** Services that mount this one's volumes through `volumes_from`. */
  readonly volumeSharers: readonly string[]
  readonly copies: CopyFacts
  readonly containers: readonly ContainerFacts[]
}

export interface ContainerFacts extends RunningImage {
  /** 0 while the container runs. */
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
  /** The `project-name` input; if it is set, every Compose call needs `-p`. */
  readonly givenName: string | undefined
  /** The working directory of Compose calls; an absolute path. */
  readonly directory: string
  /** `directory` does not exist yet: the deploy creates it. */
  readonly missing?: boolean
  /** Compose's project directory, the base of `.env` and of relative paths; an absolute path. */
  readonly base: string
  /** The login may create files in `base`, where the `.env` is. */
  readonly writable: boolean
  /** The login may write in `.slipway`, where the transaction keeps its lock, record and history. */
  readonly stateWritable: boolean
  /** An earlier deploy was interrupted; the next one settles it first. */
  readonly unfinished: boolean
  /** Files that Slipway has copied and not deleted since, relative to `directory`. */
  readonly copied?: readonly string[]
  /** Uploads of this deploy that the login may not write: the first one of each directory. */
  readonly lockedUploads?: readonly LockedFile[] | undefined
  /** Unwritable files that an earlier deploy copied, and that have not changed since. */
  readonly lockedCopies?: readonly LockedFile[] | undefined
  /** Unwritable files of each kept release that differ from the present ones, by the run that deployed the release. */
  readonly lockedKept?: Readonly<Record<string, readonly LockedFile[]>> | undefined
  /** The deploys of this project, the latest last. */
  readonly history: readonly HistoryEntry[]
  /** The last verified release of each service. */
  readonly verified: readonly VerifiedRelease[]
  /** Absolute paths of the compose files to pass by `-f`, in Compose's order; empty if Compose finds them itself. */
  readonly files: readonly string[]
  /** Absolute paths of all compose files that Compose reads, in its order, whether passed or found. */
  readonly composeFiles: readonly string[]
  /** Absolute paths of the files in `directory` that they refer to (`include`, `extends`, `env_file`); kept with a release. */
  readonly partFiles: readonly string[]
  /** Absolute path of the `.env` that variables come from; undefined if there is none. */
  readonly envFile: string | undefined
  /** Env files that replace `.env`: relative to `directory`, or absolute if outside it. */
  readonly envFiles: readonly string[]
  /** The uploaded settings as `NAME added`, `NAME changed` or `NAME unchanged`; never a value. */
  readonly settings?: readonly string[]
  /** The variables in the image references of the services. */
  readonly variables: readonly Variable[]
}

/** A file in a directory that the login may not write to; both paths are relative to the project directory. */
export interface LockedFile {
  readonly directory: string
  readonly path: string
}

/** The state that earlier deploys left in `.slipway`, apart from the list of copied files. */
export type ProjectState = Pick<
  Project,
  'stateWritable' | 'unfinished' | 'history' | 'verified' | 'lockedCopies' | 'lockedKept'
>

/** The project as its own files define it, without the state of earlier deploys. */
export type ProjectFiles = Omit<Project, keyof ProjectState | 'copied'>

/** A line of the project's history file, which the transaction writes. */
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
  /** The number of the run that deployed it; undefined if the run has none. */
  readonly number: number | undefined
  readonly url: string
  /** The ID under which the server keeps the files of the release; undefined in lines of an old history. */
  readonly id?: string
}

/** The last verified release of a service, and the run that deployed it. */
export interface VerifiedRelease extends Pick<HistoryEntry, 'service' | 'image' | 'when' | 'number' | 'url'> {
  readonly workflow: string
  readonly ref: string
}

/** A variable of the compose files. */
export interface Variable {
  readonly name: string
  /** The source of the value, where the environment wins over the `.env` file; undefined if neither sets it. */
  readonly from: 'environment' | 'env-file' | undefined
  /** The value in the `.env` file. */
  readonly value: string | undefined
  /** The services whose image reference uses the variable. */
  readonly services: readonly string[]
}
