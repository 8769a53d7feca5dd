import type { Duplex } from 'node:stream'

/**
 * Makes a socket send all writes of one tick together. ssh2 writes each packet in three pieces (length, payload, MAC),
 * which would otherwise be three system calls and three TCP segments.
 */
export function coalesceWrites(socket: Duplex): void {
  const { write } = socket
  let corked = false
  socket.write = (...args: unknown[]) => {
    if (!corked) {
      corked = true
      socket.cork()
      process.nextTick(() => {
        corked = false
        socket.uncork()
      })
    }
    return Reflect.apply(write, socket, args) as boolean
  }
}
