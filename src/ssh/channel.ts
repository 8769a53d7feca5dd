import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientChannel } from 'ssh2'
import { remoteCommand } from './remote-command.ts'
import type { Session } from './session.ts'

/**
 * Has the server run a text in its login shell. By ssh2's own `exec`, as node-ssh's keeps all that a command writes,
 * without a bound. `follow` listens to the channel before ssh2 reads on: all that a short command does, its exit code
 * too, may have come in one packet with the channel itself.
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

/** Reads both streams of a channel; fulfilled with its exit code when it is closed. */
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
    .on('exit', (given: number | null) => {
      code = given
    })
    .on('close', () => resolve({ code }))
  channel.stderr.on('data', onStderr)
  return promise
}

/**
 * Ends a process group, of which one PID is known. The fields of /proc/PID/stat behind the name, which is in
 * parentheses and can hold anything, are state, parent and group.
 */
const endScript = `
read -r stat <"/proc/$1/stat" || exit 0
set -- \${stat##*) }
kill -s TERM -- "-$3"
(sleep 2; kill -s KILL -- "-$3") </dev/null >/dev/null 2>&1 &
`

/** The server may be full for a moment: the command that is to end counts there until it has. */
const endAttempts = 10

/**
 * Ends a command on the server with all that it started: to close its channel leaves it running, and sshd passes on
 * no signal to what root runs. Takes no place among the commands that go on: it must not wait for them.
 */
export async function endRemote(session: Session, pid: number): Promise<void> {
  const { text } = remoteCommand({ file: 'sh', args: ['-c', endScript, 'sh', String(pid)] })
  for (let attempt = 1; attempt <= endAttempts && !session.isOver(); attempt += 1) {
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
      await Promise.race([closed, session.over])
      return
    } catch {
      await sleep(200 * attempt, undefined, { ref: false })
    }
  }
}
