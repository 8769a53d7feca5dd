import type { Inputs } from '../inputs.ts'
import type { Context } from './context.ts'
import { type Api, openApi } from './deployments-api.ts'

/** https://docs.github.com/rest/deployments/statuses */
export type DeploymentState = 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

/** A GitHub Deployment of this run: what the repository's page and the pull request show. */
export interface Deployment {
  readonly id: number
  set(state: DeploymentState, description: string): Promise<void>
  /** Sets the environment's earlier deployments inactive, those that are shown as active still. */
  retireOthers(): Promise<void>
}

export interface DeploymentPlan {
  readonly environment: string
  /** Where a person sees the release; shown as "View deployment". */
  readonly url: string | undefined
  readonly token: string
}

/** A deployment is announced where an `environment` is named. */
export const planDeployment = (inputs: Inputs): DeploymentPlan | undefined =>
  inputs.environment === ''
    ? undefined
    : {
        environment: inputs.environment,
        url: inputs['environment-url'] || undefined,
        token: inputs['github-token'],
      }

type Fetch = typeof globalThis.fetch

/**
 * Opens a deployment of the run's commit. Never stands in the way of the release: without the permission
 * (`deployments: write`) or where there is no such API (Forgejo, Gitea) it says once what it did without, and is
 * silent from then on.
 */
export async function openDeployment(
  plan: DeploymentPlan,
  context: Context,
  without: (reason: string) => void,
  fetch: Fetch,
): Promise<Deployment | undefined> {
  const give = (reason: string) => without(`No deployment status is shown for ${plan.environment}: ${reason}`)
  if (plan.token === '') {
    give('`github-token` is empty')
    return undefined
  }
  const api = await openApi(plan, context, fetch)
  let refused = false
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    if (refused) return undefined
    try {
      return await work()
    } catch (error) {
      refused = true
      give(because(error))
      return undefined
    }
  }
  const id = await attempt(api.create)
  if (id === undefined) return undefined
  return {
    id,
    set: async (state, description) => void (await attempt(() => api.set(id, state, description))),
    retireOthers: async () => void (await attempt(() => retireOthers(api, id))),
  }
}

/** `auto_inactive` leaves those of a production environment active. One that was made after this one may serve by now. */
async function retireOthers(api: Api, own: number): Promise<void> {
  for (const id of (await api.list()).filter(each => each < own)) {
    if ((await api.stateOf(id)) === 'success') await api.set(id, 'inactive', 'A later deployment serves')
  }
}

function because(error: unknown): string {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  const message = error instanceof Error ? error.message : String(error)
  if (status === 403) return `${message} (give the job "permissions: deployments: write")`
  if (status === 404)
    return `${message} (this server has no such API, or the token may not see the repository)`
  return message
}
