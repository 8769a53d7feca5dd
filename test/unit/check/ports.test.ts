import assert from 'node:assert/strict'
import { connect, createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { after, suite, test } from 'node:test'
import { silentPorts } from '../../../src/check/ports.ts'

const servers: Server[] = []
after(() => {
  for (const server of servers) server.close()
})

/** A server of this machine, by what it does with a connection. */
async function listening(take: (socket: Duplex) => void): Promise<number> {
  const server = createServer(take)
  servers.push(server)
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** As ssh2 dials: what is refused has the reason of the protocol. */
const dial = (host: string, port: number): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, host)
    socket.on('connect', () => resolve(socket))
    socket.on('error', error => reject(Object.assign(error, { reason: 2 })))
  })

const times = { patience: 150, pause: 50, quiet: 100, limit: 300 }
const tcp = (port: number) => ({ ip: undefined, port, protocol: 'tcp' })

suite('the ports that a service publishes', () => {
  const table: readonly { name: string; take?: (socket: Duplex) => void; silent: boolean }[] = [
    { name: 'a program that waits for a request', take: () => undefined, silent: false },
    { name: 'a program that speaks first', take: socket => socket.end('220 mail\r\n'), silent: false },
    { name: 'a proxy with nothing behind it', take: socket => socket.destroy(), silent: true },
    { name: 'nothing at all', silent: true },
  ]
  for (const { name, take, silent } of table)
    test(name, async () => {
      const port = take === undefined ? 1 : await listening(take)
      assert.deepEqual(await silentPorts([tcp(port)], dial, times), silent ? [tcp(port)] : [])
    })

  test('a program that begins to listen a moment later', async () => {
    const begin = Date.now()
    const port = await listening(socket => {
      if (Date.now() - begin < 80) socket.destroy()
    })
    assert.deepEqual(await silentPorts([tcp(port)], dial, { ...times, patience: 1000 }), [])
  })

  for (const [name, refuse] of [
    ['forwards nothing', async () => Promise.reject(Object.assign(new Error('prohibited'), { reason: 1 }))],
    ['does not answer', () => new Promise<Duplex>(() => undefined)],
    ['was lost', async () => Promise.reject(new Error('Not connected'))],
  ] as const)
    test(`says nothing of a server that ${name}`, async () => {
      assert.deepEqual(await silentPorts([tcp(1)], refuse, times), [])
    })

  test('udp is not tried', async () => {
    assert.deepEqual(await silentPorts([{ ...tcp(1), protocol: 'udp' }], dial, times), [])
  })
})
