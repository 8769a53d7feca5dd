import { isIPv6 } from 'node:net'
import type { Problem } from '../core/errors.ts'
import { formatLocation, type Location } from './address.ts'

/** The reason why connecting or logging in failed. */
export class ConnectionError extends Error {
  override readonly name: string = 'ConnectionError'
  readonly problem: Problem
  /**
   * True if a retry may succeed. Never true once a login was tried: servers count failed logins, and OpenSSH 9.8 and
   * later block clients that fail repeatedly.
   */
  readonly transient: boolean

  constructor(problem: Problem, transient: boolean) {
    super(problem.cause)
    this.problem = problem
    this.transient = transient
  }
}

/** The server presented a host key that is not trusted. */
export class HostKeyError extends ConnectionError {
  readonly key: Buffer

  constructor(problem: Problem, key: Buffer) {
    super(problem, false)
    this.key = key
  }
}

/** Explains a system error of opening the TCP connection. */
export function explainDial(error: unknown, location: Location): ConnectionError {
  const causes = error instanceof AggregateError ? error.errors : [error]
  const codes = causes.map(cause => String((cause as NodeJS.ErrnoException).code ?? cause))
  const where = formatLocation(location)
  const decisive = codes.find(code => code in explanations && !noRoute.includes(code)) ?? codes[0] ?? ''
  if (codes.every(code => noRoute.includes(code))) return noRouteTo(location, causes)
  const explain = explanations[decisive]
  if (explain !== undefined) return new ConnectionError(explain.problem(where, location), explain.transient)
  return new ConnectionError(
    { input: 'ssh-host', cause: `Connecting to ${where} failed: ${codes.join(', ')}.`, remedy: firewall },
    true,
  )
}

const firewall =
  'Check `ssh-host` and `ssh-port`, and that the firewall lets this runner through (GitHub-hosted runners have no ' +
  'fixed addresses).'

const noRoute = ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL']

interface Explanation {
  readonly problem: (where: string, location: Location) => Problem
  readonly transient: boolean
}

const explanations: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: {
    transient: true,
    problem: where => ({
      input: 'ssh-port',
      cause: `${where} refused the connection: no program listens on that port.`,
      remedy:
        'Check on the server that sshd runs (`systemctl status ssh`). If it listens on another port, set `ssh-port`.',
    }),
  },
  ENOTFOUND: {
    transient: false,
    problem: (_, { host }) => ({
      input: 'ssh-host',
      cause: `The host name ${host} does not exist (DNS has no address for it).`,
      remedy:
        'Check the spelling of `ssh-host`. Names from a private network or from `/etc/hosts` are unknown to this runner: use the IP address.',
    }),
  },
  EAI_AGAIN: {
    transient: true,
    problem: (_, { host }) => ({
      input: 'ssh-host',
      cause: `The host name ${host} could not be resolved: the DNS server does not answer.`,
      remedy: 'Run the job again, or set `ssh-host` to the IP address of the server.',
    }),
  },
  ETIMEDOUT: {
    transient: true,
    problem: where => ({
      input: 'ssh-host',
      cause: `Connecting to ${where} timed out: no answer.`,
      remedy: firewall,
    }),
  },
  ECONNRESET: {
    transient: true,
    problem: where => ({
      input: 'ssh-host',
      cause: `${where} closed the connection immediately.`,
      remedy: firewall,
    }),
  },
}

function noRouteTo(location: Location, causes: readonly unknown[]): ConnectionError {
  const addresses = causes.map(cause => (cause as { address?: string }).address ?? location.host)
  const where = formatLocation(location)
  if (addresses.every(address => isIPv6(address))) {
    return new ConnectionError(
      {
        input: 'ssh-host',
        cause: `${where} has only an IPv6 address, and this runner has no IPv6 route to it.`,
        remedy:
          'GitHub-hosted runners have no IPv6: set `ssh-host` to an IPv4 address, or `ssh-jump` to a host that has both.',
      },
      false,
    )
  }
  return new ConnectionError(
    { input: 'ssh-host', cause: `There is no route to ${where} from this runner.`, remedy: firewall },
    true,
  )
}
