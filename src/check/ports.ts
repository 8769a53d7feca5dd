import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PublishedPort } from '../compose/config.ts'
import type { Dial } from './check.ts'

/** `unknown`: the server does not forward connections (`AllowTcpForwarding no`), or did not answer in time. */
type Answer = 'open' | 'silent' | 'unknown'

/** In milliseconds: how long a program gets to start listening, between two tries, and for one connection. */
const defaults = { patience: 5000, pause: 1000, quiet: 200, limit: 3000 }

/** Tries the ports from the server itself; returns those behind which nothing answers. */
export async function silentPorts(
  ports: readonly PublishedPort[],
  dial: Dial,
  times: Partial<typeof defaults> = {},
): Promise<PublishedPort[]> {
  const used = { ...defaults, ...times }
  const tcp = ports.filter(({ protocol }) => protocol === 'tcp')
  const answers = await Promise.all(tcp.map(port => listen(port, dial, used)))
  return tcp.filter((_, index) => answers[index] === 'silent')
}

async function listen(port: PublishedPort, dial: Dial, times: typeof defaults): Promise<Answer> {
  const deadline = Date.now() + times.patience
  for (;;) {
    const answer = await connects(port, dial, times)
    if (answer !== 'silent' || Date.now() + times.pause >= deadline) return answer
    await sleep(times.pause)
  }
}

async function connects({ ip, port }: PublishedPort, dial: Dial, times: typeof defaults): Promise<Answer> {
  const dialled = dial(ip ?? '127.0.0.1', port).catch((error: unknown) => error)
  const late = new AbortController()
  const stream = await Promise.race([dialled, sleep(times.limit, undefined, { signal: late.signal })])
  late.abort()
  if (isStream(stream)) return await staysOpen(stream, times.quiet)
  dialled.then(each => isStream(each) && each.destroy())
  return refused(stream) ? 'silent' : 'unknown'
}

const isStream = (value: unknown): value is Duplex =>
  typeof value === 'object' && value !== null && 'destroy' in value

/** RFC 4254, 5.1: 2 is SSH_OPEN_CONNECT_FAILED; 1 says that the server does not forward at all. */
const refused = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'reason' in error && error.reason === 2

/** docker's proxy takes every connection, and ends those at once that nothing in the container takes. */
function staysOpen(stream: Duplex, quiet: number): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const timer = setTimeout(() => resolve('open'), quiet)
  stream.on('data', () => resolve('open'))
  for (const event of ['end', 'close', 'error'] as const) stream.on(event, () => resolve('silent'))
  return promise.finally(() => {
    clearTimeout(timer)
    stream.destroy()
  })
}
