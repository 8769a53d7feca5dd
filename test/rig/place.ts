import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomically } from './write-atomically.ts'

/** The directories, network, ports and names of a rig, which distinguish it from other rigs on this machine. */
export interface Place {
  readonly directory: string
  /** Downloads and builds: expensive to create, safe to keep, shared by every clone of the repository. */
  readonly cache: string
  /** Records and files of everything that is running. */
  readonly run: string
  /** The first three numbers of its /24 network. This machine, which runs the tests, is `.1`. */
  readonly network: string
  /** The first of the registries' ports on `.1`. */
  readonly firstPort: number
  /**
   * The prefix of its network interfaces and namespaces. Short, because an interface name has at most 15 characters.
   */
  readonly prefix: string
}

/** The network and ports that a rig claimed. They were free on this machine at that time. */
type Claim = Pick<Place, 'network' | 'firstPort'>

/** The files of /proc/net that list the networks and ports in use on this machine. */
export interface Net {
  /** /proc/net/route: every IPv4 route of the main table. */
  readonly routes: string
  /** /proc/net/tcp and tcp6: every TCP socket. */
  readonly sockets: string
}

export const defaultDirectory = '/var/tmp/slipway-rig'

/** The ports of the registries of a rig, as offsets from `firstPort`. */
export const portOffsets = { login: 0, anonymous: 1, token: 2, behind: 12 } as const

/**
 * Returns the place of the rig in `directory`. Each rig has its own network and names, so that several rigs can run at
 * the same time. No rig uses a network or a port that this machine uses for something else.
 */
export function place(directory = process.env['SLIPWAY_RIG'] || defaultDirectory): Place {
  if (!/^\/[\w./-]+$/.test(directory) || directory.length > 48)
    throw new Error(
      `SLIPWAY_RIG is "${directory}": use an absolute path of at most 48 letters, digits, ".", "_", "-" (the path of a socket has a length limit).`,
    )
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 4)
  const prefix = directory === defaultDirectory ? 'slip0' : `slip${hash}`
  return {
    directory,
    cache: join(directory, 'cache'),
    run: join(directory, 'run'),
    prefix,
    ...claim(directory, prefix),
  }
}

export const gateway = (at: Place): string => `${at.network}.1`

/** Returns the rig's previous claim if the rig is up or the claim is still free. Otherwise makes a new one. */
function claim(directory: string, link: string): Claim {
  const file = join(directory, 'claim.json')
  const previous = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Claim) : undefined
  if (previous !== undefined && existsSync(`/sys/class/net/${link}`)) return previous
  const net = readNet()
  if (previous !== undefined && conflictOf(previous, net) === undefined) return previous
  const chosen = choose(net, directory === defaultDirectory ? 0 : parseInt(link.slice(4), 16))
  for (const line of chosen.conflicts) console.error(`rig: ${line}`)
  mkdirSync(directory, { recursive: true })
  writeAtomically(file, `${JSON.stringify(chosen.claim)}\n`)
  return chosen.claim
}

/**
 * Chooses the first free network and the first free ports, in an order that starts at `seed`. Also returns why the
 * candidates before them were rejected.
 */
export function choose(net: Net, seed: number): { claim: Claim; conflicts: string[] } {
  const conflicts: string[] = []
  const first = <T>(candidates: readonly T[], why: (candidate: T) => string | undefined): T | undefined =>
    candidates.find(candidate => {
      const reason = why(candidate)
      if (reason !== undefined) conflicts.push(reason)
      return reason === undefined
    })
  const network = first(networks(seed), candidate => routeProblem(candidate, net.routes))
  const firstPort = first(portBases, base => portProblem(base, net.sockets))
  if (network === undefined || firstPort === undefined)
    throw new Error(`This machine has no free network and ports for the rig:\n${conflicts.join('\n')}`)
  return { claim: { network, firstPort }, conflicts }
}

/**
 * Returns candidate networks from the ranges for private use (RFC 1918) and for benchmarks (RFC 2544), outside those
 * that docker allocates from.
 */
const networks = (seed: number): string[] =>
  ['10.77', '10.213', '192.168', '198.18'].flatMap(range =>
    Array.from({ length: 256 }, (_, step) => `${range}.${(seed + step) % 256}`),
  )

const portBases = Array.from({ length: 40 }, (_, step) => 5000 + 100 * step)

const conflictOf = ({ network, firstPort }: Claim, { routes, sockets }: Net): string | undefined =>
  routeProblem(network, routes) ?? portProblem(firstPort, sockets)

/** Reports which route of this machine overlaps a /24, if any. Ignores the default route. */
function routeProblem(network: string, routes: string): string | undefined {
  const start = address(`${network}.0`)
  for (const line of routes.split('\n').slice(1)) {
    const [link = '', destination = '', , , , , , mask = ''] = line.split('\t')
    const bits = littleEndian(mask)
    if (mask === '' || bits === 0) continue
    const common = (bits & 0xffffff00) >>> 0
    if ((littleEndian(destination) & common) >>> 0 === (start & common) >>> 0)
      return `${network}.0/24 is in use on this machine (a route through ${link})`
  }
  return undefined
}

/** Reports which of the registries' ports is in use, if any. */
function portProblem(base: number, sockets: string): string | undefined {
  for (const offset of Object.values(portOffsets)) {
    const port = (base + offset).toString(16).toUpperCase().padStart(4, '0')
    // The second column is the local address, the fourth the state (0A: listening). Only a socket on all addresses
    // conflicts; one on a single address does not.
    if (new RegExp(`^ *\\d+: 0+:${port} [0-9A-F]+:[0-9A-F]+ 0A`, 'm').test(sockets))
      return `port ${base + offset} is in use on this machine (\`ss -ltnp sport = :${base + offset}\` says by what)`
  }
  return undefined
}

const address = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

/** Parses an address of /proc/net/route: hexadecimal, in the machine's byte order. */
const littleEndian = (hex: string): number => Buffer.from(hex.padStart(8, '0'), 'hex').readUInt32LE()

const readNet = (): Net => ({
  routes: readOr('/proc/net/route'),
  sockets: `${readOr('/proc/net/tcp')}\n${readOr('/proc/net/tcp6')}`,
})

/** Reads a file, or returns '' if it does not exist: a kernel without IPv6 has no tcp6, and only Linux has /proc. */
function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
