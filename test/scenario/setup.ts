/** The rig is up before the first scenario begins; it is taken down afterwards unless it was up before. */
import { down, machines } from '../rig/down.ts'
import { place } from '../rig/place.ts'
import { alive } from '../rig/record.ts'
import { rig } from '../rig/rig.ts'

let wasUp = false

export async function globalSetup(): Promise<void> {
  wasUp = machines(place()).some(({ first }) => alive(first))
  const { server } = await rig()
  await server('modern')
}

export async function globalTeardown(): Promise<void> {
  if (!wasUp) await down()
}
