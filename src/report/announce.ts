import { Failure } from '../core/errors.ts'
import type { World } from '../core/runtime.ts'
import { type Deployment, type DeploymentState, openDeployment } from '../github/deployment.ts'
import type { Plan } from '../plan/plan.ts'
import { openFetch } from '../registry/fetch.ts'
import type { Ending } from './journal.ts'
import type { End } from './report.ts'

/** Told when the release begins. */
export type Begins = () => void

/**
 * Does the work under a GitHub Deployment, when the plan names an environment: queued, in progress when the release
 * begins, then how it ended. The work never waits for GitHub; only the end of the run does.
 */
export async function announced(
  plan: Plan,
  world: World,
  work: (begins: Begins) => Promise<Ending>,
): Promise<Ending> {
  const opened = open(plan, world)
  let told = opened.then(deployment => deployment?.set('queued', 'Everything is checked and built first'))
  const tell = (state: DeploymentState, text: string) => {
    told = told.then(async () => await (await opened)?.set(state, text))
  }
  try {
    const ending = await work(() => tell('in_progress', 'Slipway deploys'))
    tell(...statuses[ending.end])
    if (serves.has(ending.end)) told = told.then(async () => await (await opened)?.retireOthers())
    return ending
  } catch (error) {
    tell(...endOf(error, world))
    throw error
  } finally {
    await told
  }
}

async function open(
  { deployment: plan, deploy, dryRun }: Plan,
  { log, context, ...world }: World,
): Promise<Deployment | undefined> {
  if (plan === undefined || dryRun) return undefined
  if (deploy === undefined) {
    log.notice(`No deployment is recorded for ${plan.environment}: nothing is deployed.`)
    return undefined
  }
  // Nobody waits for it before the end of the run: what is thrown till then would be nobody's.
  try {
    return await openDeployment(plan, context, text => log.notice(text), openFetch(world))
  } catch (error) {
    log.notice(`No deployment status is shown for ${plan.environment}: ${String(error)}`)
    return undefined
  }
}

const serves: ReadonlySet<End> = new Set(['released', 'not-promoted'])

type Status = readonly [state: DeploymentState, description: string]

const failed: Status = ['failure', 'It failed; nothing was changed']
const cancelled: Status = ['failure', 'Cancelled; nothing was changed']

const statuses: Readonly<Record<End, Status>> = {
  released: ['success', 'The new release serves'],
  'not-promoted': ['success', 'The new release serves; its tags were not moved'],
  // As a success it would set the newer one inactive, which serves.
  superseded: ['inactive', 'A newer release serves already'],
  'rolled-back': ['failure', 'It failed and was rolled back: the previous release serves'],
  removed: ['failure', 'It failed and was removed: nothing ran before it'],
  broken: ['failure', 'It failed, and was not put back: look at the server'],
  lost: ['failure', 'Nobody could see how it ended: see the log'],
  failed,
  cancelled,
  pushed: ['inactive', 'Nothing was deployed'],
  built: ['inactive', 'Nothing was deployed'],
  nothing: ['inactive', 'Nothing was deployed'],
  planned: ['inactive', 'Nothing was deployed'],
}

function endOf(error: unknown, world: World): Status {
  if (world.cancelled.aborted) return cancelled
  return error instanceof Failure ? failed : ['error', 'A fault of Slipway itself: see the log']
}
