import type { Duplex } from 'node:stream'
import { formatLocation, type Location } from './address.ts'
import { dial } from './dial.ts'
import { otherAlgorithms } from './host-key.ts'
import type { Credentials } from './login.ts'
import type { SshPlan } from './plan.ts'
import { explainDial, Refusal, RefusedKey } from './refusal.ts'
import { type Door, isTimeout, openSession, type Session } from './session.ts'
import { publicKeyType } from './wire.ts'

/** The session on the server, and those on the jump hosts. */
export interface Sessions {
  readonly session: Session
  readonly hops: readonly Session[]
}

interface RouteOptions {
  /** How long each login may take, in milliseconds. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** Logs in, through the jump host if there is one. Rejects with a {@link Refusal} or the reason of the signal. */
export async function openRoute(
  plan: SshPlan,
  credentials: Credentials,
  options: RouteOptions,
): Promise<Sessions> {
  const { host, port, user, jump, hostKey: trust } = plan
  const door = { host, port, user, credentials, trust }
  if (jump === undefined) {
    return { session: await openDoor(door, signal => dialOrExplain(door, signal), options), hops: [] }
  }
  const hop = { ...jump, credentials, trust: jump.hostKey }
  const first = await openDoor(hop, signal => dialOrExplain(hop, signal), options)
  try {
    return {
      session: await openDoor(door, signal => forward(first, hop, door, signal), options),
      hops: [first],
    }
  } catch (error) {
    await first.close()
    throw error
  }
}

type Way = (signal: AbortSignal) => Promise<Duplex>

/**
 * Opens one session. A fingerprint does not say which of the server's keys it is of, and a server shows one at a
 * time: it is asked for its other keys before any is refused.
 */
async function openDoor(
  door: Door,
  way: Way,
  options: RouteOptions,
  refused: readonly RefusedKey[] = [],
): Promise<Session> {
  const { timeout = 15_000, signal } = options
  const limit = AbortSignal.any([AbortSignal.timeout(timeout), ...(signal === undefined ? [] : [signal])])
  const asked = refused.length === 0 ? door : { ...door, algorithms: unseen(refused) }
  try {
    return await openSession(await way(limit), asked, limit)
  } catch (error) {
    if (door.trust.kind === 'fingerprint' && error instanceof RefusedKey) {
      const all = [...refused, error]
      if (unseen(all).length > 0) return openDoor(door, way, options, all)
    }
    throw refused[0] ?? error
  }
}

const unseen = (refused: readonly RefusedKey[]): string[] =>
  otherAlgorithms(refused.map(({ key }) => publicKeyType(key)))

async function dialOrExplain(location: Location, signal: AbortSignal): Promise<Duplex> {
  try {
    return await dial(location, signal)
  } catch (error) {
    if (signal.aborted && !isTimeout(signal.reason)) throw error
    throw explainDial(isTimeout(error) ? { code: 'ETIMEDOUT' } : error, location)
  }
}

/** A connection from the jump host on. */
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

/** The reasons of RFC 4254, 5.1. */
function explainForward(error: Error & { readonly reason?: number }, hop: string, where: string): Refusal {
  if (error.reason === 1) {
    return new Refusal(
      {
        input: 'ssh-jump',
        cause: `The jump host ${hop} does not pass on connections.`,
        remedy: 'Set `AllowTcpForwarding yes` (or `local`) for this user in its sshd_config.',
      },
      false,
    )
  }
  const why = error.reason === 2 ? 'nothing answers there' : error.message
  return new Refusal(
    {
      input: 'ssh-jump',
      cause: `The jump host ${hop} cannot connect to ${where}: ${why}.`,
      remedy: '`ssh-host` is looked up from the jump host: is its name, address and port right from there?',
    },
    true,
  )
}
