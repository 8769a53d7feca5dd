import { lastLines, type Problem } from '../core/errors.ts'
import { formatLocation, type Location } from './address.ts'
import { ConnectionError, HostKeyError } from './connection-error.ts'
import { explainLogin, type LoginHistory } from './login.ts'

/** How far a session got, recorded while it opens, to explain a failure. */
export interface Progress {
  /** `login` once the key exchange is complete. */
  reached: 'connected' | 'login'
  /** The first bytes from the server, sent before encryption begins. */
  greeting: string
  /** The banner that the server shows before the login. */
  banner: string
  rejectedKey?: { readonly key: Buffer; readonly problem: Problem }
  passwordExpired?: boolean
}

/** Explains why the session failed, from ssh2's error or the abort reason. */
export function explainSession(
  error: unknown,
  server: Location,
  history: LoginHistory,
  progress: Progress,
): ConnectionError {
  const { rejectedKey, banner } = progress
  if (rejectedKey !== undefined) return new HostKeyError(rejectedKey.problem, rejectedKey.key)
  const where = formatLocation(server)
  if (progress.reached === 'login') {
    const problem = explainFailedLogin(error as SshError, where, history, progress)
    return new ConnectionError({ ...problem, ...(banner === '' ? {} : { output: lastLines(banner) }) }, false)
  }
  return explainHandshake(error as SshError, where, progress)
}

interface SshError extends Error {
  /** Where ssh2 found the error: `client-socket`, `client-authentication`, `handshake`, `protocol`, `agent`. */
  readonly level?: string
  readonly code?: string | number
}

/** Explains a failure during the login. */
function explainFailedLogin(
  error: SshError,
  where: string,
  history: LoginHistory,
  { passwordExpired }: Progress,
): Problem {
  if (passwordExpired) {
    return {
      input: 'ssh-password',
      cause: `The password of ${history.user} on ${where} has expired.`,
      remedy: 'Log in by hand to set a new one, or use `ssh-key`.',
    }
  }
  if (error.level === 'client-authentication') return explainLogin(where, history)
  if (error.level === 'agent') {
    return {
      input: 'ssh-key',
      cause: `The agent at SSH_AUTH_SOCK cannot be used: ${error.message}.`,
      remedy: 'Set `ssh-key`, or start the agent in an earlier step.',
    }
  }
  const how = error.name === 'TimeoutError' ? 'did not finish in time' : `was cut off: ${error.message}`
  return {
    input: 'ssh-host',
    cause: `The login of ${history.user} on ${where} ${how}.`,
    remedy: 'Read the log of sshd on the server (`journalctl -u ssh`).',
  }
}

/** Explains a failure before the login. */
function explainHandshake(error: SshError, where: string, { greeting }: Progress): ConnectionError {
  const first = greeting.split(/\r?\n/, 1)[0]?.replace(/[^\x20-\x7e]/g, '?') ?? ''
  if (error.level === 'handshake') {
    return permanent(
      `${where} and Slipway have no SSH algorithm in common: ${error.message}.`,
      'Allow a current algorithm in its sshd_config (OpenSSH 6.5 and later allow them by default).',
    )
  }
  if (/^SSH-/m.test(greeting)) {
    // ssh2 throws a parse error without a level or code. A disconnect message and the system's errors have one.
    if (error.level === 'protocol' || (error.level ?? error.code) === undefined) {
      return permanent(
        `The server at ${where} does not speak valid SSH: ${error.message}.`,
        'Check `ssh-port`.',
      )
    }
    const how =
      error.name === 'TimeoutError' ? 'answers too slowly' : `closed the connection: ${error.message}`
    return transient(
      `The SSH server at ${where} ${how}.`,
      'If this continues, read the log of sshd on the server (`journalctl -u ssh`).',
    )
  }
  if (greeting !== '' && !/MaxStartups|Not allowed/i.test(first)) {
    return permanent(
      `The server at ${where} is not an SSH server: it sent "${first.slice(0, 100)}".`,
      'Check `ssh-host` and `ssh-port`.',
    )
  }
  if (error.name === 'TimeoutError') {
    return transient(`${where} accepts connections, but no SSH server answers there.`, 'Check `ssh-port`.')
  }
  return transient(
    `${where} closed the connection before sending anything${first === '' ? '' : `: ${first}`}.`,
    'The server or a firewall may be blocking this address for a while (fail2ban; MaxStartups or PerSourcePenalties in sshd_config).',
  )
}

const permanent = (cause: string, remedy: string): ConnectionError =>
  new ConnectionError({ input: 'ssh-host', cause, remedy }, false)

const transient = (cause: string, remedy: string): ConnectionError =>
  new ConnectionError({ input: 'ssh-host', cause, remedy }, true)
