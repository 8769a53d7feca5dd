import type { World } from './core/runtime.ts'
import type { Plan } from './plan/plan.ts'
import { describePlan } from './preflight/describe.ts'
import type { Ready } from './preflight/ready.ts'
import { foundImage } from './publish/found.ts'
import { namesOf } from './publish/publish.ts'
import type { Ending, Journal } from './report/journal.ts'
import { setOutputs } from './report/outputs.ts'
import { planLines } from './report/plan.ts'

/** A dry run: prints what a run would do and sets every output that is known without building; nothing is changed. */
export async function rehearse(plan: Plan, ready: Ready, world: World, journal: Journal): Promise<Ending> {
  const lines = planLines(describePlan(plan, ready))
  setOutputs(namesOf(plan))
  await journal.stage('Print the plan', async () => {
    lines.forEach(world.log.foreign)
    await tellFound(plan, ready, world)
  })
  journal.note({ plan: lines })
  return { end: 'planned' }
}

/** An image that is in the registry already has a digest; one that should be there and is not is an error. */
async function tellFound(plan: Plan, { workshop }: Ready, world: World): Promise<void> {
  const { build } = plan
  if (workshop === undefined || (build.when !== 'never' && workshop.reused === undefined)) return
  const { repository, digest } = await foundImage(plan, workshop, world)
  if (digest !== undefined) setOutputs({ image: `${repository}@${digest}`, digest })
}
