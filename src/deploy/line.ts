import type { Command, Outcome } from '../core/command.ts'
import { Failure } from '../core/errors.ts'
import { growingWaits, retry } from '../core/retry.ts'
import type { Connection } from '../ssh/connection.ts'

/** A connection that is made anew each time it drops. */
export interface Line extends AsyncDisposable {
  /** Runs a command to its end, again where the connection drops: for what may run twice. */
  run(command: Command): Promise<Outcome>
  /** Runs a command once, and passes on what it writes. The code is `null` when the connection dropped. */
  once(command: Command, onStdout?: (chunk: Buffer) => void): Promise<Outcome>
}

interface LineOptions {
  readonly connect: () => Promise<Connection>
  readonly tell: (line: string) => void
  /** Milliseconds without the server, after which it is given up. */
  readonly patience: number
  /** The same for the first connection; none, if nothing is said: it is not there yet. */
  readonly atFirst?: number
}

/** Opens nothing before it is needed. Its commands reject with a Failure when the server stays away. */
export function openLine({ connect, tell, patience, atFirst = 0 }: LineOptions): Line {
  let current: Promise<Connection> | undefined
  const connection = async (): Promise<Connection> => {
    const seen = current
    const found = await seen?.catch(() => undefined)
    if (found !== undefined && !found.dropped()) return found
    // Whoever saw the same drop first is on it: a second connection would be nobody's to close.
    if (current !== seen) return await connection()
    current = dial(connect, tell, found === undefined ? atFirst : patience)
    // Of what dropped, a jump host may still stand.
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
          // Where the connection stands it was killed there, and would end the same way again.
          const dropped = outcome.code === null && (await lost())
          return { value: { outcome, dropped }, ...(dropped ? { again: '' } : {}) }
        },
        () => undefined,
        { waits: growingWaits(), within: patience },
      )
      if (dropped) throw shortLived()
      return outcome
    },
    async [Symbol.asyncDispose]() {
      await (await current?.catch(() => undefined))?.close()
    },
  }
}

/** The server takes each connection, and none of them lives to carry an answer. */
export const shortLived = (): Failure =>
  new Failure('deploy', {
    cause:
      'The server accepts connections, but each one drops before any data arrives. A deploy that has begun finishes there on its own.',
    remedy:
      'Check the network between the runner and the server, then run the job again: it reports how the deploy ended.',
  })

/** Tries for as long as there is patience. */
async function dial(
  connect: () => Promise<Connection>,
  tell: (line: string) => void,
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
          again: `The server cannot be reached: ${cause} The deploy continues there on its own.`,
        }
      }
    },
    (_, again) => tell(again),
    { waits: growingWaits(), within: milliseconds },
  )
  if (opened instanceof Failure) throw opened
  return opened
}
