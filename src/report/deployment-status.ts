import { Failure } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import { type Deployment, type DeploymentState, openDeployment } from '../github/deployment.ts'
import type { Plan } from '../plan/plan.ts'
import { openFetch } from '../registry/fetch.ts'
import type { Ending } from './journal.ts'
import type { End } from './report.ts'

/** Notifies that the release begins. */
export type Begins = () => void

/**
 * Runs the work, and keeps the status of a GitHub Deployment up to date if the plan names an environment: queued, in
 * progress when the release begins, then how it ended. The work never waits for GitHub; only the end of the run does.
 */
export async function withDeployment(
  plan: Plan,
  runtime: Runtime,
  work: (begins: Begins) => Promise<Ending>,
): Promise<Ending> {
  const opened = open(plan, runtime)
  let told = opened.then(deployment => deployment?.set('queued', 'Checking and building'))
  const tell = (state: DeploymentState, text: string) => {
    told = told.then(async () => await (await opened)?.set(state, text))
  }
  try {
    const ending = await work(() => tell('in_progress', 'Deploying'))
    tell(...statuses[ending.end])
    if (serves.has(ending.end)) told = told.then(async () => await (await opened)?.retireOthers())
    return ending
  } catch (error) {
    tell(...endOf(error, runtime))
    throw error
  } finally {
    await told
  }
}

async function open(
  { deployment: plan, deploy, dryRun }: Plan,
  { log, context, ...runtime }: Runtime,
): Promise<Deployment | undefined> {
  if (plan === undefined || dryRun) return undefined
  if (deploy === undefined) {
    log.notice(`No GitHub Deployment is created for ${plan.environment}, because this run deploys nothing.`)
    return undefined
  }
  // Nothing awaits this promise before the end of the run, so a rejection would go unhandled.
  try {
    return await openDeployment(plan, context, text => log.notice(text), openFetch(runtime))
  } catch (error) {
    log.notice(`The GitHub Deployment for ${plan.environment} could not be created: ${String(error)}`)
    return undefined
  }
}

const serves: ReadonlySet<End> = new Set(['released', 'not-promoted'])

type Status = readonly [state: DeploymentState, description: string]

const failed: Status = ['failure', 'Failed; nothing was changed']
const cancelled: Status = ['failure', 'Cancelled; nothing was changed']

const statuses: Readonly<Record<End, Status>> = {
  released: ['success', 'The new release is running'],
  'not-promoted': ['success', 'The new release is running; its tags were not moved'],
  // A success would mark the newer deployment inactive, although it is the one that runs.
  superseded: ['inactive', 'A newer release is already running'],
  'rolled-back': ['failure', 'Failed and rolled back: the previous release is running'],
  removed: ['failure', 'Failed and removed: no release ran before it'],
  broken: ['failure', 'Failed, and the previous release was not restored: check the server'],
  lost: ['failure', 'The connection was lost; the server finishes on its own: see the log'],
  failed,
  cancelled,
  pushed: ['inactive', 'Nothing was deployed'],
  built: ['inactive', 'Nothing was deployed'],
  nothing: ['inactive', 'Nothing was deployed'],
  planned: ['inactive', 'Nothing was deployed'],
}

function endOf(error: unknown, runtime: Runtime): Status {
  if (runtime.cancelled.aborted) return cancelled
  return error instanceof Failure ? failed : ['error', 'Internal error in Slipway: see the log']
}
