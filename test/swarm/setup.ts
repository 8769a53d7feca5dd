/** Prepares the rig as for every scenario, and the swarm. */
import { rig } from '../rig/rig.ts'
import { globalSetup as setUp } from '../scenario/setup.ts'

export { globalTeardown } from '../scenario/setup.ts'

export async function globalSetup(): Promise<void> {
  await setUp()
  await (await rig()).swarm()
}
