import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { removeCgroups } from './cgroups.ts'
import { removeEmulator } from './emulator.ts'
import { type Machine, remove } from './machine.ts'
import { removeBridge } from './network.ts'
import { type Place, place } from './place.ts'
import { alive, parts, read } from './record.ts'
import type { Registry } from './registry.ts'

/**
 * Takes a rig down: every process, namespace, link, mount and control group that it brought up, and their files.
 * What was downloaded and built stays.
 */
export async function down(directory?: string): Promise<void> {
  const at = place(directory)
  await Promise.all(machines(at).map(machine => remove(at, machine)))
  for (const part of parts(at)) {
    const registry = part.startsWith('registry-') ? read<Registry>(at, part) : undefined
    if (registry && alive(registry.process)) process.kill(registry.process.pid, 'SIGKILL')
  }
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
    ...list('/run/netns').filter(name => name.startsWith(`${at.prefix}-`)),
    ...list('/sys/class/net').filter(name => name === at.prefix || name.startsWith(`${at.prefix}.`)),
    ...list(join(at.run, 'parts')),
  ]
}
