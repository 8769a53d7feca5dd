import type { Duplex } from 'node:stream'

/** Milliseconds between two keepalives, and between two checks for activity. A live server answers each keepalive. */
export const keepaliveInterval = 1000

/** Intervals without activity after which the connection counts as dead. */
const maxSilentIntervals = 4

/**
 * Calls `onDead` after four intervals without activity: nothing was received, and nothing of the data to be sent left
 * this machine. ssh2's own check counts only the replies to its keepalives, which wait behind an upload on a slow
 * connection. Counts intervals, not time, because this machine may have been suspended. Returns a function that stops
 * it.
 */
export function watchActivity(
  socket: Duplex & { readonly bytesWritten?: number },
  onDead: () => void,
): () => void {
  let received = 0
  let silent = 0
  let last = { received, sent: 0, waiting: false }
  const count = (chunk: Buffer) => {
    received += chunk.length
  }
  const timer = setInterval(() => {
    const sent = (socket.bytesWritten ?? 0) - socket.writableLength
    // Bytes that only enter the system's send buffer prove nothing. If it was full before, the peer has read some.
    const active = received > last.received || (last.waiting && sent > last.sent)
    silent = active ? 0 : silent + 1
    last = { received, sent, waiting: socket.writableLength > 0 }
    if (silent < maxSilentIntervals) return
    stop()
    onDead()
  }, keepaliveInterval)
  const stop = () => {
    clearInterval(timer)
    socket.off('data', count)
  }
  socket.on('data', count)
  return stop
}
