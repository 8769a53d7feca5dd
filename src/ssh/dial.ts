import { connect as open, type Socket } from 'node:net'
import type { Location } from './address.ts'

/**
 * Milliseconds that each address of a host name may take to connect before Node tries the next one. Node's default of
 * 250 ms is too short for distant servers.
 */
const attemptTimeout = 3000

/** Opens a TCP connection. Rejects with the system's error, or with the abort reason of `signal`. */
export function dial({ host, port }: Location, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  if (signal.aborted) return Promise.reject(signal.reason)
  const socket = open({
    host,
    port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeout,
  })
  const giveUp = () => {
    socket.destroy()
    reject(signal.reason)
  }
  signal.addEventListener('abort', giveUp)
  socket.on('error', reject)
  socket.on('connect', () => resolve(socket))
  return promise.finally(() => signal.removeEventListener('abort', giveUp))
}
