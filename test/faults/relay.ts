import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** How a connection ends: politely, rudely, or not at all while nothing comes through any more. */
export type Cut = 'FIN' | 'RST' | 'silence'

/** Stands between two parties of TCP, and gets in their way at a chosen moment. */
export interface Relay extends AsyncDisposable {
  readonly port: number
  /** Befalls every connection there is; those made later come through. */
  cut(how: Cut): void
  /** Whether whoever calls is hung up on, those who are talking included. */
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
    join(pair, () => pairs.delete(pair))
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

function join([one, other]: Pair, gone: () => void): void {
  one.pipe(other).pipe(one)
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy())
    from.on('close', () => {
      gone()
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
