import { readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'

/** Returns the parent control group of the containers of a rig machine's engine. */
export const cgroupOf = (at: Place, machine: string): string => `/${at.prefix}/${machine}`

/** Returns the mount points of control groups on this machine, of either version. */
export const hierarchies = (): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' '))
    .flatMap(([, directory, kind]) => (directory && kind?.startsWith('cgroup') ? [directory] : []))

/** Removes a control group with rmdir, children first. The kernel removes its files with it. */
function prune(directory: string): void {
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true }))
      if (entry.isDirectory()) prune(join(directory, entry.name))
    rmdirSync(directory)
  } catch {
    // It does not exist, or a process in it is still exiting. An empty group that remains is harmless.
  }
}

/** Removes the control groups that a dead engine's containers left: of one machine, or of all if none is named. */
export const removeCgroups = (at: Place, machine = ''): void => {
  for (const hierarchy of hierarchies()) prune(join(hierarchy, cgroupOf(at, machine)))
}
