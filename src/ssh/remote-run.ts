import type { Run } from '../core/command.ts'
import { Failure, lastLines, type Problem, type Stage } from '../core/errors.ts'
import { atMost } from './channels.ts'
import { execute, NotBegun } from './execution.ts'
import { remoteCommand } from './remote-command.ts'
import type { Session } from './session.ts'

/** sshd takes ten sessions on a connection (MaxSessions); two are left for ending commands. */
const sessions = 8

/** Runs commands on the server, as a {@link Run}; `target` is its name for people. */
export function remoteRun(session: Session, target: string, stage: Stage): Run {
  const within = atMost(sessions, isFull)
  return async (command, options = {}) => {
    const text = remoteCommand(command)
    try {
      return await within(() => execute(session, text, command.stdin, options))
    } catch (error) {
      const problem = explain(error, command.file, target, session)
      throw problem === undefined ? error : new Failure(stage, problem)
    }
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('(SSH) Channel open failure')

/** Undefined: it is nothing that could be expected. */
function explain(error: unknown, file: string, target: string, session: Session): Problem | undefined {
  if (error instanceof NotBegun) {
    return {
      input: 'ssh-user',
      cause: `${target} did not run \`${file}\`: the login shell ended with ${error.code ?? 'no exit code'} before it.`,
      remedy:
        'Log in as a user with an ordinary shell, whose key has no forced command (`command=` in authorized_keys, ' +
        'ForceCommand in sshd_config).',
      output: lastLines(error.output),
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
