/**
 * A command as data: what is run is built by pure functions and tested as a table; where it runs (here, or on
 * the server) is the business of a {@link Run}.
 */
export interface Command {
  readonly file: string
  /** Never a secret: an argv is readable by every process of the machine. */
  readonly args: readonly string[]
  /** Where secrets go. */
  readonly stdin?: string | Uint8Array | Source
  /** Added to the environment of this one command. Never a secret. */
  readonly env?: Readonly<Record<string, string>>
}

/** More than should be in memory at once: made anew for each command that reads it, and read as fast as that goes. */
export type Source = () => AsyncIterable<Uint8Array>

/** How a command ended. */
export interface Outcome {
  /** `null`: it was killed, or nobody can say (the connection dropped). Never success. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Called with each whole line as it comes, for what should be seen while it runs. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** Milliseconds after which the command is ended; its outcome then has the code `null`. */
  readonly timeout?: number
  /** Ends the command when aborted. */
  readonly signal?: AbortSignal
}

/**
 * Runs a command to its end and gives its outcome, whatever the exit code. Rejects only when the command cannot
 * be run at all (no such file, no connection).
 */
export type Run = (command: Command, options?: RunOptions) => Promise<Outcome>
