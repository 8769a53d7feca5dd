import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PublishedPort } from '../compose/config.ts'
import type { Dial } from './check.ts'

/**
 * The state of a port. `unknown`: the server forwards no connections (`AllowTcpForwarding no`), or the dial timed out.
 */
type PortState = 'open' | 'silent' | 'unknown'

/** Times in milliseconds. */
interface Times {
  /** How long a program may take to start listening. */
  readonly startup: number
  /** The time between two attempts. */
  readonly pause: number
  /** How long a connection must stay open. */
  readonly settle: number
  /** The timeout of opening one connection. */
  readonly dial: number
}

const defaults: Times = { startup: 5000, pause: 1000, settle: 200, dial: 3000 }

/** Connects to the TCP ports from the server itself; returns the ports on which no program accepts connections. */
export async function silentPorts(
  ports: readonly PublishedPort[],
  dial: Dial,
  overrides: Partial<Times> = {},
): Promise<PublishedPort[]> {
  const times = { ...defaults, ...overrides }
  const tcp = ports.filter(({ protocol }) => protocol === 'tcp')
  const states = await Promise.all(tcp.map(port => awaitOpen(port, dial, times)))
  return tcp.filter((_, index) => states[index] === 'silent')
}

async function awaitOpen(port: PublishedPort, dial: Dial, times: Times): Promise<PortState> {
  const deadline = Date.now() + times.startup
  for (;;) {
    const state = await probe(port, dial, times)
    if (state !== 'silent' || Date.now() + times.pause >= deadline) return state
    await sleep(times.pause)
  }
}

async function probe({ ip, port }: PublishedPort, dial: Dial, times: Times): Promise<PortState> {
  const dialled = dial(ip ?? '127.0.0.1', port).catch((error: unknown) => error)
  const timer = new AbortController()
  const result = await Promise.race([dialled, sleep(times.dial, undefined, { signal: timer.signal })])
  timer.abort()
  if (isStream(result)) return await staysOpen(result, times.settle)
  dialled.then(late => isStream(late) && late.destroy())
  return isRefused(result) ? 'silent' : 'unknown'
}

const isStream = (value: unknown): value is Duplex =>
  typeof value === 'object' && value !== null && 'destroy' in value

/** RFC 4254, 5.1: the reason 2 is SSH_OPEN_CONNECT_FAILED; with 1 the server prohibits forwarding. */
const isRefused = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'reason' in error && error.reason === 2

/**
 * Reports a port as open if it sends data or its connection stays open. docker's proxy accepts every connection, and
 * immediately closes those that no program in the container accepts.
 */
function staysOpen(stream: Duplex, settle: number): Promise<PortState> {
  const { promise, resolve } = Promise.withResolvers<PortState>()
  const timer = setTimeout(() => resolve('open'), settle)
  stream.on('data', () => resolve('open'))
  for (const event of ['end', 'close', 'error'] as const) stream.on(event, () => resolve('silent'))
  return promise.finally(() => {
    clearTimeout(timer)
    stream.destroy()
  })
}
