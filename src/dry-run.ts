import type { Runtime } from './core/runtime.ts'
import type { Plan } from './plan/plan.ts'
import { describePlan } from './preflight/describe.ts'
import type { Resources } from './preflight/preflight.ts'
import { findImage } from './publish/existing.ts'
import { namesOf } from './publish/publish.ts'
import type { Ending, Journal } from './report/journal.ts'
import { setOutputs } from './report/outputs.ts'
import { planLines } from './report/plan.ts'

/** A dry run: prints what a run would do and sets every output that is known without building; nothing is changed. */
export async function rehearse(
  plan: Plan,
  resources: Resources,
  runtime: Runtime,
  journal: Journal,
): Promise<Ending> {
  const lines = planLines(describePlan(plan, resources))
  setOutputs(namesOf(plan))
  await journal.stage('Print the plan', async () => {
    lines.forEach(runtime.log.foreign)
    await tellFound(plan, resources, runtime)
  })
  journal.note({ plan: lines })
  return { end: 'planned' }
}

/** An image that is in the registry already has a digest; one that should be there and is not is an error. */
async function tellFound(plan: Plan, { publisher }: Resources, runtime: Runtime): Promise<void> {
  const { build } = plan
  if (
    publisher === undefined ||
    !plan.publishes ||
    (build.when !== 'never' && publisher.reused === undefined)
  )
    return
  const { repository, digest } = await findImage(plan, publisher, runtime)
  if (digest !== undefined) setOutputs({ image: `${repository}@${digest}`, digest })
}
