import type { Run } from './command.ts'
import type { Context } from './context.ts'
import type { Log } from './log.ts'

export type Environment = Readonly<Record<string, string>>

/** The commands, log, context and environment of the runner. The entry point creates it once. */
export interface Runtime {
  /** Runs a command on this machine. */
  readonly run: Run
  readonly log: Log
  readonly context: Context
  /** The runner's environment without the inputs, which other programs must not see. */
  readonly env: Environment
  /** Aborted when the job is cancelled. */
  readonly cancelled: AbortSignal
  /** Records what the `post:` step has to undo. The record persists even if this step is killed right after. */
  readonly remember: (record: Undo) => void
  /** Removes the record of the run on the server. Called once its verdict is known, as `post:` need not follow it. */
  readonly forgetRun: () => void
}

/** Something that this step created and the `post:` step removes. Plain data, stored in the state of the action. */
export type Undo =
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'builder'
      readonly name: string
      readonly env: Environment
      readonly keepState: boolean
      /** The buildx program that created the builder: the runner's docker may have no buildx. */
      readonly buildx?: string
    }
  /** A login for the rest of the job: its docker configuration, and the private file with the previous credentials. */
  | {
      readonly kind: 'login'
      readonly registry: string
      readonly config: string
      readonly saved: string
    }
  /** A run on the server whose verdict is not yet known: its directory, and how many bytes of its log were shown. */
  | { readonly kind: 'run'; readonly path: string; readonly shownBytes?: number }

/** Returns the environment without the inputs and the state of the action. */
export const ownEnvironment = (env: Readonly<Record<string, string | undefined>>): Environment =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || /^(?:INPUT|STATE)_/.test(name) ? [] : [[name, value]],
    ),
  )

/**
 * Returns the environment for commands: without the TLS keys in setup-buildx-action's variables, which only Slipway
 * reads.
 */
export const forCommands = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^BUILDER_NODE_\d+_AUTH_TLS_/.test(name)))
