import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { removeCgroups } from './cgroups.ts'
import { removeEmulator } from './emulator.ts'
import { type Machine, remove } from './machine.ts'
import { namespacedMachines, removeBridge, removeNamespace, switchOf } from './network.ts'
import { type Place, place } from './place.ts'
import { parts, read } from './record.ts'
import { endRegistries } from './registry.ts'

/**
 * Takes a rig down: removes every process, namespace, network interface, mount and control group that it created, and
 * their files. Keeps the cache of downloads and builds.
 */
export async function down(directory?: string): Promise<void> {
  const at = place(directory)
  await Promise.all(machines(at).map(machine => remove(at, machine)))
  // Machines that were not recorded, because their start was killed halfway.
  for (const machine of namespacedMachines(at)) await removeNamespace(at, machine)
  await endRegistries(at)
  await removeEmulator(at)
  await removeBridge(at)
  removeCgroups(at)
  rmSync(at.run, { recursive: true, force: true })
}

/** Returns the machines that were started, including dead ones. */
export const machines = (at: Place): Machine[] =>
  parts(at).flatMap(part => (part.startsWith('machine-') ? (read<Machine>(at, part) ?? []) : []))

/** Returns what remains of a rig on this machine. Empty once the rig is down. */
export function leftovers(at: Place): string[] {
  const list = (directory: string): string[] => {
    try {
      return readdirSync(directory)
    } catch {
      return []
    }
  }
  return [
    ...namespacedMachines(at),
    ...list('/run/netns').filter(name => name === switchOf(at)),
    ...list('/sys/class/net').filter(name => name === at.prefix),
    ...list(join(at.run, 'parts')),
  ]
}
