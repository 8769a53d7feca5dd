import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, run } from './command.ts'
import { gateway, type Place } from './place.ts'
import { ensure } from './record.ts'
import { until } from './until.ts'

/**
 * Returns the bridge that connects this machine to those of the rig. The host's own rules and addresses stay as they
 * are.
 */
export const bridgeOf = (at: Place): string => at.prefix

export const namespaceOf = (at: Place, machine: string): string => `${at.prefix}-${machine}`

/** Reports whether an interface is up, its last setup step. If it is down, `ip` prints nothing and exits with 0. */
const isUp = async (link: string): Promise<true | undefined> =>
  (await attempt('ip', ['-oneline', 'link', 'show', 'dev', link, 'up'])).stdout.trim() === ''
    ? undefined
    : true

/**
 * Derives the hardware address from the IP address. ARP caches keep an entry for half a minute, and within that time
 * another machine may get the same IP address.
 */
const hardwareAddress = (address: string): string =>
  ['02', '4d', ...address.split('.').map(number => Number(number).toString(16).padStart(2, '0'))].join(':')

export function ensureBridge(at: Place): Promise<true> {
  const bridge = bridgeOf(at)
  return ensure<true>(
    at,
    'bridge',
    () => isUp(bridge),
    async () => {
      await attempt('ip', ['link', 'delete', bridge])
      // Without a fixed address, a bridge changes its hardware address when machines are added or removed.
      await run('ip', ['link', 'add', bridge, 'address', hardwareAddress(gateway(at)), 'type', 'bridge'])
      await run('ip', ['address', 'add', `${gateway(at)}/24`, 'dev', bridge])
      await run('ip', ['link', 'set', bridge, 'up'])
      return true
    },
  )
}

export const removeBridge = (at: Place): Promise<unknown> => attempt('ip', ['link', 'delete', bridgeOf(at)])

const numbersDirectory = (at: Place): string => join(at.run, 'addresses')

const ownerOf = (at: Place, number: string): string | undefined => {
  try {
    return readFileSync(join(numbersDirectory(at), number), 'utf8')
  } catch {
    return undefined
  }
}

/** Returns the numbers that are allocated to a machine. */
const numbersOf = (at: Place, machine: string): string[] => {
  const directory = numbersDirectory(at)
  return existsSync(directory) ? readdirSync(directory).filter(number => ownerOf(at, number) === machine) : []
}

/** Returns the last number of a machine's address: its own, or the first free one, which it allocates. */
function allocateNumber(at: Place, machine: string): string {
  const [allocated] = numbersOf(at, machine)
  if (allocated) return allocated
  mkdirSync(numbersDirectory(at), { recursive: true })
  for (let number = 2; number < 250; number++)
    try {
      writeFileSync(join(numbersDirectory(at), String(number)), machine, { flag: 'wx' })
      return String(number)
    } catch {
      // Another machine has it.
    }
  throw new Error(`no free address in ${at.network}.0/24: \`npm run rig:down\` frees those of dead machines`)
}

/** Returns the processes in a machine's network namespace, by their IDs on the host. */
async function processesOf(at: Place, machine: string): Promise<number[]> {
  const listed = await attempt('ip', ['netns', 'pids', namespaceOf(at, machine)])
  return listed.stdout.split('\n').filter(Boolean).map(Number)
}

/** Kills every process in a machine's namespace, including those that a start did not record because it was killed. */
export async function killProcesses(at: Place, machine: string): Promise<void> {
  await until(
    async () => {
      const pids = await processesOf(at, machine)
      for (const pid of pids)
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It has exited in the meantime.
        }
      return pids.length === 0 || undefined
    },
    () => `processes of machine ${machine} do not exit`,
  )
}

/** Returns the machines that have a network namespace, recorded or not. */
export const namespacedMachines = (at: Place): string[] =>
  existsSync('/run/netns')
    ? readdirSync('/run/netns').flatMap(name =>
        name.startsWith(`${at.prefix}-`) ? name.slice(at.prefix.length + 1) : [],
      )
    : []

/**
 * Creates a network namespace with its own address on the rig's bridge. Returns the address. Nothing else can be
 * reached from there: other destinations are rejected at once.
 */
export async function addNamespace(at: Place, machine: string): Promise<string> {
  const number = allocateNumber(at, machine)
  const namespace = namespaceOf(at, machine)
  const link = `${at.prefix}.${number}`
  await killProcesses(at, machine)
  await attempt('ip', ['netns', 'delete', namespace])
  await attempt('ip', ['link', 'delete', link])
  await run('ip', ['netns', 'add', namespace])
  await run('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace])
  const address = `${at.network}.${number}`
  await run('ip', ['link', 'set', link, 'master', bridgeOf(at), 'up'])
  const inside = `link set eth0 address ${hardwareAddress(address)}
address add ${address}/24 dev eth0
link set lo up
link set eth0 up
route add unreachable default
`
  await run('ip', ['-netns', namespace, '-batch', '-'], { stdin: inside })
  return address
}

/**
 * Unplugs a machine's network cable, or plugs it in again. Connections stay open, and packets sent meanwhile are lost.
 */
export async function plug(at: Place, machine: string, state: 'in' | 'out'): Promise<void> {
  for (const number of numbersOf(at, machine))
    await run('ip', ['link', 'set', 'dev', `${at.prefix}.${number}`, state === 'in' ? 'up' : 'down'])
}

/** Removes a machine's namespace, with its processes and its network interface. */
export async function removeNamespace(at: Place, machine: string): Promise<void> {
  await killProcesses(at, machine)
  await attempt('ip', ['netns', 'delete', namespaceOf(at, machine)])
  for (const number of numbersOf(at, machine)) {
    await attempt('ip', ['link', 'delete', `${at.prefix}.${number}`])
    rmSync(join(numbersDirectory(at), number), { force: true })
  }
}
