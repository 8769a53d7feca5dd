import type { Run } from './command.ts'
import type { Context } from './context.ts'
import type { Log } from './log.ts'

export type Environment = Readonly<Record<string, string>>

/** What a stage needs besides its values: the runner's commands, log, context and environment. Made once, by the entry. */
export interface Runtime {
  /** Runs a command on this machine. */
  readonly run: Run
  readonly log: Log
  readonly context: Context
  /** The runner's environment without the inputs, which are not for others to see. */
  readonly env: Environment
  /** Aborted when the job is cancelled. */
  readonly cancelled: AbortSignal
  /** Notes for the `post:` step what is to be undone; it is there also when this step is killed right after. */
  readonly remember: (record: Undo) => void
  /** The verdict of the run on the server is known: there is nothing left to follow. */
  readonly forgetRun: () => void
}

/** What this step made and the `post:` step takes away: plain data, kept in the action's state. */
export type Undo =
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'builder'
      readonly name: string
      readonly env: Environment
      readonly keepState: boolean
      /** The program that it was made with: the runner's docker may have no buildx. */
      readonly buildx?: string
    }
  /** A login that lasts for the job: its docker configuration, and the private file with what was there before it. */
  | {
      readonly kind: 'login'
      readonly registry: string
      readonly config: string
      readonly saved: string
    }
  /** The transaction's directory on the server, until its verdict is known, and how much of its log was told. */
  | { readonly kind: 'run'; readonly path: string; readonly told?: number }

/** The environment that commands of this machine see: ours, without the inputs and the state of the action. */
export const ownEnvironment = (env: Readonly<Record<string, string | undefined>>): Environment =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || /^(?:INPUT|STATE)_/.test(name) ? [] : [[name, value]],
    ),
  )

/** The same without what is for this process alone: the keys that setup-buildx-action's variables hold. */
export const forCommands = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^BUILDER_NODE_\d+_AUTH_TLS_/.test(name)))
