import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, run } from './command.ts'
import { gateway, type Place } from './place.ts'
import { ensure } from './record.ts'
import { until } from './until.ts'

/** The bridge that joins this machine to those of the rig: no rule or address of the host's own is touched. */
export const bridgeOf = (at: Place): string => at.prefix

export const namespaceOf = (at: Place, machine: string): string => `${at.prefix}-${machine}`

/** Whether a link is up, which it is last of all. For one that is down, `ip` says nothing and is content. */
const isUp = async (link: string): Promise<true | undefined> =>
  (await attempt('ip', ['-oneline', 'link', 'show', 'dev', link, 'up'])).stdout.trim() === ''
    ? undefined
    : true

/** One for each address: neighbours remember for half a minute whom they met there, and a machine may be followed by another. */
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
      // Left to itself, a bridge changes its hardware address as machines come and go.
      await run('ip', ['link', 'add', bridge, 'address', hardwareAddress(gateway(at)), 'type', 'bridge'])
      await run('ip', ['address', 'add', `${gateway(at)}/24`, 'dev', bridge])
      await run('ip', ['link', 'set', bridge, 'up'])
      return true
    },
  )
}

export const removeBridge = (at: Place): Promise<unknown> => attempt('ip', ['link', 'delete', bridgeOf(at)])

const numbers = (at: Place): string => join(at.run, 'addresses')

const takerOf = (at: Place, number: string): string | undefined => {
  try {
    return readFileSync(join(numbers(at), number), 'utf8')
  } catch {
    return undefined
  }
}

/** The numbers that a machine has taken. */
const takenBy = (at: Place, machine: string): string[] =>
  existsSync(numbers(at)) ? readdirSync(numbers(at)).filter(number => takerOf(at, number) === machine) : []

/** The number of a machine in the network: the one it has, or the first that no machine of the rig has taken. */
function takeNumber(at: Place, machine: string): string {
  const [taken] = takenBy(at, machine)
  if (taken) return taken
  mkdirSync(numbers(at), { recursive: true })
  for (let number = 2; number < 250; number++)
    try {
      writeFileSync(join(numbers(at), String(number)), machine, { flag: 'wx' })
      return String(number)
    } catch {
      // Another machine has it.
    }
  throw new Error(
    `no address left in ${at.network}.0/24: \`npm run rig:down\` gives back those of dead machines`,
  )
}

/** The processes in a machine's network namespace, by their numbers on the host. */
async function inhabitants(at: Place, machine: string): Promise<number[]> {
  const listed = await attempt('ip', ['netns', 'pids', namespaceOf(at, machine)])
  return listed.stdout.split('\n').filter(Boolean).map(Number)
}

/** Ends whatever lives in a machine's namespace: also what a bring-up that died half-way did not write down. */
export async function endInhabitants(at: Place, machine: string): Promise<void> {
  await until(
    async () => {
      const pids = await inhabitants(at, machine)
      for (const pid of pids)
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It has ended meanwhile.
        }
      return pids.length === 0 || undefined
    },
    () => `processes of machine ${machine} do not end`,
  )
}

/** The machines that have a namespace, written down or not. */
export const inhabited = (at: Place): string[] =>
  existsSync('/run/netns')
    ? readdirSync('/run/netns').flatMap(name =>
        name.startsWith(`${at.prefix}-`) ? name.slice(at.prefix.length + 1) : [],
      )
    : []

/**
 * A network namespace with an address of its own on the rig's bridge; gives the address. Nothing else is to be reached
 * from there, and whatever tries is told so at once.
 */
export async function addNamespace(at: Place, machine: string): Promise<string> {
  const number = takeNumber(at, machine)
  const namespace = namespaceOf(at, machine)
  const link = `${at.prefix}.${number}`
  await endInhabitants(at, machine)
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

/** Pulls a machine's network cable, or plugs it in again: nobody is told, and what is sent meanwhile is lost. */
export async function plug(at: Place, machine: string, state: 'in' | 'out'): Promise<void> {
  for (const number of takenBy(at, machine))
    await run('ip', ['link', 'set', 'dev', `${at.prefix}.${number}`, state === 'in' ? 'up' : 'down'])
}

/** Takes a machine's namespace down, with its link and whatever lives in it. */
export async function removeNamespace(at: Place, machine: string): Promise<void> {
  await endInhabitants(at, machine)
  await attempt('ip', ['netns', 'delete', namespaceOf(at, machine)])
  for (const number of takenBy(at, machine)) {
    await attempt('ip', ['link', 'delete', `${at.prefix}.${number}`])
    rmSync(join(numbers(at), number), { force: true })
  }
}
