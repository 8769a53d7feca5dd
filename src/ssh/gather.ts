import type { Duplex } from 'node:stream'

/**
 * Has a socket send at once what is written to it in one turn: ssh2 writes each of its packets in three pieces (the
 * length, what is in it, its authentication), which would be as many system calls and segments.
 */
export function gather(socket: Duplex): void {
  const { write } = socket
  let open = false
  socket.write = (...args: unknown[]) => {
    if (!open) {
      open = true
      socket.cork()
      process.nextTick(() => {
        open = false
        socket.uncork()
      })
    }
    return Reflect.apply(write, socket, args) as boolean
  }
}
