/** What preflight found out about the server; the transaction is built from it. */
export interface ServerFacts {
  readonly tools: Tools
  readonly project: Project
  /** One for each service of the plan, in its order. */
  readonly services: readonly ServiceFacts[]
}

/** How docker and Compose are called there: argv prefixes, `['docker']`, `['sudo', '-n', '/usr/bin/docker']`. */
export interface Tools {
  readonly docker: readonly string[]
  readonly engineVersion: string
  /** `['docker', 'compose']`, `['docker-compose']`, … each with the same `sudo` where docker needs it. */
  readonly compose: readonly string[]
  readonly composeVersion: string
  /** `linux/amd64`, as the engine says. */
  readonly platform: string
}

export interface Project {
  readonly name: string
  /** Absolute. */
  readonly directory: string
  /** Absolute paths of the compose files, in Compose's order, only where they must be given by `-f`. */
  readonly files: readonly string[]
}

export interface ServiceFacts {
  readonly name: string
  /** The image reference as the compose file declares it, variables resolved. */
  readonly reference: string
  /** The containers of the service as they are now, by full ID. */
  readonly containers: readonly string[]
  readonly hasHealthcheck: boolean
}
