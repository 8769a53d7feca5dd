import { Failure } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import { type Deployment, type DeploymentState, openDeployment } from '../github/deployment.ts'
import type { Plan } from '../plan/plan.ts'
import { openFetch } from '../registry/fetch.ts'
import type { Ending } from './journal.ts'
import type { End } from './report.ts'

/** Called when the release begins. */
export type OnReleaseStart = () => void

/**
 * Runs the work. If the plan names an environment, updates a GitHub Deployment meanwhile: queued, in progress when the
 * release begins, then the result. The work never waits for GitHub; only the end of the run does.
 */
export async function withDeployment(
  plan: Plan,
  runtime: Runtime,
  work: (onReleaseStart: OnReleaseStart) => Promise<Ending>,
): Promise<Ending> {
  const opened = open(plan, runtime)
  let updates = opened.then(deployment => deployment?.set('queued', 'Checking and building'))
  const setStatus = (state: DeploymentState, text: string) => {
    updates = updates.then(async () => await (await opened)?.set(state, text))
  }
  try {
    const ending = await work(() => setStatus('in_progress', 'Deploying'))
    setStatus(...statuses[ending.end])
    if (runsNew.has(ending.end)) updates = updates.then(async () => await (await opened)?.retireOthers())
    return ending
  } catch (error) {
    setStatus(...statusOf(error, runtime))
    throw error
  } finally {
    await updates
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
  // Nothing awaits this promise until the run ends, so Node would treat a rejection as unhandled and end the process.
  try {
    return await openDeployment(plan, context, text => log.notice(text), openFetch(runtime))
  } catch (error) {
    log.notice(`The GitHub Deployment for ${plan.environment} could not be created: ${String(error)}`)
    return undefined
  }
}

/** The ends after which the new release runs. */
const runsNew: ReadonlySet<End> = new Set(['released', 'not-promoted'])

type Status = readonly [state: DeploymentState, description: string]

const failed: Status = ['failure', 'Failed; nothing was changed']
const cancelled: Status = ['failure', 'Cancelled; nothing was changed']

const statuses: Readonly<Record<End, Status>> = {
  released: ['success', 'The new release is running'],
  'not-promoted': ['success', 'The new release is running; its tags were not moved'],
  // Not a success: that would set the newer deployment inactive, although its release is the one that runs.
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

function statusOf(error: unknown, runtime: Runtime): Status {
  if (runtime.cancelled.aborted) return cancelled
  return error instanceof Failure ? failed : ['error', 'Internal error in Slipway: see the log']
}
