import type { Duplex } from 'node:stream'
import { Failure, type Stage } from '../core/errors.ts'
import { growingWaits, retry } from '../core/retry.ts'
import { formatTarget } from './address.ts'
import { ConnectionError } from './connection-error.ts'
import { openKey } from './key.ts'
import { isProblem } from './key-text.ts'
import type { Credentials } from './login.ts'
import type { Authentication, SshPlan } from './plan.ts'
import { type RemoteRun, remoteRun } from './remote-run.ts'
import { openRoute, type Sessions } from './route.ts'

/** A connection to the server that runs commands. */
export interface Connection extends AsyncDisposable {
  readonly run: RemoteRun
  /** Opens a stream from the server to a host and port. */
  readonly dial: (host: string, port: number) => Promise<Duplex>
  /** `user@host`, or `user@host:port` if the port is not 22. For messages. */
  readonly target: string
  /** Resolves with the reason when the connection drops or is closed. Never rejects. */
  readonly onDrop: Promise<string>
  readonly dropped: () => boolean
  readonly close: () => Promise<void>
}

/** The options of {@link connect}. Times are in milliseconds. */
export interface ConnectOptions {
  /** The stage that a failure is reported for. Default: preflight. */
  readonly stage?: Stage
  /** The time limit of one attempt, login included. */
  readonly timeout?: number
  /** The maximum number of attempts. Only an attempt that failed before the login is repeated. */
  readonly attempts?: number
  /** The first wait between attempts. Each following wait is about twice as long. */
  readonly backoff?: number
  /** No attempt begins after this time. */
  readonly patience?: number
  readonly signal?: AbortSignal
  /** Called before each wait. */
  readonly onRetry?: (cause: string, wait: number) => void
}

/**
 * Logs in to the server, through the jump host if there is one. Rejects with a Failure that explains why, or with the
 * abort reason of `signal`.
 */
export async function connect(plan: SshPlan, options: ConnectOptions = {}): Promise<Connection> {
  const { stage = 'preflight' } = options
  try {
    const sessions = await openRetrying(plan, await openCredentials(plan.authentication), options)
    return connectionOver(sessions, formatTarget(plan), stage)
  } catch (error) {
    throw error instanceof ConnectionError ? new Failure(stage, error.problem) : error
  }
}

async function openCredentials(authentication: Authentication): Promise<Credentials> {
  if (authentication.kind !== 'key') return authentication
  const key = await openKey(authentication.key, authentication.passphrase)
  if (isProblem(key)) throw new ConnectionError(key, false)
  const { password } = authentication
  return { kind: 'key', key, ...(password === undefined ? {} : { password }) }
}

async function openRetrying(
  plan: SshPlan,
  credentials: Credentials,
  options: ConnectOptions,
): Promise<Sessions> {
  const { attempts = 3, backoff = 1000, patience = 15_000, signal, onRetry } = options
  let attemptsLeft = attempts
  const opened = await retry<Sessions | ConnectionError>(
    async () => {
      attemptsLeft -= 1
      try {
        return { value: await openRoute(plan, credentials, options) }
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error
        const canRetry = error.transient && attemptsLeft > 0
        return canRetry ? { value: error, retryReason: error.problem.cause } : { value: error }
      }
    },
    (_, cause, wait) => onRetry?.(cause, wait),
    { waits: growingWaits(backoff), timeLimit: patience, signal },
  )
  if (!(opened instanceof ConnectionError)) return opened
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
    onDrop: session.closed,
    dropped: session.isClosed,
    close,
    [Symbol.asyncDispose]: close,
  }
}
