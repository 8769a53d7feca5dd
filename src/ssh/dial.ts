import { connect as open, type Socket } from 'node:net'
import type { Location } from './address.ts'

/**
 * How long the first address of a name may take before the next is tried too. Node's own 250 ms gives up on servers
 * that are far away.
 */
const attemptTimeout = 3000

/** Opens a TCP connection; rejects with the system's error, or with the reason that `signal` was aborted for. */
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
