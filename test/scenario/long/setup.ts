/** Prepares the rig as for every scenario, and BuildKit, which is compiled the first time. */
import { rig } from '../../rig/rig.ts'
import { globalSetup as setUp } from '../setup.ts'

export { globalTeardown } from '../setup.ts'

export async function globalSetup(): Promise<void> {
  await setUp()
  await (await rig()).buildkit()
}
