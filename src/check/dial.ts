import type { Connection } from '../ssh/connection.ts'
import type { Dial } from './check.ts'

/** Opens streams from the server, over an SSH connection. */
interface Dialler extends AsyncDisposable {
  readonly dial: Dial
}

/**
 * Returns a dialler that uses the first connection, and after a drop one new connection at a time. All attempts share
 * it, because a login for each attempt would exceed the limits of sshd. Disposing the dialler closes the new
 * connection, which would otherwise keep this process alive; the first connection belongs to the caller.
 */
export function openDialler(
  first: Pick<Connection, 'dial' | 'dropped'>,
  connect: (signal: AbortSignal) => Promise<Connection>,
): Dialler {
  const disposed = new AbortController()
  let replacement: Promise<Connection> | undefined
  const current = async (): Promise<Pick<Connection, 'dial'>> => {
    if (!first.dropped()) return first
    if (replacement === undefined || (await isLost(replacement))) replacement = connect(disposed.signal)
    return await replacement
  }
  return {
    dial: async (host, port) => (await current()).dial(host, port),
    async [Symbol.asyncDispose]() {
      disposed.abort()
      await (await replacement?.catch(() => undefined))?.close()
    },
  }
}

const isLost = (connecting: Promise<Connection>): Promise<boolean> =>
  connecting.then(
    connection => connection.dropped(),
    () => true,
  )
