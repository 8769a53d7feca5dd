import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, run } from './command.ts'
import { gateway, type Place } from './place.ts'
import { ensure } from './record.ts'
import { until } from './until.ts'

/** Returns this machine's interface in the rig's network. This machine's own rules and addresses stay as they are. */
const linkOf = (at: Place): string => at.prefix

/**
 * Returns the namespace of the bridge that connects the machines. In this machine's own namespace, its firewall or that
 * of its Docker engine could drop what one of them sends to another.
 */
export const switchOf = (at: Place): string => `${at.prefix}.switch`

/** Runs commands of `ip`, one a line, in the namespace of the bridge. */
const onSwitch = (at: Place, commands: string): Promise<unknown> =>
  run('ip', ['-netns', switchOf(at), '-batch', '-'], { stdin: commands })

export const namespaceOf = (at: Place, machine: string): string => `${at.prefix}-${machine}`

/** Reports whether this machine's interface is up, its last setup step. If not, `ip` prints nothing and exits with 0. */
const isUp = async (at: Place): Promise<true | undefined> =>
  hasNamespace(switchOf(at)) &&
  (await attempt('ip', ['-oneline', 'link', 'show', 'dev', linkOf(at), 'up'])).stdout.trim() !== ''
    ? true
    : undefined

const hasNamespace = (name: string): boolean => existsSync(`/run/netns/${name}`)

/**
 * Derives the hardware address from the IP address. ARP caches keep an entry for half a minute, and within that time
 * another machine may get the same IP address.
 */
const hardwareAddress = (address: string): string =>
  ['02', '4d', ...address.split('.').map(number => Number(number).toString(16).padStart(2, '0'))].join(':')

export function ensureBridge(at: Place): Promise<true> {
  const link = linkOf(at)
  return ensure<true>(
    at,
    'bridge',
    () => isUp(at),
    async () => {
      await removeBridge(at)
      await run('ip', ['netns', 'add', switchOf(at)])
      await onSwitch(at, 'link add bridge up type bridge')
      const peer = ['peer', 'name', 'host', 'netns', switchOf(at)]
      await run('ip', ['link', 'add', link, 'address', hardwareAddress(gateway(at)), 'type', 'veth', ...peer])
      await onSwitch(at, 'link set host master bridge up')
      await run('ip', ['address', 'add', `${gateway(at)}/24`, 'dev', link])
      await run('ip', ['link', 'set', link, 'up'])
      return true
    },
  )
}

/** Removes the bridge and this machine's interface. The kernel would remove the interface with the namespace, but later. */
export async function removeBridge(at: Place): Promise<void> {
  await attempt('ip', ['link', 'delete', linkOf(at)])
  await attempt('ip', ['netns', 'delete', switchOf(at)])
}

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
  await attempt('ip', ['-netns', switchOf(at), 'link', 'delete', link])
  await run('ip', ['netns', 'add', namespace])
  await onSwitch(
    at,
    `link add ${link} type veth peer name eth0 netns ${namespace}\nlink set ${link} master bridge up`,
  )
  const address = `${at.network}.${number}`
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
    await onSwitch(at, `link set ${at.prefix}.${number} ${state === 'in' ? 'up' : 'down'}`)
}

/** Removes a machine's namespace, with its processes and its network interface. */
export async function removeNamespace(at: Place, machine: string): Promise<void> {
  await killProcesses(at, machine)
  await attempt('ip', ['netns', 'delete', namespaceOf(at, machine)])
  for (const number of numbersOf(at, machine)) {
    await attempt('ip', ['-netns', switchOf(at), 'link', 'delete', `${at.prefix}.${number}`])
    rmSync(join(numbersDirectory(at), number), { force: true })
  }
}
