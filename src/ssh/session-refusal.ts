import { lastLines, type Problem } from '../core/errors.ts'
import { formatLocation, type Location } from './address.ts'
import { explainLogin, type LoginStory } from './login.ts'
import { Refusal, RefusedKey } from './refusal.ts'

/** How far a session got: written while it opens, read when it failed. */
export interface Progress {
  /** `login` once the keys are exchanged. */
  reached: 'connected' | 'login'
  /** The first that the server said, before anything is encrypted. */
  heard: string
  /** What the server shows to who logs in. */
  banner: string
  refusedKey?: { readonly key: Buffer; readonly problem: Problem }
  expired?: boolean
}

/** Explains why the session failed, from ssh2's error or the reason for which it was aborted. */
export function explainSession(
  error: unknown,
  server: Location,
  story: LoginStory,
  progress: Progress,
): Refusal {
  const { refusedKey, banner } = progress
  if (refusedKey !== undefined) return new RefusedKey(refusedKey.problem, refusedKey.key)
  const where = formatLocation(server)
  if (progress.reached === 'login') {
    const problem = explainEntry(error as SshError, where, story, progress)
    return new Refusal({ ...problem, ...(banner === '' ? {} : { output: lastLines(banner) }) }, false)
  }
  return explainGreeting(error as SshError, where, progress)
}

interface SshError extends Error {
  /** Where ssh2 found the fault: `client-socket`, `client-authentication`, `handshake`, `protocol`, `agent`. */
  readonly level?: string
  readonly code?: string | number
}

/** It fell out of the login. */
function explainEntry(error: SshError, where: string, story: LoginStory, { expired }: Progress): Problem {
  if (expired) {
    return {
      input: 'ssh-password',
      cause: `The password of ${story.user} on ${where} has expired.`,
      remedy: 'Log in by hand to set a new one, or use `ssh-key`.',
    }
  }
  if (error.level === 'client-authentication') return explainLogin(where, story)
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
    cause: `The login of ${story.user} on ${where} ${how}.`,
    remedy: 'Read the log of sshd on the server (`journalctl -u ssh`).',
  }
}

/** It did not get as far as the login. */
function explainGreeting(error: SshError, where: string, { heard }: Progress): Refusal {
  const first = heard.split(/\r?\n/, 1)[0]?.replace(/[^\x20-\x7e]/g, '?') ?? ''
  if (error.level === 'handshake') {
    return definite(
      `${where} and this action share no SSH algorithm: ${error.message}.`,
      'Allow a current algorithm in its sshd_config (OpenSSH since 6.5 has them by default).',
    )
  }
  if (/^SSH-/m.test(heard)) {
    // What ssh2 cannot read it throws as it is; a server's own good-bye and the system's errors have a code.
    if (error.level === 'protocol' || (error.level ?? error.code) === undefined) {
      return definite(
        `What answers at ${where} does not speak valid SSH: ${error.message}.`,
        'Check `ssh-port`.',
      )
    }
    const how = error.name === 'TimeoutError' ? 'answers too slowly' : `broke off: ${error.message}`
    return passing(
      `The SSH server at ${where} ${how}.`,
      'If this continues, read the log of sshd on the server (`journalctl -u ssh`).',
    )
  }
  if (heard !== '' && !/MaxStartups|Not allowed/i.test(first)) {
    return definite(
      `What answers at ${where} is not an SSH server: it said "${first.slice(0, 100)}".`,
      'Check `ssh-host` and `ssh-port`.',
    )
  }
  if (error.name === 'TimeoutError') {
    return passing(`${where} takes connections, but no SSH server answers there.`, 'Check `ssh-port`.')
  }
  return passing(
    `${where} closed the connection before sending anything${first === '' ? '' : `: ${first}`}.`,
    'The server or a firewall may be blocking this address for a while (fail2ban; MaxStartups or PerSourcePenalties in sshd_config).',
  )
}

const definite = (cause: string, remedy: string): Refusal =>
  new Refusal({ input: 'ssh-host', cause, remedy }, false)

const passing = (cause: string, remedy: string): Refusal =>
  new Refusal({ input: 'ssh-host', cause, remedy }, true)
