import type { Runtime } from './core/runtime.ts'
import type { Plan } from './plan/plan.ts'
import { describePlan } from './preflight/describe.ts'
import type { Resources } from './preflight/preflight.ts'
import { findImage } from './publish/existing.ts'
import { namesOf } from './publish/publish.ts'
import type { Ending, Journal } from './report/journal.ts'
import { setOutputs } from './report/outputs.ts'
import { planLines } from './report/plan.ts'

/** Prints what a run would do and sets every output that is known without a build (`dry-run`). Changes nothing. */
export async function printPlan(
  plan: Plan,
  resources: Resources,
  runtime: Runtime,
  journal: Journal,
): Promise<Ending> {
  const lines = planLines(describePlan(plan, resources))
  setOutputs(namesOf(plan))
  await journal.stage('Print the plan', async () => {
    lines.forEach(runtime.log.output)
    await setExistingImage(plan, resources, runtime)
  })
  journal.note({ plan: lines })
  return { end: 'planned' }
}

/** Sets the outputs of an image that the run reuses instead of building it. Fails if the registry does not have it. */
async function setExistingImage(plan: Plan, { publisher }: Resources, runtime: Runtime): Promise<void> {
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
