/**
 * A command as data, built by pure functions and tested as a table. A {@link Run} decides where it runs: on this
 * machine or on the server.
 */
export interface Command {
  readonly file: string
  /** Never a secret: every process on the machine can read an argv. */
  readonly args: readonly string[]
  /** The place for secrets. */
  readonly stdin?: string | Uint8Array | Source
  /** Added to the environment of this one command. Never a secret. */
  readonly env?: Readonly<Record<string, string>>
}

/** Input that is too large for memory, as a stream. Each command that reads it opens it again. */
type Source = () => AsyncIterable<Uint8Array>

/** The exit code and the output of a command. */
export interface Outcome {
  /** `null` if a signal ended the command, or if the connection dropped and the code is unknown. Never success. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Called with each complete line while the command runs. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** Milliseconds after which the command is ended. Its outcome then has the code `null`. */
  readonly timeout?: number
  /** Ends the command when aborted. */
  readonly signal?: AbortSignal
}

/**
 * Runs a command to completion and returns its outcome, whatever the exit code. Rejects only if the command cannot be
 * started (no such file, no connection).
 */
export type Run = (command: Command, options?: RunOptions) => Promise<Outcome>
