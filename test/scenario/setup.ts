/**
 * Starts the rig before the first scenario, with everything that takes long to prepare, so that nothing is compiled or
 * downloaded during a test with a time limit. Takes the rig down afterwards unless it was up before.
 */
import { down, machines } from '../rig/down.ts'
import { place } from '../rig/place.ts'
import { alive } from '../rig/record.ts'
import { rig } from '../rig/rig.ts'

let wasUp = false

export async function globalSetup(): Promise<void> {
  wasUp = machines(place()).some(({ first }) => alive(first))
  const all = await rig()
  await Promise.all([all.server('modern'), all.base(), all.emulator()])
}

export async function globalTeardown(): Promise<void> {
  if (!wasUp) await down()
}
