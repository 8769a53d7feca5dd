import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { removeCgroups } from './cgroups.ts'
import { removeEmulator } from './emulator.ts'
import { type Machine, remove } from './machine.ts'
import { inhabited, removeBridge, removeNamespace } from './network.ts'
import { type Place, place } from './place.ts'
import { parts, read } from './record.ts'
import { endRegistries } from './registry.ts'

/**
 * Takes a rig down: every process, namespace, link, mount and control group that it brought up, and their files.
 * What was downloaded and built stays.
 */
export async function down(directory?: string): Promise<void> {
  const at = place(directory)
  await Promise.all(machines(at).map(machine => remove(at, machine)))
  // What a bring-up that died half-way did not write down.
  for (const machine of inhabited(at)) await removeNamespace(at, machine)
  await endRegistries(at)
  await removeEmulator(at)
  await removeBridge(at)
  removeCgroups(at)
  rmSync(at.run, { recursive: true, force: true })
}

/** The machines that were brought up, dead ones among them. */
export const machines = (at: Place): Machine[] =>
  parts(at).flatMap(part => (part.startsWith('machine-') ? (read<Machine>(at, part) ?? []) : []))

/** What is left of a rig on this machine: nothing, once it is down. */
export function left(at: Place): string[] {
  const list = (directory: string): string[] => {
    try {
      return readdirSync(directory)
    } catch {
      return []
    }
  }
  return [
    ...inhabited(at),
    ...list('/sys/class/net').filter(name => name === at.prefix || name.startsWith(`${at.prefix}.`)),
    ...list(join(at.run, 'parts')),
  ]
}
