import type { Run } from './command.ts'
import type { Context } from './context.ts'
import type { Log } from './log.ts'

export type Environment = Readonly<Record<string, string>>

/** The commands, log, context and environment of the runner. The entry creates it once. */
export interface Runtime {
  /** Runs a command on this machine. */
  readonly run: Run
  readonly log: Log
  readonly context: Context
  /** The runner's environment without the inputs, which are not for others to see. */
  readonly env: Environment
  /** Aborted when the job is cancelled. */
  readonly cancelled: AbortSignal
  /** Records what the `post:` step has to undo, even if this step is killed right after. */
  readonly remember: (record: Undo) => void
  /** The verdict of the run on the server is known: there is nothing left to follow. */
  readonly forgetRun: () => void
}

/** Something that this step created and the `post:` step removes: plain data in the state of the action. */
export type Undo =
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'builder'
      readonly name: string
      readonly env: Environment
      readonly keepState: boolean
      /** The program that created it: the docker of the runner may have no buildx. */
      readonly buildx?: string
    }
  /** A login that lasts for the job: its docker configuration, and the private file with what was there before it. */
  | {
      readonly kind: 'login'
      readonly registry: string
      readonly config: string
      readonly saved: string
    }
  /** The directory of the run on the server until its verdict is known, and how many bytes of its log were shown. */
  | { readonly kind: 'run'; readonly path: string; readonly told?: number }

/** Returns the environment for commands: that of this process without the inputs and the state of the action. */
export const ownEnvironment = (env: Readonly<Record<string, string | undefined>>): Environment =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || /^(?:INPUT|STATE)_/.test(name) ? [] : [[name, value]],
    ),
  )

/** Removes what only this process needs: the TLS keys in the variables of setup-buildx-action. */
export const forCommands = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^BUILDER_NODE_\d+_AUTH_TLS_/.test(name)))
