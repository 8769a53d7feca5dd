import type { ClientChannel } from 'ssh2'
import type { Command, Outcome, Run, RunOptions } from '../command.ts'
import { Failure, lastLines, type Stage } from '../errors.ts'
import { atMost } from './channels.ts'
import { readStream } from './reading.ts'
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
      return await within(() => execute(session, command, text, options))
    } catch (error) {
      throw explain(error, command, target, stage, session)
    }
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('(SSH) Channel open failure')

async function execute(
  session: Session,
  command: Command,
  text: string,
  { onLine, timeout, signal }: RunOptions,
): Promise<Outcome> {
  if (signal?.aborted) return { code: null, stdout: '', stderr: '' }
  if (session.isOver()) throw new Error('not connected')
  const out = readStream(line => onLine?.(line, 'stdout'))
  const err = readStream(line => onLine?.(line, 'stderr'))
  const ended = Promise.withResolvers<'ended'>()
  let channel: ClientChannel | undefined
  const end = () => {
    const pid = out.pid()
    if (pid !== undefined) void endRemote(session, pid)
    channel?.close()
    ended.resolve('ended')
  }
  const timer = timeout === undefined ? undefined : setTimeout(end, timeout)
  signal?.addEventListener('abort', end)
  try {
    const running = session.ssh.execCommand(text, {
      noTrim: true,
      onChannel(opened) {
        channel = opened
        opened.on('error', () => {}) // the command may end before it has read all of its stdin
        if (command.stdin !== undefined) opened.write(Buffer.from(command.stdin))
      },
      onStdout: out.write,
      onStderr: err.write,
    })
    running.catch(() => {}) // where another of these comes first, nobody waits for it
    const first = await Promise.race([running, ended.promise, session.over])
    const code = typeof first === 'string' ? null : first.code
    if (typeof first !== 'string' && !session.isOver() && out.pid() === undefined)
      throw new NotBegun(code, out, err)
    return { code, stdout: out.end(), stderr: err.pid() === undefined ? err.before() : err.end() }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

/** The login shell ran something, but not what it was given. */
class NotBegun extends Error {
  readonly code: number | null
  readonly output: string

  constructor(code: number | null, ...streams: readonly ReturnType<typeof readStream>[]) {
    super('not begun')
    this.code = code
    this.output = streams.map(stream => stream.before()).join('')
  }
}

/**
 * Ends a command with all that it started: sshd passes on no signal for root, and closing the channel alone leaves
 * it running. Its process group is found through its PID.
 */
const endScript = `
read -r stat <"/proc/$1/stat" || exit 0
set -- "$1" \${stat##*) }
kill -s TERM -- "-$4"
sleep 2
kill -s KILL -- "-$4"
`

async function endRemote({ ssh }: Session, pid: number): Promise<void> {
  const text = remoteCommand({ file: 'sh', args: ['-c', endScript, 'sh', String(pid)] })
  await ssh.execCommand(text).catch(() => {})
}

function explain(error: unknown, { file }: Command, target: string, stage: Stage, session: Session): unknown {
  if (error instanceof NotBegun) {
    return new Failure(stage, {
      input: 'ssh-user',
      cause: `${target} did not run \`${file}\`: the login shell ended with ${error.code ?? 'no exit code'} before it.`,
      remedy:
        'Log in as a user with an ordinary shell, whose key has no forced command (`command=` in authorized_keys, ' +
        'ForceCommand in sshd_config).',
      output: lastLines(error.output),
    })
  }
  if (session.isOver()) {
    return new Failure(stage, {
      cause: `The connection to ${target} is gone, so \`${file}\` could not be run.`,
    })
  }
  if (isFull(error)) {
    return new Failure(stage, {
      cause: `${target} lets nothing be run: ${(error as Error).message}.`,
      remedy: 'MaxSessions in its sshd_config must be 1 at least.',
    })
  }
  return error
}
