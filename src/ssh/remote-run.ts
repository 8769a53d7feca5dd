import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, Outcome } from '../core/command.ts'
import { Failure, lastLines, type Problem, type Stage } from '../core/errors.ts'
import { execute, NotBegun, type RemoteRunOptions } from './execution.ts'
import { TooMuchOutput } from './output.ts'
import { remoteCommand } from './remote-command.ts'
import type { Session } from './session.ts'

/** sshd takes ten sessions on a connection (MaxSessions); two are left for ending commands. */
const sessions = 8

/** Runs a command on the server: a `Run` that can also pass on what the command writes, without keeping it. */
export type RemoteRun = (command: Command, options?: RemoteRunOptions) => Promise<Outcome>

/** Runs commands over a session; `target` is the server's name for people. */
export function remoteRun(session: Session, target: string, stage: Stage): RemoteRun {
  const within = atMost(sessions, isFull)
  return async (command, options = {}) => {
    const remote = remoteCommand(command)
    try {
      return await within(() => execute(session, remote, command.stdin, options))
    } catch (error) {
      const problem = explain(error, command.file, target, session)
      throw problem === undefined ? error : new Failure(stage, problem)
    }
  }
}

/** Explains why the login shell did not run the command, by what it printed. */
const shells: readonly {
  readonly says: RegExp
  readonly cause: (target: string) => string
  readonly remedy: (user: string) => string
}[] = [
  {
    says: /password (?:has )?expired|password change required|must change your password/i,
    cause: target =>
      `The password of ${target} has expired, and the server runs nothing until it is changed.`,
    remedy: user =>
      `Set a new one there (\`sudo passwd ${user}\`), or let it live on (\`sudo chage -M -1 ${user}\`).`,
  },
  {
    says: /account is currently not available|nologin/i,
    cause: target => `${target} may not log in: the login shell of this user is \`nologin\`.`,
    remedy: user =>
      `Give the user a shell (\`sudo chsh -s /bin/sh ${user}\` on the server), or log in as another one.`,
  },
  {
    says: /restricted/i,
    cause: target => `${target} has a restricted login shell (\`rbash\`), which runs no program by its path.`,
    remedy: user => `Give the user an ordinary shell (\`sudo chsh -s /bin/bash ${user}\` on the server).`,
  },
]

function explainShell({ code, output }: NotBegun, file: string, target: string): Problem {
  const known = shells.find(({ says }) => says.test(output))
  const user = target.slice(0, target.lastIndexOf('@'))
  return {
    input: 'ssh-user',
    cause:
      known?.cause(target) ??
      `${target} did not run \`${file}\`: the login shell ended with ${code ?? 'no exit code'} before it.`,
    remedy:
      known?.remedy(user) ??
      'Log in as a user with an ordinary shell, whose key has no forced command (`command=` in authorized_keys, ' +
        'ForceCommand in sshd_config).',
    ...(output.trim() === '' ? {} : { output: lastLines(output) }),
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('(SSH) Channel open failure')

/** Undefined: it is nothing that could be expected. */
function explain(error: unknown, file: string, target: string, session: Session): Problem | undefined {
  if (error instanceof NotBegun) return explainShell(error, file, target)
  if (error instanceof TooMuchOutput) {
    return {
      input: 'ssh-host',
      cause: `${target} sent more than ${error.megabytes} MB where \`${file}\` writes a few kilobytes, so its answer was not read.`,
      remedy:
        'Log in by hand and look for what prints without end there: a startup file of the login shell ' +
        '(`~/.bashrc`), a forced command, or a program in the place of `sh`.',
    }
  }
  const message = error instanceof Error ? error.message : ''
  // ssh2 may know a moment before us that the connection is gone.
  if (session.isOver() || /^Not connected|^No response from server/.test(message)) {
    return {
      cause: `The connection to ${target} is gone, so \`${file}\` could not be run.`,
      remedy: 'Run the job again; if it stays so, look for what ends connections on the way.',
    }
  }
  if (!isFull(error) && !message.startsWith('Unable to exec')) return undefined
  return {
    cause: `${target} lets nothing be run: ${message}.`,
    remedy: 'MaxSessions in its sshd_config must be 1 at least, and commands must be allowed to this user.',
  }
}

/** How often a detached command may be refused a channel: one that was just cancelled may still occupy it. */
const refusals = 3

/**
 * Lets at most so many pieces of work go on at once; the others wait. A server may allow fewer than we think
 * (MaxSessions of sshd is 10, but can be 1): work that it refuses beside others is done again when one has ended.
 */
export function atMost(limit: number, isFull: (error: unknown) => boolean, pause = 1000) {
  let most = limit
  let busy = 0
  const waiting: (() => void)[] = []
  const enter = async () => {
    while (busy >= most) await new Promise<void>(wake => waiting.push(wake))
    busy += 1
  }
  const leave = () => {
    busy -= 1
    waiting.shift()?.()
  }
  return async <T>(work: () => Promise<T>): Promise<T> => {
    for (let alone = 0; ; ) {
      await enter()
      const beside = busy > 1
      try {
        return await work()
      } catch (error) {
        if (!isFull(error) || (!beside && alone === refusals)) throw error
        most = Math.max(1, Math.min(most, busy - 1))
        if (!beside) await sleep(pause * ++alone)
      } finally {
        leave()
      }
    }
  }
}
