import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Rig } from './rig.ts'

/** Reserves a port by creating a directory for it, because test files run concurrently in separate processes. */
export function claimPort(rig: Pick<Rig, 'place'>): number {
  const port = randomInt(20_000, 32_000)
  const ports = join(rig.place.run, 'ports')
  mkdirSync(ports, { recursive: true })
  try {
    mkdirSync(join(ports, String(port)))
    return port
  } catch {
    return claimPort(rig)
  }
}
