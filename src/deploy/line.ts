import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, Outcome } from '../command.ts'
import { Failure } from '../errors.ts'
import type { Connection } from '../ssh/connection.ts'

/** A connection that is made anew each time it drops. */
export interface Line extends AsyncDisposable {
  /** Runs a command to its end, again where the connection drops: for what may run twice. */
  run(command: Command): Promise<Outcome>
  /** Runs a command once. The code is `null` when the connection dropped. */
  once(command: Command, onLine: (line: string) => void): Promise<Outcome>
}

export interface LineOptions {
  readonly connect: () => Promise<Connection>
  readonly tell: (line: string) => void
  /** Milliseconds without the server, after which it is given up. */
  readonly patience: number
}

/** Opens nothing before it is needed. Its commands reject with a Failure when the server stays away. */
export function openLine({ connect, tell, patience }: LineOptions): Line {
  let current: Promise<Connection> | undefined
  const connection = async (): Promise<Connection> => {
    const found = await current?.catch(() => undefined)
    if (found !== undefined && !found.dropped()) return found
    current = dial(connect, tell, found === undefined ? 0 : patience)
    return await current
  }
  const once = async (command: Command, onLine?: (line: string) => void): Promise<Outcome> => {
    const { run, dropped } = await connection()
    try {
      const outcome = await run(command, onLine === undefined ? {} : { onLine: line => onLine(line) })
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
      for (;;) {
        const outcome = await once(command)
        // Where the connection stands it was killed there, and would end the same way again.
        if (outcome.code !== null || !(await lost())) return outcome
      }
    },
    async [Symbol.asyncDispose]() {
      await (await current?.catch(() => undefined))?.close()
    },
  }
}

/** Tries for as long as there is patience, with growing waits that no two runs share. */
async function dial(
  connect: () => Promise<Connection>,
  tell: (line: string) => void,
  patience: number,
): Promise<Connection> {
  const end = performance.now() + patience
  for (let wait = 1000; ; wait = Math.min(wait * 2, 15_000)) {
    try {
      return await connect()
    } catch (error) {
      if (!(error instanceof Failure) || performance.now() + wait > end) throw error
      tell(
        `The server cannot be reached: ${error.problems[0]?.cause} The transaction goes on there by itself.`,
      )
      await sleep(wait * (0.75 + Math.random() / 2))
    }
  }
}
