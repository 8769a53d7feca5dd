import { readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'

/** The control group under which an engine of the rig puts its containers. */
export const cgroupOf = (at: Place, machine: string): string => `/${at.prefix}/${machine}`

/** Where this machine has control groups mounted, of either version. */
export const hierarchies = (): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' '))
    .flatMap(([, directory, kind]) => (directory && kind?.startsWith('cgroup') ? [directory] : []))

/** A control group is removed by rmdir, from the leaves up; its files go with it. */
function prune(directory: string): void {
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true }))
      if (entry.isDirectory()) prune(join(directory, entry.name))
    rmdirSync(directory)
  } catch {
    // Not there, or a process is still about to end in it: what stays is empty and harmless.
  }
}

/** Removes what a dead engine left of its containers' control groups; of all machines, when none is named. */
export const removeCgroups = (at: Place, machine = ''): void => {
  for (const hierarchy of hierarchies()) prune(join(hierarchy, cgroupOf(at, machine)))
}
