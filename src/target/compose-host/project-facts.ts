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
  /** What was deployed here, the latest last. */
  readonly history: readonly HistoryEntry[]
  /** Absolute paths of the compose files, in Compose's order, only where they must be given by `-f`. */
  readonly files: readonly string[]
  /** Absolute paths of all that Compose read here, in its order, found by itself or given. */
  readonly composeFiles: readonly string[]
  /** Absolute path of the `.env` that variables come from; undefined when there is none. */
  readonly envFile: string | undefined
  /** Lines like `NAME added`, `NAME changed`, `NAME unchanged`, for what is brought of the env file; never a value. */
  readonly settings?: readonly string[]
  /** The variables that the images of its services are made of. */
  readonly variables: readonly Variable[]
}

/** The project without what its deploys left there. */
export type ProjectFiles = Omit<Project, 'stateWritable' | 'unfinished' | 'history'>

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
  readonly url: string
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
