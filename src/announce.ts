import { type Deployment, openDeployment } from './github/deployment.ts'
import type { Ending } from './journal.ts'
import type { Plan } from './plan.ts'
import { openFetch } from './registry/fetch.ts'
import type { End } from './report/report.ts'
import type { World } from './world.ts'

/** Does the work under a GitHub Deployment, when the plan names an environment: in progress, then how it ended. */
export async function announced(
  { deployment: plan }: Plan,
  world: World,
  work: () => Promise<Ending>,
): Promise<Ending> {
  if (plan === undefined) return await work()
  const fetch = openFetch(world)
  const deployment = await openDeployment(plan, world.context, text => world.log.notice(text), fetch)
  await deployment?.set('in_progress', 'Slipway deploys')
  return await work().then(
    async ending => await tellEnd(deployment, ending),
    async (error: unknown) => {
      await deployment?.set('error', 'The deploy ended without a verdict')
      throw error
    },
  )
}

async function tellEnd(deployment: Deployment | undefined, ending: Ending): Promise<Ending> {
  const good = ending.end === 'released' || ending.end === 'superseded'
  await deployment?.set(good ? 'success' : 'failure', descriptions[ending.end] ?? '')
  return ending
}

const descriptions: Readonly<Partial<Record<End, string>>> = {
  released: 'The new release serves',
  superseded: 'A newer release serves already',
  'rolled-back': 'It failed and was rolled back: the previous release serves',
  removed: 'It failed and was removed: nothing ran before it',
  broken: 'It failed, and so did the rollback',
  failed: 'It failed; nothing was changed',
  cancelled: 'Cancelled; nothing was changed',
}
