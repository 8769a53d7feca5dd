import { describePlan, type PlanDescription } from './describe.ts'
import { foundImage } from './found.ts'
import type { Ending, Journal } from './journal.ts'
import type { Plan } from './plan.ts'
import { namesOf } from './produce.ts'
import type { Ready } from './ready.ts'
import { setOutputs } from './report/outputs.ts'
import { planLines } from './report/plan.ts'
import type { DeployReport } from './report/report.ts'
import type { World } from './world.ts'

/** A dry run: prints what a run would do and sets every output that is known without building; nothing is changed. */
export async function rehearse(plan: Plan, ready: Ready, world: World, journal: Journal): Promise<Ending> {
  const description = describePlan(plan, ready)
  const lines = planLines(description)
  setOutputs(namesOf(plan))
  await journal.stage('Print the plan', async () => {
    lines.forEach(world.log.foreign)
    await tellFound(plan, ready, world)
  })
  journal.note({ plan: lines, ...(description.deploy && { deploy: standing(description) }) })
  return { end: 'planned' }
}

/** An image that is in the registry already has a digest; one that should be there and is not is an error. */
async function tellFound(plan: Plan, { workshop }: Ready, world: World): Promise<void> {
  const { build } = plan
  if (workshop === undefined || (build.when !== 'never' && workshop.reused === undefined)) return
  const { repository, digest } = await foundImage(plan, workshop, world)
  if (digest !== undefined) setOutputs({ image: `${repository}@${digest}`, digest })
}

/** What serves before and after is the same: nothing is changed. */
function standing({ deploy }: PlanDescription): DeployReport {
  const { target = '', project = '', services = [] } = deploy ?? {}
  const serving = services.flatMap(({ from = '' }) => (from.includes('@') ? [from] : []))
  const releases = [...new Set(serving)].join('\n')
  return {
    target,
    project,
    services: services.map(({ name }) => name),
    ...(releases === '' ? {} : { previous: releases, serving: releases }),
  }
}
