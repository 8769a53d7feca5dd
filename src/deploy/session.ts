import type { Command, Outcome } from '../core/command.ts'
import { Failure } from '../core/errors.ts'
import { growingWaits, retry } from '../core/retry.ts'
import type { Connection } from '../ssh/connection.ts'

/** Commands on the server, over a connection that reconnects. */
export interface Session extends AsyncDisposable {
  /** Runs a command to its end; runs it again if the connection drops, so the command must be safe to repeat. */
  run(command: Command): Promise<Outcome>
  /** Runs a command once, and passes on its output. The code is `null` if the connection dropped. */
  once(command: Command, onStdout?: (chunk: Buffer) => void): Promise<Outcome>
}

interface SessionOptions {
  readonly connect: () => Promise<Connection>
  readonly print: (line: string) => void
  /** Milliseconds of trying to reconnect, after which the session gives up. */
  readonly reconnectTimeout: number
  /** The same for the first connection. By default, a first connection that fails is not tried again. */
  readonly firstTimeout?: number
}

/**
 * Opens a session, which connects at its first command. Commands reject with a Failure if the server stays
 * unreachable.
 */
export function openSession({ connect, print, reconnectTimeout, firstTimeout = 0 }: SessionOptions): Session {
  let current: Promise<Connection> | undefined
  const connection = async (): Promise<Connection> => {
    const seen = current
    const found = await seen?.catch(() => undefined)
    if (found !== undefined && !found.dropped()) return found
    // Another command has noticed the drop and is reconnecting. Nobody would close a second connection.
    if (current !== seen) return await connection()
    current = dial(connect, print, found === undefined ? firstTimeout : reconnectTimeout)
    // The connection to a jump host may have survived the drop.
    await found?.close().catch(() => undefined)
    return await current
  }
  const once = async (command: Command, onStdout?: (chunk: Buffer) => void): Promise<Outcome> => {
    const { run, dropped } = await connection()
    try {
      const outcome = await run(command, onStdout === undefined ? {} : { onStdout })
      return dropped() ? { ...outcome, code: null } : outcome
    } catch (error) {
      if (!dropped()) throw error
      return { code: null, stdout: '', stderr: '' }
    }
  }
  const lost = async (): Promise<boolean> => (await current?.catch(() => undefined))?.dropped() ?? true
  return {
    once,
    async run(command) {
      const { outcome, dropped } = await retry(
        async () => {
          const outcome = await once(command)
          // If the connection is still up, something killed the command on the server, and would do so again.
          const dropped = outcome.code === null && (await lost())
          return { value: { outcome, dropped }, ...(dropped ? { retryReason: '' } : {}) }
        },
        () => undefined,
        { waits: growingWaits(), timeLimit: reconnectTimeout },
      )
      if (dropped) throw dropsAtOnce()
      return outcome
    },
    async [Symbol.asyncDispose]() {
      await (await current?.catch(() => undefined))?.close()
    },
  }
}

/** The server accepts each connection, but none lasts until an answer arrives. */
export const dropsAtOnce = (): Failure =>
  new Failure('deploy', {
    cause:
      'The server accepts connections, but each one drops before any data arrives. A deploy that has begun finishes there on its own.',
    remedy:
      'Check the network between the runner and the server, then run the job again: it reports how the deploy ended.',
  })

/** Connects, and retries for the given time. Rejects with the Failure of the last attempt. */
async function dial(
  connect: () => Promise<Connection>,
  print: (line: string) => void,
  milliseconds: number,
): Promise<Connection> {
  const opened = await retry<Connection | Failure>(
    async () => {
      try {
        return { value: await connect() }
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        const cause = error.problems[0]?.cause
        return {
          value: error,
          retryReason: `The server cannot be reached: ${cause} The deploy continues there on its own.`,
        }
      }
    },
    (_, again) => print(again),
    { waits: growingWaits(), timeLimit: milliseconds },
  )
  if (opened instanceof Failure) throw opened
  return opened
}
