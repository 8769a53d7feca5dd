import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientChannel } from 'ssh2'
import { remoteCommand } from './remote-command.ts'
import type { Session } from './session.ts'

/**
 * Runs a command line in the login shell of the server. Uses ssh2's own `exec`, because node-ssh's keeps all output in
 * memory without a limit. `follow` must attach its listeners synchronously: the output and the exit code of a short
 * command may arrive in the same packet as the channel.
 */
export function openChannel<T>(
  { ssh: { connection } }: Session,
  text: string,
  follow: (channel: ClientChannel) => T | Promise<T>,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  if (connection === null) return Promise.reject(new Error('Not connected'))
  connection.exec(text, (error, channel) => {
    if (error !== undefined) return reject(error)
    try {
      resolve(follow(channel))
    } catch (failure) {
      reject(failure)
    }
  })
  return promise
}

/** Reads both streams of a channel. Resolves with the exit code when the channel closes. */
export function followChannel(
  channel: ClientChannel,
  onStdout: (chunk: Buffer) => void,
  onStderr: (chunk: Buffer) => void,
): Promise<{ readonly code: number | null }> {
  const { promise, resolve } = Promise.withResolvers<{ readonly code: number | null }>()
  let code: number | null = null
  channel
    .on('data', onStdout)
    .on('error', () => {}) // the command may end before it has read all of its stdin
    .on('exit', (exitCode: number | null) => {
      code = exitCode
    })
    .on('close', () => resolve({ code }))
  channel.stderr.on('data', onStderr)
  return promise
}

/**
 * Ends the process group of a PID. In /proc/PID/stat, the name of the program is in parentheses and may contain any
 * character; the fields after it are the state, the parent and the process group.
 */
const endScript = `
read -r stat <"/proc/$1/stat" || exit 0
set -- \${stat##*) }
kill -s TERM -- "-$3"
(sleep 2; kill -s KILL -- "-$3") </dev/null >/dev/null 2>&1 &
`

/** All sessions may be in use: the command to end occupies one until it has ended. */
const endAttempts = 10

/**
 * Ends a command on the server and all its child processes. Closing the channel would leave them running, and sshd does
 * not forward signals to commands of root. Bypasses the limit on concurrent commands, because it must not wait for
 * them.
 */
export async function endRemote(session: Session, pid: number): Promise<void> {
  const { text } = remoteCommand({ file: 'sh', args: ['-c', endScript, 'sh', String(pid)] })
  for (let attempt = 1; attempt <= endAttempts && !session.isClosed(); attempt += 1) {
    try {
      const closed = openChannel(session, text, channel => {
        const ended = followChannel(
          channel,
          () => {},
          () => {},
        )
        channel.end()
        return ended
      })
      await Promise.race([closed, session.closed])
      return
    } catch {
      await sleep(200 * attempt, undefined, { ref: false })
    }
  }
}
