import type { Duplex } from 'node:stream'

/** Milliseconds between two looks at the link; a living server answers a keep-alive in each of them. */
export const beat = 1000

/** Beats without a sign of life after which the link counts as dead. */
const patience = 4

/**
 * Calls `onSilent` once the other end has shown no sign of life for four beats: nothing arrived, and the network took
 * nothing of what waits to be sent. ssh2's own count only knows answers to its keep-alives, which on a slow line wait
 * behind an upload. Beats are counted, not time: a machine that slept has heard nothing either.
 */
export function watchLink(
  socket: Duplex & { readonly bytesWritten?: number },
  onSilent: () => void,
): () => void {
  let received = 0
  let silent = 0
  let last = { received, sent: 0, waiting: false }
  const count = (chunk: Buffer) => {
    received += chunk.length
  }
  const timer = setInterval(() => {
    const sent = (socket.bytesWritten ?? 0) - socket.writableLength
    // Bytes that the system buffers at once prove nothing; once its buffer was full, the other end must have read some.
    const alive = received > last.received || (last.waiting && sent > last.sent)
    silent = alive ? 0 : silent + 1
    last = { received, sent, waiting: socket.writableLength > 0 }
    if (silent < patience) return
    stop()
    onSilent()
  }, beat)
  const stop = () => {
    clearInterval(timer)
    socket.off('data', count)
  }
  socket.on('data', count)
  return stop
}
