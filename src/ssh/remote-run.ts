import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, Outcome } from '../core/command.ts'
import { Failure, lastLines, type Problem, type Stage } from '../core/errors.ts'
import { CommandNotStarted, execute, type RemoteRunOptions } from './execution.ts'
import { TooMuchOutput } from './output.ts'
import { remoteCommand } from './remote-command.ts'
import type { Session } from './session.ts'

/**
 * The limit of concurrent commands. sshd allows ten per connection (MaxSessions); two remain free for ending commands.
 */
const maxConcurrent = 8

/** Runs a command on the server, like {@link Run}, and can also stream its stdout without keeping it. */
export type RemoteRun = (command: Command, options?: RemoteRunOptions) => Promise<Outcome>

/** Returns a function that runs commands over a session. `target` is the server's name in messages. */
export function remoteRun(session: Session, target: string, stage: Stage): RemoteRun {
  const limited = limitConcurrency(maxConcurrent, isFull)
  return async (command, options = {}) => {
    const remote = remoteCommand(command)
    try {
      return await limited(() => execute(session, remote, command.stdin, options))
    } catch (error) {
      const problem = explain(error, command.file, target, session)
      throw problem === undefined ? error : new Failure(stage, problem)
    }
  }
}

/** Known reasons why a login shell does not run commands, recognized by its output. */
const shellProblems: readonly {
  readonly output: RegExp
  readonly cause: (target: string) => string
  readonly remedy: (user: string) => string
}[] = [
  {
    output: /password (?:has )?expired|password change required|must change your password/i,
    cause: target =>
      `The password of ${target} has expired, and the server runs no command until it is changed.`,
    remedy: user =>
      `On the server, set a new password (\`sudo passwd ${user}\`) or disable its expiry (\`sudo chage -M -1 ${user}\`).`,
  },
  {
    output: /account is currently not available|nologin/i,
    cause: target => `${target} may not log in: the login shell of this user is \`nologin\`.`,
    remedy: user =>
      `Give the user a shell (\`sudo chsh -s /bin/sh ${user}\` on the server), or log in as another user.`,
  },
  {
    output: /restricted/i,
    cause: target =>
      `${target} has a restricted login shell (\`rbash\`), which does not run programs by their path.`,
    remedy: user => `Give the user an ordinary shell (\`sudo chsh -s /bin/bash ${user}\` on the server).`,
  },
]

function explainShell({ code, output }: CommandNotStarted, file: string, target: string): Problem {
  const known = shellProblems.find(problem => problem.output.test(output))
  const user = target.slice(0, target.lastIndexOf('@'))
  return {
    input: 'ssh-user',
    cause:
      known?.cause(target) ??
      `${target} did not run \`${file}\`: the login shell ended first, with ${code === null ? 'no exit code' : `exit code ${code}`}.`,
    remedy:
      known?.remedy(user) ??
      'Log in as a user with an ordinary shell, whose key has no forced command (`command=` in authorized_keys, ' +
        'ForceCommand in sshd_config).',
    ...(output.trim() === '' ? {} : { output: lastLines(output) }),
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('(SSH) Channel open failure')

/** Explains why a command could not be run. Undefined if the error is unexpected. */
function explain(error: unknown, file: string, target: string, session: Session): Problem | undefined {
  if (error instanceof CommandNotStarted) return explainShell(error, file, target)
  if (error instanceof TooMuchOutput) {
    return {
      input: 'ssh-host',
      cause: `${target} sent more than ${error.megabytes} MB of output for \`${file}\`, which writes a few kilobytes, so Slipway stopped reading.`,
      remedy:
        'Log in by hand and look for what keeps printing: a startup file of the login shell ' +
        '(`~/.bashrc`), a forced command, or a program that replaces `sh`.',
    }
  }
  const message = error instanceof Error ? error.message : ''
  // ssh2 may notice a lost connection slightly earlier than the session does.
  if (session.isClosed() || /^Not connected|^No response from server/.test(message)) {
    return {
      cause: `The connection to ${target} was lost, so \`${file}\` could not be run.`,
      remedy:
        'Run the job again; if it fails again, look for a firewall or proxy on the route that closes connections.',
    }
  }
  if (!isFull(error) && !message.startsWith('Unable to exec')) return undefined
  return {
    cause: `${target} does not allow commands: ${message}.`,
    remedy:
      'MaxSessions in its sshd_config must be at least 1, and this user must be allowed to run commands.',
  }
}

/**
 * The number of retries for a command that is refused although no other runs: a cancelled one may still hold a session.
 */
const maxRetriesAlone = 3

/**
 * Returns a function that runs at most `limit` pieces of work at once; the others wait. A server may allow fewer than
 * sshd's default of 10 (MaxSessions can be 1). If it refuses work while other work runs, the limit shrinks, and the
 * refused work is repeated when a running one has ended.
 */
export function limitConcurrency(limit: number, isFull: (error: unknown) => boolean, pause = 1000) {
  let max = limit
  let running = 0
  const waiting: (() => void)[] = []
  const enter = async () => {
    while (running >= max) await new Promise<void>(wake => waiting.push(wake))
    running += 1
  }
  const leave = () => {
    running -= 1
    waiting.shift()?.()
  }
  return async <T>(work: () => Promise<T>): Promise<T> => {
    for (let retriesAlone = 0; ; ) {
      await enter()
      const isAlone = running === 1
      try {
        return await work()
      } catch (error) {
        if (!isFull(error) || (isAlone && retriesAlone === maxRetriesAlone)) throw error
        max = Math.max(1, Math.min(max, running - 1))
        if (isAlone) await sleep(pause * ++retriesAlone)
      } finally {
        leave()
      }
    }
  }
}
