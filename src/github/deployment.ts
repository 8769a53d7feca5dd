import { setTimeout as delay } from 'node:timers/promises'
import { at, type Context } from '../core/context.ts'
import type { DeploymentPlan } from './deployment-plan.ts'
import { type Api, openApi } from './deployments-api.ts'

/** https://docs.github.com/rest/deployments/statuses */
export type DeploymentState = 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

/** A GitHub Deployment of this run: what the repository's page and the pull request show. */
export interface Deployment {
  readonly id: number
  set(state: DeploymentState, description: string): Promise<void>
  /** Sets the earlier deployments of the same services inactive, those that are shown as active still. */
  retireOthers(): Promise<void>
}

type Fetch = typeof globalThis.fetch

/** Milliseconds before the state that stays is tried once more. */
const patience = 2_000

/**
 * Opens a deployment of the run's commit. Never stands in the way of the release: without the permission
 * (`deployments: write`) or where there is no such API (Forgejo, Gitea) it says once what it did without, and is
 * silent from then on. What may pass is told once, too, and the next status is tried all the same: the last one counts.
 */
export async function openDeployment(
  plan: DeploymentPlan,
  context: Context,
  without: (reason: string) => void,
  fetch: Fetch,
  wait = patience,
): Promise<Deployment | undefined> {
  const { environment } = plan
  if (plan.token === '') {
    without(`No deployment status is shown for ${environment}: \`github-token\` is empty`)
    return undefined
  }
  const api = await openApi(plan, context, fetch)
  const attempt = attempts(without, environment)
  const id = await attempt(api.create)
  if (id === undefined) return undefined
  return {
    id,
    set: async (state, description) =>
      void (await attempt(() => api.set(id, state, description), stays(state) ? wait : undefined)),
    retireOthers: async () => void (await attempt(() => retireOthers(api, id))),
  }
}

/** What a deployment ends with: nothing comes after it that could make up for it. */
const stays = (state: DeploymentState): boolean => state !== 'queued' && state !== 'in_progress'

type Attempt = <T>(work: () => Promise<T>, again?: number) => Promise<T | undefined>

/** Undefined: it failed, which is told the first time; `again` is after how many milliseconds it is tried once more. */
function attempts(without: (reason: string) => void, environment: string): Attempt {
  let refused = false
  let told = false
  return async function attempt(work, again) {
    if (refused) return undefined
    try {
      return await work()
    } catch (error) {
      refused = isRefusal(error)
      if (!refused && again !== undefined) {
        await delay(again)
        return await attempt(work, undefined)
      }
      if (!told) without(`No deployment status is shown for ${environment}: ${because(error)}`)
      told = true
      return undefined
    }
  }
}

/** It will be no better the next time. */
const isRefusal = (error: unknown): boolean => [401, 403, 404].includes(Number(at(error, 'status')))

/** One that was made after this one may serve by now. */
async function retireOthers(api: Api, own: number): Promise<void> {
  for (const id of (await api.list()).filter(each => each < own)) {
    if ((await api.stateOf(id)) === 'success') await api.set(id, 'inactive', 'A later deployment serves')
  }
}

function because(error: unknown): string {
  const status = at(error, 'status')
  const message = error instanceof Error ? error.message : String(error)
  if (status === 403) return `${message} (give the job "permissions: deployments: write")`
  if (status === 404)
    return `${message} (this server has no such API, or the token may not see the repository)`
  return message
}
