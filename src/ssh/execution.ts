import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientChannel } from 'ssh2'
import type { Command, Outcome, RunOptions } from '../core/command.ts'
import { lineSplitter } from '../core/lines.ts'
import { type Marks, type RemoteCommand, remoteCommand } from './remote-command.ts'
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

/** The server sent more than a command of ours ever writes. */
export class TooMuchOutput extends Error {
  readonly megabytes: number

  constructor(bytes: number) {
    super('The command wrote too much')
    this.megabytes = bytes / 1024 / 1024
  }
}

/** Runs one command on a channel of its own. */
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

/** Counts bytes down; `fail` is told once when there are more. False: they are not to be kept. */
function budget(bytes: number, fail: (error: TooMuchOutput) => void): (count: number) => boolean {
  let left = bytes
  return count => {
    const failed = left < 0
    left -= count
    if (left < 0 && !failed) fail(new TooMuchOutput(bytes))
    return left >= 0
  }
}

/** Keeps bytes in one piece: a server that sends them one at a time must not cost an object for each. */
function keepText(counts: (bytes: number) => boolean, onLine: ((line: string) => void) | undefined) {
  const lines = onLine === undefined ? undefined : lineSplitter(onLine)
  let bytes = Buffer.alloc(0)
  let length = 0
  return {
    add(chunk: Buffer) {
      if (!counts(chunk.length)) return
      lines?.write(chunk)
      if (length + chunk.length > bytes.length) {
        const larger = Buffer.alloc(Math.max(2 * bytes.length, length + chunk.length))
        bytes.copy(larger, 0, 0, length)
        bytes = larger
      }
      length += chunk.copy(bytes, length)
    },
    /** To be asked once, at the end. */
    text() {
      lines?.end()
      return bytes.toString('utf8', 0, length)
    },
  }
}

/** What is kept of the login shell's own output, in bytes. */
const longestNoise = 16_384

/**
 * Reads one stream of a remote command: what stands between its marks is passed on, the rest is the login shell's.
 * Bytes are counted by `counts`, but for those that are passed on as they come.
 */
export function readStream(marks: Marks, counts: (bytes: number) => boolean, take: (chunk: Buffer) => void) {
  let state: 'before' | 'within' | 'behind' = 'before'
  let held = Buffer.alloc(0)
  let noise = ''
  let pid: number | undefined
  let code: number | undefined
  const hold = (bytes: Buffer) => {
    held = Buffer.from(bytes)
  }
  const write = (chunk: Buffer): void => {
    if (state !== 'within' && !counts(chunk.length)) return
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    if (state === 'before') {
      const begin = marks.begin.exec(bytes.toString('latin1'))
      hold(begin === null ? bytes.subarray(-longestNoise) : Buffer.alloc(0))
      if (begin === null) return
      noise = bytes.toString('utf8', 0, begin.index)
      pid = Number(begin[1])
      state = 'within'
      const rest = bytes.subarray(begin.index + begin[0].length)
      if (rest.length > 0) write(rest)
    } else if (state === 'within') {
      const end = bytes.indexOf(marks.end)
      const own = end < 0 ? bytes.length - begunMark(bytes, marks.end) : end
      if (own > 0) take(bytes.subarray(0, own))
      hold(end < 0 ? bytes.subarray(own) : Buffer.alloc(0))
      if (end < 0) return
      state = 'behind'
      write(bytes.subarray(end + marks.end.length))
    } else if (code === undefined) {
      const [, digits] = /^(\d+)\x1e/.exec(bytes.toString('latin1', 0, 8)) ?? []
      if (digits === undefined) hold(bytes.subarray(0, 8))
      else code = Number(digits)
    }
  }
  return {
    write,
    /** The PID of the command's shell; undefined as long as it has not begun. */
    pid: () => pid,
    /** The exit code; undefined where the command did not come to its end. */
    code: () => code,
    /** What the login shell printed before the command. */
    before: () => (state === 'before' ? held.toString('utf8') : noise),
    /** Passes on what was held back, as it may have been the beginning of a mark. */
    end() {
      if (state === 'within' && held.length > 0) take(held)
    },
  }
}

/** How many bytes at the end may be the beginning of a mark. */
function begunMark(bytes: Buffer, mark: Buffer): number {
  const at = bytes.lastIndexOf(mark.subarray(0, 1))
  const begun = at < 0 ? 0 : bytes.length - at
  return begun > 0 && begun < mark.length && bytes.subarray(at).equals(mark.subarray(0, begun)) ? begun : 0
}

/**
 * Has the server run a text in its login shell. By ssh2's own `exec`, as node-ssh's keeps all that a command writes,
 * without a bound. `follow` listens to the channel before ssh2 reads on: all that a short command does, its exit code
 * too, may have come in one packet with the channel itself.
 */
function openChannel<T>(
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
function followChannel(
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
async function endRemote(session: Session, pid: number): Promise<void> {
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
