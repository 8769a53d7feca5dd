import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, run } from './command.ts'
import { gateway, type Place } from './place.ts'
import { ensure } from './record.ts'

/** The bridge that joins this machine to those of the rig: no rule or address of the host's own is touched. */
export const bridgeOf = (at: Place): string => at.prefix

export const namespaceOf = (at: Place, machine: string): string => `${at.prefix}-${machine}`

const exists = async (...args: string[]): Promise<true | undefined> =>
  (await attempt('ip', args)).code === 0 ? true : undefined

export function ensureBridge(at: Place): Promise<true> {
  const bridge = bridgeOf(at)
  return ensure<true>(
    at,
    'bridge',
    () => exists('link', 'show', 'dev', bridge, 'up'),
    async () => {
      await attempt('ip', ['link', 'delete', bridge])
      await run('ip', ['link', 'add', bridge, 'type', 'bridge'])
      await run('ip', ['address', 'add', `${gateway(at)}/24`, 'dev', bridge])
      await run('ip', ['link', 'set', bridge, 'up'])
      return true
    },
  )
}

export const removeBridge = (at: Place): Promise<unknown> => attempt('ip', ['link', 'delete', bridgeOf(at)])

const numbers = (at: Place): string => join(at.run, 'addresses')

/** Takes the first number of the network that no machine of the rig has. */
function takeNumber(at: Place, machine: string): number {
  mkdirSync(numbers(at), { recursive: true })
  for (let number = 2; number < 250; number++)
    try {
      writeFileSync(join(numbers(at), String(number)), machine, { flag: 'wx' })
      return number
    } catch {
      if (readFileSync(join(numbers(at), String(number)), 'utf8') === machine) return number
    }
  throw new Error(
    `no address left in ${at.network}.0/24: \`npm run rig:down\` gives back those of dead machines`,
  )
}

/** A network namespace with an address of its own on the rig's bridge; gives the address. */
export async function addNamespace(at: Place, machine: string): Promise<string> {
  const number = takeNumber(at, machine)
  const namespace = namespaceOf(at, machine)
  const link = `${at.prefix}.${number}`
  await attempt('ip', ['netns', 'delete', namespace])
  await attempt('ip', ['link', 'delete', link])
  await run('ip', ['netns', 'add', namespace])
  await run('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace])
  await run('ip', ['link', 'set', link, 'master', bridgeOf(at), 'up'])
  const inside = `address add ${at.network}.${number}/24 dev eth0
link set lo up
link set eth0 up
route add default via ${gateway(at)}
`
  await run('ip', ['-netns', namespace, '-batch', '-'], { stdin: inside })
  return `${at.network}.${number}`
}

/** Takes a machine's namespace down, and its link with it. */
export async function removeNamespace(at: Place, machine: string, address: string): Promise<void> {
  await attempt('ip', ['netns', 'delete', namespaceOf(at, machine)])
  const number = address.split('.').at(-1) ?? ''
  await attempt('ip', ['link', 'delete', `${at.prefix}.${number}`])
  rmSync(join(numbers(at), number), { force: true })
}
