import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** How a connection is interrupted: closed, reset, or kept open without forwarding any data. */
export type Cut = 'FIN' | 'RST' | 'silence'

/** A TCP relay that can interrupt connections. */
export interface Relay extends AsyncDisposable {
  readonly port: number
  /** Interrupts every existing connection. Later ones are forwarded. */
  cut(how: Cut): void
  /** Sets whether new connections are reset. Setting it to true also resets the existing ones. */
  refuse(is: boolean): void
}

export interface RelayOptions {
  readonly address: string
  readonly target: () => { readonly host: string; readonly port: number }
}

export async function openRelay({ address, target }: RelayOptions): Promise<Relay> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let refusing = false
  const server = createServer({ allowHalfOpen: true }, caller => {
    if (refusing) return void caller.resetAndDestroy()
    const pair = [caller, connect({ ...target(), allowHalfOpen: true })] as const
    pairs.add(pair)
    connectPair(pair, () => pairs.delete(pair))
  })
  await new Promise<void>(resolve => server.listen(0, address, resolve))
  const cut = (how: Cut): void => {
    for (const pair of pairs) cuts[how](pair)
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    refuse(is) {
      refusing = is
      if (is) cut('RST')
    },
    async [Symbol.asyncDispose]() {
      cut('RST')
      await new Promise(resolve => server.close(resolve))
    },
  }
}

type Pair = readonly [Socket, Socket]

function connectPair([one, other]: Pair, onClose: () => void): void {
  one.pipe(other).pipe(one)
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy())
    from.on('close', () => {
      onClose()
      to.destroy()
    })
  }
}

function silence(pair: Pair): void {
  for (const socket of pair) {
    socket.unpipe()
    socket.pause()
  }
}

const cuts: Readonly<Record<Cut, (pair: Pair) => void>> = {
  FIN: pair => {
    silence(pair)
    for (const socket of pair) socket.end()
  },
  RST: pair => {
    for (const socket of pair) socket.resetAndDestroy()
  },
  silence,
}
