import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { entering } from '../rig/machine.ts'
import type { Server } from '../rig/rig.ts'

/** The results of the requests of one kind to one address. See program/load.go. */
export interface Tally {
  readonly from: string
  readonly address: string
  readonly kind: string
  readonly total: number
  readonly stale: number
  readonly lost: Readonly<Record<string, number>>
  readonly first?: number
  readonly last?: number
  readonly gap: number
  readonly pages: Readonly<Record<string, number>>
}

/** The number of kinds of requests to each address: new connections, kept ones, slow responses. */
const kinds = 3

/** Requests that continue until `end` is called, which returns the results. */
export interface Load {
  end(): Promise<Tally[]>
}

/** An origin of requests, with the addresses that they go to. */
export interface Origin {
  readonly name: string
  readonly command: readonly string[]
  readonly addresses: readonly string[]
}

/** Requests from the runner's machine. */
export const outside = (program: string, ...addresses: string[]): Origin => ({
  name: 'outside',
  command: [program],
  addresses,
})

/** Requests from the server itself. Only enters its network, not its mounts, because the program is on this machine. */
export const onServer = ({ machine }: Server, program: string, ...addresses: string[]): Origin => {
  const [target = '', pid = ''] = entering(machine)
  return { name: 'server', command: ['nsenter', target, pid, '--net', '--', program], addresses }
}

/** Requests from a container on the server. */
export const inContainer = (
  { machine }: Server,
  name: string,
  image: string,
  network: string,
  ...addresses: string[]
): Origin => ({
  name: `container on ${network}`,
  command: [
    'nsenter',
    ...entering(machine),
    'docker',
    'run',
    '--rm',
    '-i',
    '--name',
    name,
    '--network',
    network,
    image,
  ],
  addresses,
})

/**
 * Starts to send requests from every origin. Waits until the service responds to all of them, and throws if it does not.
 */
export async function begin(all: readonly Origin[]): Promise<Load> {
  const running = all.map(({ name, command: [file = '', ...args], addresses }) => {
    const child = spawn(file, [...args, 'load', ...addresses], { stdio: ['pipe', 'pipe', 'inherit'] })
    let text = ''
    const started = Promise.withResolvers<void>()
    child.stdout.on('data', (part: Buffer) => {
      text += part.toString()
      if (text.startsWith('ready\n')) started.resolve()
    })
    child.stdin.on('error', () => undefined)
    const closed = once(child, 'close')
    void closed.then(() => started.reject(new Error(`no response: ${name} → ${addresses.join(', ')}`)))
    const end = async (): Promise<Tally[]> => {
      child.stdin.end()
      const [code] = (await closed) as [number | null]
      const lines = text.split('\n').filter(line => line.startsWith('{'))
      // A load that ended early has counted nothing since then.
      if (code !== 0 || lines.length !== kinds * addresses.length)
        throw new Error(`the load ended early (exit ${code}): ${name} → ${addresses.join(', ')}`)
      return lines.map(line => ({ from: name, ...JSON.parse(line) }) as Tally)
    }
    return { started: started.promise, end }
  })
  const end = async () => (await Promise.all(running.map(each => each.end()))).flat()
  try {
    await Promise.all(running.map(each => each.started))
  } catch (error) {
    await Promise.allSettled(running.map(each => each.end()))
    throw error
  }
  return { end }
}

export const lostOf = (tallies: readonly Tally[]): number =>
  tallies.reduce((sum, { lost }) => sum + Object.values(lost).reduce((all, count) => all + count, 0), 0)

export const totalOf = (tallies: readonly Tally[]): number =>
  tallies.reduce((sum, { total }) => sum + total, 0)

/** Returns a line per kind of request, with the number of lost requests by reason. */
export const shown = (tallies: readonly Tally[]): string =>
  tallies
    .map(({ from, address, kind, total, stale, lost, gap, first, last, pages }) => {
      const losses = Object.entries(lost).map(([reason, count]) => `${count} × ${reason}`)
      const when =
        first === undefined
          ? ''
          : ` (${new Date(first * 1000).toISOString()} to ${new Date((last ?? 0) * 1000).toISOString()})`
      return `  ${from} → ${address} ${kind}: ${total} requests, ${losses.length === 0 ? 'none lost' : `LOST ${losses.join(', ')}${when}`}, ${stale} stale, longest gap ${gap} ms, pages ${Object.keys(pages).join(' ')}`
    })
    .join('\n')
