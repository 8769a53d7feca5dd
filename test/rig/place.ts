import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from './whole.ts'

/** Where a rig lives on this machine, and the names by which it is told from any other rig. */
export interface Place {
  readonly directory: string
  /** Downloads and builds: expensive to make, safe to keep, shared by every clone. */
  readonly cache: string
  /** What is up, and the files of what is up. */
  readonly run: string
  /** The first three numbers of its network's addresses; the machine that runs the tests is `.1`. */
  readonly network: string
  /** The first port of its registries on `.1`. */
  readonly firstPort: number
  /** Prefix of its links and namespaces; short, as a link's name has 15 characters at most. */
  readonly prefix: string
}

/** The network and ports that a rig claimed: free on this machine when it did. */
type Claim = Pick<Place, 'network' | 'firstPort'>

/** The parts of /proc/net that tell what this machine uses already. */
export interface Net {
  /** /proc/net/route: every IPv4 route of the main table. */
  readonly routes: string
  /** /proc/net/tcp and tcp6: every TCP socket. */
  readonly sockets: string
}

export const usual = '/var/tmp/slipway-rig'

/** The ports above the first that the registries of a rig listen on. */
export const portOffsets = { login: 0, anonymous: 1, token: 2, behind: 12 } as const

/**
 * Returns the place of the rig in `directory`. Each rig has a network and names of its own, so that one can be tried
 * while another is in use, and none touches a network or a port that this machine uses for something else.
 */
export function place(directory = process.env['SLIPWAY_RIG'] || usual): Place {
  if (!/^\/[\w./-]+$/.test(directory) || directory.length > 48)
    throw new Error(
      `SLIPWAY_RIG is "${directory}": give an absolute path of at most 48 letters, digits, ".", "_", "-" (a socket's path has little room).`,
    )
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 4)
  const prefix = directory === usual ? 'slip0' : `slip${hash}`
  return {
    directory,
    cache: join(directory, 'cache'),
    run: join(directory, 'run'),
    prefix,
    ...claim(directory, prefix),
  }
}

export const gateway = (at: Place): string => `${at.network}.1`

/** Returns what the rig claimed before, as long as it is up or nothing else has taken it since; else claims anew. */
function claim(directory: string, bridge: string): Claim {
  const file = join(directory, 'claim.json')
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Claim) : undefined
  if (before !== undefined && existsSync(`/sys/class/net/${bridge}`)) return before
  const net = readNet()
  if (before !== undefined && obstacle(before, net) === undefined) return before
  const chosen = choose(net, directory === usual ? 0 : parseInt(bridge.slice(4), 16))
  for (const line of chosen.inTheWay) console.error(`rig: ${line}`)
  mkdirSync(directory, { recursive: true })
  writeWhole(file, `${JSON.stringify(chosen.claim)}\n`)
  return chosen.claim
}

/** Chooses the first free network and the first free ports, in an order that starts at `seed`. */
export function choose(net: Net, seed: number): { claim: Claim; inTheWay: string[] } {
  const inTheWay: string[] = []
  const first = <T>(candidates: readonly T[], why: (candidate: T) => string | undefined): T | undefined =>
    candidates.find(candidate => {
      const reason = why(candidate)
      if (reason !== undefined) inTheWay.push(reason)
      return reason === undefined
    })
  const network = first(networks(seed), candidate => routeProblem(candidate, net.routes))
  const firstPort = first(portBases, base => portProblem(base, net.sockets))
  if (network === undefined || firstPort === undefined)
    throw new Error(`The rig finds no free network and ports on this machine:\n${inTheWay.join('\n')}`)
  return { claim: { network, firstPort }, inTheWay }
}

/** Ranges for private use (RFC 1918) and for benchmarks (RFC 2544), away from those that docker hands out. */
const networks = (seed: number): string[] =>
  ['10.77', '10.213', '192.168', '198.18'].flatMap(range =>
    Array.from({ length: 256 }, (_, step) => `${range}.${(seed + step) % 256}`),
  )

const portBases = Array.from({ length: 40 }, (_, step) => 5000 + 100 * step)

const obstacle = ({ network, firstPort }: Claim, { routes, sockets }: Net): string | undefined =>
  routeProblem(network, routes) ?? portProblem(firstPort, sockets)

/** Says which route of this machine leads into a /24, if one does; the default route is none of these. */
function routeProblem(network: string, routes: string): string | undefined {
  const start = address(`${network}.0`)
  for (const line of routes.split('\n').slice(1)) {
    const [link = '', destination = '', , , , , , mask = ''] = line.split('\t')
    const bits = littleEndian(mask)
    if (mask === '' || bits === 0) continue
    const common = (bits & 0xffffff00) >>> 0
    if ((littleEndian(destination) & common) >>> 0 === (start & common) >>> 0)
      return `${network}.0/24 is in use on this machine (a route by ${link})`
  }
  return undefined
}

/** Says which of the registries' ports somebody listens on, if any. */
function portProblem(base: number, sockets: string): string | undefined {
  for (const offset of Object.values(portOffsets)) {
    const port = (base + offset).toString(16).toUpperCase().padStart(4, '0')
    // The second column is the local address, the fourth the state: 0A listens. On another address than all of them,
    // a socket is in nobody's way.
    if (new RegExp(`^ *\\d+: 0+:${port} [0-9A-F]+:[0-9A-F]+ 0A`, 'm').test(sockets))
      return `port ${base + offset} is in use on this machine (\`ss -ltnp sport = :${base + offset}\` says by what)`
  }
  return undefined
}

const address = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

/** Reads an address as /proc/net/route writes it: hexadecimal, in the byte order of the machine. */
const littleEndian = (hex: string): number => Buffer.from(hex.padStart(8, '0'), 'hex').readUInt32LE()

const readNet = (): Net => ({
  routes: readOr('/proc/net/route'),
  sockets: `${readOr('/proc/net/tcp')}\n${readOr('/proc/net/tcp6')}`,
})

/** A kernel without IPv6 has no tcp6, and a machine that is no Linux has none of these. */
function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
