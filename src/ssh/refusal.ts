import { isIPv6 } from 'node:net'
import type { Problem } from '../core/errors.ts'
import { formatLocation, type Location } from './address.ts'

/** Why a connection did not come about. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal'
  readonly problem: Problem
  /**
   * It may go another time: nothing definite was said, and no login was tried. (Servers count failed logins, and
   * OpenSSH 9.8 and later shut out who fails repeatedly.)
   */
  readonly transient: boolean

  constructor(problem: Problem, transient: boolean) {
    super(problem.cause)
    this.problem = problem
    this.transient = transient
  }
}

/** The server showed a host key that is not the one. */
export class RefusedKey extends Refusal {
  readonly key: Buffer

  constructor(problem: Problem, key: Buffer) {
    super(problem, false)
    this.key = key
  }
}

/** What the system says when no connection comes about. */
export function explainDial(error: unknown, location: Location): Refusal {
  const causes = error instanceof AggregateError ? error.errors : [error]
  const codes = causes.map(cause => String((cause as NodeJS.ErrnoException).code ?? cause))
  const where = formatLocation(location)
  const decisive = codes.find(code => code in explanations && !noRoute.includes(code)) ?? codes[0] ?? ''
  if (codes.every(code => noRoute.includes(code))) return noRouteTo(location, causes)
  const explain = explanations[decisive]
  if (explain !== undefined) return new Refusal(explain.problem(where, location), explain.transient)
  return new Refusal(
    { input: 'ssh-host', cause: `Connecting to ${where} failed: ${codes.join(', ')}.`, remedy: firewall },
    true,
  )
}

const firewall =
  'Check the name and the port, and that a firewall on the way lets this runner through (hosted runners have no ' +
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
      cause: `${where} refused the connection: nothing listens there.`,
      remedy: 'Is sshd running, and on this port? Set `ssh-port` if it is on another one.',
    }),
  },
  ENOTFOUND: {
    transient: false,
    problem: (_, { host }) => ({
      input: 'ssh-host',
      cause: `There is no host of the name ${host}.`,
      remedy: 'Check `ssh-host`; a name from a private network or `/etc/hosts` is not known to this runner.',
    }),
  },
  EAI_AGAIN: {
    transient: true,
    problem: (_, { host }) => ({
      input: 'ssh-host',
      cause: `The name ${host} could not be looked up: the name server does not answer.`,
      remedy: 'Try again, or give the address of the server.',
    }),
  },
  ETIMEDOUT: {
    transient: true,
    problem: where => ({
      input: 'ssh-host',
      cause: `Connecting to ${where} timed out: nothing answers.`,
      remedy: firewall,
    }),
  },
  ECONNRESET: {
    transient: true,
    problem: where => ({
      input: 'ssh-host',
      cause: `${where} cut the connection off at once.`,
      remedy: firewall,
    }),
  },
}

function noRouteTo(location: Location, causes: readonly unknown[]): Refusal {
  const addresses = causes.map(cause => (cause as { address?: string }).address ?? location.host)
  const where = formatLocation(location)
  if (addresses.every(address => isIPv6(address))) {
    return new Refusal(
      {
        input: 'ssh-host',
        cause: `${where} has an IPv6 address only, and this runner has no IPv6 route to it.`,
        remedy:
          'GitHub-hosted runners have no IPv6: give an IPv4 address, or a `ssh-jump` host that has both.',
      },
      false,
    )
  }
  return new Refusal(
    { input: 'ssh-host', cause: `There is no route to ${where} from this runner.`, remedy: firewall },
    true,
  )
}
