import type { Duplex } from 'node:stream'
import { formatLocation, type Location } from './address.ts'
import { ConnectionError, explainDial, HostKeyError } from './connection-error.ts'
import { dial } from './dial.ts'
import { otherAlgorithms } from './host-key.ts'
import type { Credentials } from './login.ts'
import type { SshPlan } from './plan.ts'
import { isTimeout, type LoginTarget, openSession, type Session } from './session.ts'
import { publicKeyType } from './wire.ts'

/** The session on the server, and the sessions on the jump hosts that it goes through. */
export interface Sessions {
  readonly session: Session
  readonly hops: readonly Session[]
}

interface RouteOptions {
  /** The time limit of each login, in milliseconds. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** Logs in, through the jump host if there is one. Rejects with a {@link ConnectionError} or the abort reason. */
export async function openRoute(
  plan: SshPlan,
  credentials: Credentials,
  options: RouteOptions,
): Promise<Sessions> {
  const { host, port, user, jump, hostKey: trust } = plan
  const server = { host, port, user, credentials, trust }
  if (jump === undefined) {
    return { session: await logIn(server, signal => dialOrExplain(server, signal), options), hops: [] }
  }
  const hop = { ...jump, credentials, trust: jump.hostKey }
  const first = await logIn(hop, signal => dialOrExplain(hop, signal), options).catch((error: unknown) => {
    throw error instanceof ConnectionError ? ofJumpHost(error) : error
  })
  try {
    return {
      session: await logIn(server, signal => forward(first, hop, server, signal), options),
      hops: [first],
    }
  } catch (error) {
    await first.close()
    throw error
  }
}

/** Returns the error with `ssh-jump` in place of the inputs that name the server. */
function ofJumpHost(error: ConnectionError): ConnectionError {
  const { input, remedy = '', ...rest } = error.problem
  if (input !== 'ssh-host' && input !== 'ssh-port') return error
  const advice = remedy
    .replace(', or `ssh-jump` to a host that has both', '')
    .replace('`ssh-host` and `ssh-port`', '`ssh-jump`')
    .replaceAll('`ssh-port`', 'the port in `ssh-jump`')
    .replaceAll('`ssh-host`', '`ssh-jump`')
  return new ConnectionError({ ...rest, input: 'ssh-jump', remedy: advice }, error.transient)
}

type OpenStream = (signal: AbortSignal) => Promise<Duplex>

/**
 * Opens one session. A fingerprint does not say which of the server's keys it belongs to, and a server presents only
 * one key per connection. If that key does not match, `logIn` connects again for the other key types before it fails.
 */
async function logIn(
  target: LoginTarget,
  openStream: OpenStream,
  options: RouteOptions,
  rejected: readonly HostKeyError[] = [],
): Promise<Session> {
  const { timeout = 15_000, signal } = options
  const limit = AbortSignal.any([AbortSignal.timeout(timeout), ...(signal === undefined ? [] : [signal])])
  const narrowed = rejected.length === 0 ? target : { ...target, algorithms: untriedAlgorithms(rejected) }
  const stream = await openStream(limit)
  try {
    return await openSession(stream, narrowed, limit)
  } catch (error) {
    // An open connection would keep this process alive.
    stream.destroy()
    if (target.trust.kind === 'fingerprint' && error instanceof HostKeyError) {
      const all = [...rejected, error]
      if (untriedAlgorithms(all).length > 0) return logIn(target, openStream, options, all)
    }
    throw rejected[0] ?? error
  }
}

const untriedAlgorithms = (rejected: readonly HostKeyError[]): string[] =>
  otherAlgorithms(rejected.map(({ key }) => publicKeyType(key)))

async function dialOrExplain(location: Location, signal: AbortSignal): Promise<Duplex> {
  try {
    return await dial(location, signal)
  } catch (error) {
    if (signal.aborted && !isTimeout(signal.reason)) throw error
    throw explainDial(isTimeout(error) ? { code: 'ETIMEDOUT' } : error, location)
  }
}

/** Opens a stream from the jump host to the server. */
async function forward(
  { ssh }: Session,
  hop: Location,
  { host, port }: Location,
  signal: AbortSignal,
): Promise<Duplex> {
  const { promise, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(signal.reason)
  signal.addEventListener('abort', giveUp)
  try {
    return await Promise.race([ssh.forwardOut('127.0.0.1', 0, host, port), promise])
  } catch (error) {
    if (signal.aborted && !isTimeout(signal.reason)) throw error
    throw explainForward(
      error as Error & { reason?: number },
      formatLocation(hop),
      formatLocation({ host, port }),
    )
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** Explains why the jump host did not open the stream, by the reason codes of RFC 4254, 5.1. */
function explainForward(
  error: Error & { readonly reason?: number },
  hop: string,
  where: string,
): ConnectionError {
  if (error.reason === 1) {
    return new ConnectionError(
      {
        input: 'ssh-jump',
        cause: `The jump host ${hop} does not forward connections.`,
        remedy: 'Set `AllowTcpForwarding yes` (or `local`) for this user in its sshd_config.',
      },
      false,
    )
  }
  const why = error.reason === 2 ? 'nothing answers there' : error.message
  return new ConnectionError(
    {
      input: 'ssh-jump',
      cause: `The jump host ${hop} cannot connect to ${where}: ${why}.`,
      remedy:
        'The jump host resolves `ssh-host`: check that this name or address and the port are reachable from there.',
    },
    true,
  )
}
