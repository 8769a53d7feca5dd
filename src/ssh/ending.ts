import { setTimeout as sleep } from 'node:timers/promises'
import { remoteCommand } from './remote-command.ts'
import type { Session } from './session.ts'

/**
 * Ends a process group, of which one PID is known. The fields of /proc/PID/stat behind the name, which is in
 * parentheses and can hold anything, are state, parent and group.
 */
const script = `
read -r stat <"/proc/$1/stat" || exit 0
set -- \${stat##*) }
kill -s TERM -- "-$3"
(sleep 2; kill -s KILL -- "-$3") </dev/null >/dev/null 2>&1 &
`

/** The server may be full for a moment: the command that is to end counts there until it has. */
const attempts = 10

/**
 * Ends a command on the server with all that it started: to close its channel leaves it running, and sshd passes on
 * no signal to what root runs. Takes no place among the commands that go on: it must not wait for them.
 */
export async function endRemote(session: Session, pid: number): Promise<void> {
  const text = remoteCommand({ file: 'sh', args: ['-c', script, 'sh', String(pid)] })
  for (let attempt = 1; attempt <= attempts && !session.isOver(); attempt += 1) {
    try {
      await session.ssh.execCommand(text)
      return
    } catch {
      await sleep(200 * attempt, undefined, { ref: false })
    }
  }
}
