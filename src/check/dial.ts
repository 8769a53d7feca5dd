import type { Connection } from '../ssh/connection.ts'
import type { Dial } from './check.ts'

/** Opens streams from the server on, over the connection that there is. */
interface Dialler extends AsyncDisposable {
  readonly dial: Dial
}

/**
 * Dials through the first connection, and after a drop through one more at a time: a login for each attempt would
 * run into the limits of sshd, and a connection that is left open keeps this process alive.
 */
export function openDialler(
  first: Pick<Connection, 'dial' | 'dropped'>,
  connect: (signal: AbortSignal) => Promise<Connection>,
): Dialler {
  const over = new AbortController()
  let own: Promise<Connection> | undefined
  const current = async (): Promise<Pick<Connection, 'dial'>> => {
    if (!first.dropped()) return first
    if (own === undefined || (await isLost(own))) own = connect(over.signal)
    return await own
  }
  return {
    dial: async (host, port) => (await current()).dial(host, port),
    async [Symbol.asyncDispose]() {
      over.abort()
      await (await own?.catch(() => undefined))?.close()
    },
  }
}

const isLost = (own: Promise<Connection>): Promise<boolean> =>
  own.then(
    connection => connection.dropped(),
    () => true,
  )
