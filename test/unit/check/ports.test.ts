import assert from 'node:assert/strict'
import { connect, createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { after, suite, test } from 'node:test'
import { silentPorts } from '../../../src/check/ports.ts'

const servers: Server[] = []
after(() => {
  for (const server of servers) server.close()
})

/** Starts a server on this machine and returns its port. `handle` gets each connection. */
async function startServer(handle: (socket: Duplex) => void): Promise<number> {
  const server = createServer(handle)
  servers.push(server)
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Dials like ssh2: a refused connection has the reason code of the protocol. */
const dial = (host: string, port: number): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, host)
    socket.on('connect', () => resolve(socket))
    socket.on('error', error => reject(Object.assign(error, { reason: 2 })))
  })

const times = { startup: 150, pause: 50, settle: 100, dial: 300 }
const tcp = (port: number) => ({ ip: undefined, port, protocol: 'tcp' })

suite('published ports', () => {
  const table: readonly { name: string; handle?: (socket: Duplex) => void; silent: boolean }[] = [
    { name: 'a program that waits for a request', handle: () => undefined, silent: false },
    { name: 'a program that sends data first', handle: socket => socket.end('220 mail\r\n'), silent: false },
    { name: "docker's proxy without a program behind it", handle: socket => socket.destroy(), silent: true },
    { name: 'a closed port', silent: true },
  ]
  for (const { name, handle, silent } of table)
    test(name, async () => {
      const port = handle === undefined ? 1 : await startServer(handle)
      // A silent port must not pass because this machine is slow.
      const patient = silent ? { ...times, settle: 1000, dial: 5000 } : times
      assert.deepEqual(await silentPorts([tcp(port)], dial, patient), silent ? [tcp(port)] : [])
    })

  test('a program that starts to listen a moment later', async () => {
    const began = Date.now()
    const port = await startServer(socket => {
      if (Date.now() - began < 80) socket.destroy()
    })
    assert.deepEqual(await silentPorts([tcp(port)], dial, { ...times, startup: 1000 }), [])
  })

  for (const [name, refuse] of [
    [
      'forwards no connections',
      async () => Promise.reject(Object.assign(new Error('prohibited'), { reason: 1 })),
    ],
    ['does not answer', () => new Promise<Duplex>(() => undefined)],
    ['lost its connection', async () => Promise.reject(new Error('Not connected'))],
  ] as const)
    test(`reports no port of a server that ${name}`, async () => {
      assert.deepEqual(await silentPorts([tcp(1)], refuse, times), [])
    })

  test('UDP ports are skipped', async () => {
    assert.deepEqual(await silentPorts([{ ...tcp(1), protocol: 'udp' }], dial, times), [])
  })
})
