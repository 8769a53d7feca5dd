import { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import type { Command, Outcome, RunOptions } from '../core/command.ts'
import { endRemote, followChannel, openChannel } from './channel.ts'
import { budget, keepText, readStream } from './output.ts'
import type { RemoteCommand } from './remote-command.ts'
import type { Session } from './session.ts'

/** Options of a command on the server. */
export interface RemoteRunOptions extends RunOptions {
  /** Called with each piece of stdout as it comes; nothing of it is kept, and the outcome's stdout is empty. */
  readonly onStdout?: (chunk: Buffer) => void
}

/** The most bytes of an answer, both streams and what the login shell prints together. */
const largestAnswer = 16 * 1024 * 1024

/** The most bytes that one command may pass to `onStdout`: a deploy's log has a few kilobytes. */
const longestStream = 64 * 1024 * 1024

/** The login shell ran something, but not the command. */
export class NotBegun extends Error {
  readonly code: number | null
  /** What the login shell printed instead. */
  readonly output: string

  constructor(code: number | null, output: string) {
    super('The command did not begin')
    this.code = code
    this.output = output
  }
}

/** Runs one command on a new channel. Rejects with NotBegun or TooMuchOutput, or if the connection is over. */
export async function execute(
  session: Session,
  command: RemoteCommand,
  stdin: Command['stdin'],
  options: RemoteRunOptions,
): Promise<Outcome> {
  const { timeout, signal } = options
  if (signal?.aborted) return { code: null, stdout: '', stderr: '' }
  if (session.isOver()) throw new Error('Not connected')
  const running = begin(session, command, stdin, options)
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
  /** Ends the command; its outcome then has no exit code. */
  readonly end: () => void
}

function begin(
  session: Session,
  { text, marks }: RemoteCommand,
  stdin: Command['stdin'],
  { onLine, onStdout }: RemoteRunOptions,
): Running {
  const called = Promise.withResolvers<null>()
  let state: 'wanted' | 'unwanted' | 'ended' = 'wanted'
  let channel: ClientChannel | undefined
  // A command that is called off before it has begun is ended when it has: only then is its PID known.
  const endIfUnwanted = () => {
    if (state !== 'unwanted' || out.pid() === undefined) return
    state = 'ended'
    void endRemote(session, out.pid() ?? 0)
    channel?.close()
  }
  const end = () => {
    if (state === 'wanted') state = 'unwanted'
    endIfUnwanted()
    called.resolve(null)
  }
  const fail = (error: unknown) => {
    called.reject(error)
    end()
  }
  const failAndClose = (error: unknown) => {
    fail(error)
    channel?.close()
  }
  // What a listener throws is its caller's; in the hands of ssh2 it would count as a broken connection.
  const guarded =
    <Given>(listener: (given: Given) => void) =>
    (given: Given) => {
      if (state !== 'wanted') return
      try {
        listener(given)
      } catch (error) {
        fail(error)
      }
    }
  const answer = budget(largestAnswer, failAndClose)
  const keep = (stream: 'stdout' | 'stderr') =>
    keepText(answer, onLine && guarded((line: string) => onLine(line, stream)))
  const [kept, errors] = [keep('stdout'), keep('stderr')]
  const passed = budget(longestStream, failAndClose)
  const pass = onStdout && guarded((chunk: Buffer) => passed(chunk.length) && onStdout(chunk))
  const out = readStream(marks, answer, pass ?? kept.add)
  const err = readStream(marks, answer, errors.add)
  // A pipe writes only as fast as the channel takes it.
  const source = typeof stdin === 'function' ? Readable.from(stdin(), { objectMode: false }) : undefined
  source?.on('error', fail)
  const closed = openChannel(session, text, opened => {
    channel = opened
    const ended = followChannel(
      opened,
      chunk => {
        out.write(chunk)
        endIfUnwanted()
      },
      err.write,
    )
    if (source !== undefined) source.pipe(opened)
    else opened.end(typeof stdin === 'string' ? stdin : (stdin as Uint8Array | undefined))
    return ended
  })
  const dropped = session.over.then(() => null)
  const outcome = Promise.race([closed, called.promise, dropped]).finally(() => source?.destroy())
  return {
    end,
    outcome: outcome.then(close => {
      const isDropped = session.isOver()
      if (close !== null && !isDropped && out.pid() === undefined)
        throw new NotBegun(close.code, out.before() + err.before())
      // An exit code can come before the last of the output: it counts for nothing where the connection dropped.
      const code = close === null || isDropped ? null : exitCode(out.code() ?? err.code())
      out.end()
      err.end()
      return { code, stdout: kept.text(), stderr: err.pid() === undefined ? err.before() : errors.text() }
    }),
  }
}

/** A shell gives 128 and the number of the signal for a command that was killed. */
const exitCode = (code: number | undefined): number | null =>
  code === undefined || (code > 128 && code <= 192) ? null : code
