import { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import type { Command, Outcome, RunOptions } from '../core/command.ts'
import { endRemote, followChannel, openChannel } from './channel.ts'
import { byteLimit, parseStream, textBuffer } from './output.ts'
import type { RemoteCommand } from './remote-command.ts'
import type { Session } from './session.ts'

/** The options of a command on the server. */
export interface RemoteRunOptions extends RunOptions {
  /** Called with each chunk of stdout as it arrives. Nothing is kept: the outcome's stdout is empty. */
  readonly onStdout?: (chunk: Buffer) => void
}

/** The maximum output of a command in bytes: both streams, together with the login shell's own output. */
const maxOutput = 16 * 1024 * 1024

/** The maximum number of bytes that one command may pass to `onStdout`. The log of a deploy has a few kilobytes. */
const maxStreamed = 64 * 1024 * 1024

/** The login shell ended without running the command. */
export class CommandNotStarted extends Error {
  readonly code: number | null
  /** The output of the login shell. */
  readonly output: string

  constructor(code: number | null, output: string) {
    super('The command did not start')
    this.code = code
    this.output = output
  }
}

/** Runs one command on a new channel. Rejects with CommandNotStarted or TooMuchOutput, or if the session is closed. */
export async function execute(
  session: Session,
  command: RemoteCommand,
  stdin: Command['stdin'],
  options: RemoteRunOptions,
): Promise<Outcome> {
  const { timeout, signal } = options
  if (signal?.aborted) return { code: null, stdout: '', stderr: '' }
  if (session.isClosed()) throw new Error('Not connected')
  const running = start(session, command, stdin, options)
  const timer = timeout === undefined ? undefined : setTimeout(running.end, timeout)
  signal?.addEventListener('abort', running.end)
  try {
    return await running.outcome
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', running.end)
  }
}

interface Running {
  readonly outcome: Promise<Outcome>
  /** Ends the command. Its outcome then has no exit code. */
  readonly end: () => void
}

function start(
  session: Session,
  { text, marks }: RemoteCommand,
  stdin: Command['stdin'],
  { onLine, onStdout }: RemoteRunOptions,
): Running {
  const stopped = Promise.withResolvers<null>()
  let state: 'running' | 'cancelled' | 'ended' = 'running'
  let channel: ClientChannel | undefined
  // A command that is cancelled before it has started is ended once it has: its PID is not known earlier.
  const endIfCancelled = () => {
    if (state !== 'cancelled' || out.pid() === undefined) return
    state = 'ended'
    void endRemote(session, out.pid() ?? 0)
    channel?.close()
  }
  const end = () => {
    if (state === 'running') state = 'cancelled'
    endIfCancelled()
    stopped.resolve(null)
  }
  const fail = (error: unknown) => {
    stopped.reject(error)
    end()
  }
  const failAndClose = (error: unknown) => {
    fail(error)
    channel?.close()
  }
  // The caller gets the error of its listener. ssh2 would take an error thrown here for a broken connection.
  const guarded =
    <Value>(listener: (value: Value) => void) =>
    (value: Value) => {
      if (state !== 'running') return
      try {
        listener(value)
      } catch (error) {
        fail(error)
      }
    }
  const countOutput = byteLimit(maxOutput, failAndClose)
  const collect = (stream: 'stdout' | 'stderr') =>
    textBuffer(countOutput, onLine && guarded((line: string) => onLine(line, stream)))
  const [stdout, stderr] = [collect('stdout'), collect('stderr')]
  const countStreamed = byteLimit(maxStreamed, failAndClose)
  const passOn = onStdout && guarded((chunk: Buffer) => countStreamed(chunk.length) && onStdout(chunk))
  const out = parseStream(marks, countOutput, passOn ?? stdout.add)
  const err = parseStream(marks, countOutput, stderr.add)
  // A pipe writes only as fast as the channel accepts data.
  const source = typeof stdin === 'function' ? Readable.from(stdin(), { objectMode: false }) : undefined
  source?.on('error', fail)
  const closed = openChannel(session, text, opened => {
    channel = opened
    const ended = followChannel(
      opened,
      chunk => {
        out.write(chunk)
        endIfCancelled()
      },
      err.write,
    )
    if (source !== undefined) source.pipe(opened)
    else opened.end(typeof stdin === 'string' ? stdin : (stdin as Uint8Array | undefined))
    return ended
  })
  const dropped = session.closed.then(() => null)
  const outcome = Promise.race([closed, stopped.promise, dropped]).finally(() => source?.destroy())
  return {
    end,
    outcome: outcome.then(close => {
      const isDropped = session.isClosed()
      if (close !== null && !isDropped && out.pid() === undefined)
        throw new CommandNotStarted(close.code, out.before() + err.before())
      // If the connection dropped, the exit code is ignored: it can arrive before the end of the output.
      const code = close === null || isDropped ? null : exitCode(out.code() ?? err.code())
      out.end()
      err.end()
      return { code, stdout: stdout.text(), stderr: err.pid() === undefined ? err.before() : stderr.text() }
    }),
  }
}

/** Maps the exit codes of killed commands to null: a shell returns 128 plus the number of the signal. */
const exitCode = (code: number | undefined): number | null =>
  code === undefined || (code > 128 && code <= 192) ? null : code
