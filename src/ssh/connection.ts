import type { Duplex } from 'node:stream'
import { Failure, type Stage } from '../core/errors.ts'
import { growingWaits, retry } from '../core/retry.ts'
import { formatTarget } from './address.ts'
import { openKey } from './key.ts'
import { isProblem } from './key-text.ts'
import type { Credentials } from './login.ts'
import type { Authentication, SshPlan } from './plan.ts'
import { Refusal } from './refusal.ts'
import { type RemoteRun, remoteRun } from './remote-run.ts'
import { openRoute, type Sessions } from './route.ts'

/** A connection to the server, on which commands run. */
export interface Connection extends AsyncDisposable {
  readonly run: RemoteRun
  /** Opens a stream from the server on to a host and port. */
  readonly dial: (host: string, port: number) => Promise<Duplex>
  /** `user@host`, with the port where it is not 22, for people. */
  readonly target: string
  /** Fulfilled when it is over, dropped or closed, with the reason; never rejects. */
  readonly onDrop: Promise<string>
  readonly dropped: () => boolean
  readonly close: () => Promise<void>
}

/** Times are in milliseconds. */
export interface ConnectOptions {
  /** The stage that a failure belongs to; preflight, if nothing is said. */
  readonly stage?: Stage
  /** How long one attempt may take until the login stands. */
  readonly timeout?: number
  /** How often what failed before the login is tried. */
  readonly attempts?: number
  /** The first wait between attempts; each is about twice the one before. */
  readonly backoff?: number
  /** After this time no new attempt begins. */
  readonly patience?: number
  readonly signal?: AbortSignal
  /** Called before each wait. */
  readonly onRetry?: (cause: string, wait: number) => void
}

/**
 * Logs in on the server, through the jump host if there is one. Rejects with a Failure that says why it cannot be,
 * or with the reason of `signal`.
 */
export async function connect(plan: SshPlan, options: ConnectOptions = {}): Promise<Connection> {
  const { stage = 'preflight' } = options
  try {
    const sessions = await openRetrying(plan, await openCredentials(plan.authentication), options)
    return connectionOver(sessions, formatTarget(plan), stage)
  } catch (error) {
    throw error instanceof Refusal ? new Failure(stage, error.problem) : error
  }
}

async function openCredentials(authentication: Authentication): Promise<Credentials> {
  if (authentication.kind !== 'key') return authentication
  const key = await openKey(authentication.key, authentication.passphrase)
  if (isProblem(key)) throw new Refusal(key, false)
  const { password } = authentication
  return { kind: 'key', key, ...(password === undefined ? {} : { password }) }
}

async function openRetrying(
  plan: SshPlan,
  credentials: Credentials,
  options: ConnectOptions,
): Promise<Sessions> {
  const { attempts = 3, backoff = 1000, patience = 15_000, signal, onRetry } = options
  let left = attempts
  const opened = await retry<Sessions | Refusal>(
    async () => {
      left -= 1
      try {
        return { value: await openRoute(plan, credentials, options) }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return error.transient && left > 0 ? { value: error, again: error.problem.cause } : { value: error }
      }
    },
    (_, cause, wait) => onRetry?.(cause, wait),
    { waits: growingWaits(backoff), within: patience, signal },
  )
  if (!(opened instanceof Refusal)) return opened
  signal?.throwIfAborted()
  throw opened
}

function connectionOver(sessions: Sessions, target: string, stage: Stage): Connection {
  const { session, hops } = sessions
  const close = async () => {
    for (const each of [session, ...hops]) await each.close()
  }
  return {
    run: remoteRun(session, target, stage),
    dial: (host, port) => session.ssh.forwardOut('127.0.0.1', 0, host, port),
    target,
    onDrop: session.over,
    dropped: session.isOver,
    close,
    [Symbol.asyncDispose]: close,
  }
}
