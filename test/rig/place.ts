import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** Where a rig lives on this machine, and the names by which it is told from any other rig. */
export interface Place {
  readonly directory: string
  /** What was downloaded, unpacked or built: dear to make, safe to keep, shared by every clone. */
  readonly cache: string
  /** What is up, and the files of what is up. */
  readonly run: string
  /** The first three numbers of its network's addresses; the machine that runs the tests is `.1`. */
  readonly network: string
  /** What the names of its links and namespaces begin with; short, as a link's name has 15 characters at most. */
  readonly prefix: string
}

export const usual = '/var/tmp/slipway-rig'

/**
 * The place of the rig in `directory`. Rigs in different folders have networks and names of their own, so that
 * one can be tried while another is in use.
 */
export function place(directory = process.env['SLIPWAY_RIG'] || usual): Place {
  if (!/^\/[\w./-]+$/.test(directory) || directory.length > 48)
    throw new Error(
      `SLIPWAY_RIG is "${directory}": give an absolute path of at most 48 letters, digits, ".", "_", "-" (a socket's path has little room).`,
    )
  const octet =
    directory === usual ? 0 : 1 + ((createHash('sha256').update(directory).digest()[0] ?? 0) % 254)
  return {
    directory,
    cache: join(directory, 'cache'),
    run: join(directory, 'run'),
    network: `10.77.${octet}`,
    prefix: `slip${octet}`,
  }
}

export const gateway = (at: Place): string => `${at.network}.1`
