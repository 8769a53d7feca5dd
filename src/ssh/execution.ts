import { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import type { Command, Outcome, RunOptions } from '../core/command.ts'
import { endRemote } from './ending.ts'
import { readStream } from './reading.ts'
import type { Session } from './session.ts'

/** The login shell ran something, but not what it was given. */
export class NotBegun extends Error {
  readonly code: number | null
  /** What it said instead. */
  readonly output: string

  constructor(code: number | null, output: string) {
    super('The command did not begin')
    this.code = code
    this.output = output
  }
}

/** Runs one command on a channel of its own; `text` is what the login shell gets. */
export async function execute(
  session: Session,
  text: string,
  stdin: Command['stdin'],
  options: RunOptions,
): Promise<Outcome> {
  const { timeout, signal } = options
  if (signal?.aborted) return { code: null, stdout: '', stderr: '' }
  if (session.isOver()) throw new Error('Not connected')
  const running = begin(session, text, stdin, options)
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

function begin(session: Session, text: string, stdin: Command['stdin'], { onLine }: RunOptions): Running {
  const called = Promise.withResolvers<null>()
  let state: 'wanted' | 'unwanted' | 'ended' = 'wanted'
  let channel: ClientChannel | undefined
  // A command that is called off before it has begun is ended when it has: only then is its PID known.
  const endIfUnwanted = () => {
    const pid = out.pid()
    if (state !== 'unwanted' || pid === undefined) return
    state = 'ended'
    void endRemote(session, pid)
    channel?.close()
  }
  const end = () => {
    state = 'unwanted'
    endIfUnwanted()
    called.resolve(null)
  }
  // What a listener throws is its caller's; in the hands of ssh2 it would count as a broken connection.
  const tell = (stream: 'stdout' | 'stderr') => (line: string) => {
    if (state !== 'wanted') return
    try {
      onLine?.(line, stream)
    } catch (error) {
      called.reject(error)
      end()
    }
  }
  const out = readStream(onLine && tell('stdout'))
  const err = readStream(onLine && tell('stderr'))
  // A pipe writes only as fast as the channel takes it.
  const source = typeof stdin === 'function' ? Readable.from(stdin(), { objectMode: false }) : undefined
  source?.on('error', error => {
    called.reject(error)
    end()
  })
  const closed = session.ssh.execCommand(text, {
    noTrim: true,
    ...(source === undefined ? {} : { stdin: source }),
    onChannel(opened) {
      channel = opened
      opened.on('error', () => {}) // the command may end before it has read all of its stdin
      if (stdin !== undefined && typeof stdin !== 'function') opened.write(Buffer.from(stdin))
    },
    onStdout(chunk) {
      out.write(chunk)
      endIfUnwanted()
    },
    onStderr: err.write,
  })
  const dropped = session.over.then(() => null)
  const outcome = Promise.race([closed, called.promise, dropped]).finally(() => source?.destroy())
  return { end, outcome: outcome.then(close => outcomeOf(close, out, err, session.isOver())) }
}

type Reading = ReturnType<typeof readStream>

/**
 * `close` is how the channel was closed; null: it was not. An exit code can come before the last of the output, so
 * that it counts for nothing where the connection dropped.
 */
function outcomeOf(
  close: { readonly code: number | null } | null,
  out: Reading,
  err: Reading,
  dropped: boolean,
): Outcome {
  const code = dropped ? null : (close?.code ?? null)
  if (close !== null && !dropped && out.pid() === undefined) {
    throw new NotBegun(code, out.before() + err.before())
  }
  return { code, stdout: out.end(), stderr: err.pid() === undefined ? err.before() : err.end() }
}
