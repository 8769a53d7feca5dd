import type { Ending, Journal } from './journal.ts'
import type { Plan } from './plan.ts'
import type { Ready } from './ready.ts'
import type { ImageReport } from './report/report.ts'
import type { World } from './world.ts'

export async function release(
  _plan: Plan,
  _image: ImageReport,
  _ready: Ready,
  _world: World,
  _journal: Journal,
): Promise<Ending> {
  return { end: 'released' }
}
