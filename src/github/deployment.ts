import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { at, type Context } from '../core/context.ts'
import type { Inputs } from '../inputs/inputs.ts'

export interface DeploymentPlan {
  readonly environment: string
  /** Where a person sees the release; shown as "View deployment". */
  readonly url: string | undefined
  readonly token: string
  /** The same for every deploy of the same services on the same server; those of others are left alone. */
  readonly mark: string
}

/** What identifies a deploy among those of others. */
interface Deployed {
  readonly ssh: { readonly user: string; readonly host: string; readonly port: number }
  readonly projectDirectory: string
  readonly projectName: string | undefined
  readonly services: readonly string[]
  readonly whole: boolean
}

/** Plans a GitHub Deployment if `environment` is given. */
export const planDeployment = (inputs: Inputs, deploy: Deployed | undefined): DeploymentPlan | undefined =>
  inputs.environment === ''
    ? undefined
    : {
        environment: inputs.environment,
        url: inputs['environment-url'] || undefined,
        token: inputs['github-token'],
        mark: deploy === undefined ? '' : markOf(deploy),
      }

/**
 * Returns a short hash of where a deploy goes. Anybody can see the deployments of a public repository, and the address of
 * the server may be a secret: a hash this short cannot be reversed by trying every address.
 */
function markOf({ ssh, projectDirectory, projectName, services, whole }: Deployed): string {
  const what = [
    ssh.user,
    ssh.host,
    ssh.port,
    projectDirectory,
    projectName,
    ...(whole ? ['*'] : services.toSorted()),
  ]
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 5)
}

/** https://docs.github.com/rest/deployments/statuses */
export type DeploymentState = 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

/** A GitHub Deployment of this run: what the repository's page and the pull request show. */
export interface Deployment {
  readonly id: number
  set(state: DeploymentState, description: string): Promise<void>
  /** Sets the earlier deployments of the same services inactive, those that are shown as active still. */
  retireOthers(): Promise<void>
}

/** Milliseconds before a failed attempt to set the final state is repeated. */
const patience = 2_000

/**
 * Creates a deployment of the run's commit. Never fails the release: without the permission (`deployments: write`) or the
 * API (Forgejo, Gitea) it reports that once and does nothing more. A temporary error is reported once, too, and the next
 * status is sent all the same.
 */
export async function openDeployment(
  plan: DeploymentPlan,
  context: Context,
  without: (reason: string) => void,
  fetch: typeof globalThis.fetch,
  wait = patience,
): Promise<Deployment | undefined> {
  const { environment } = plan
  if (plan.token === '') {
    without(`The GitHub Deployment for ${environment} is not updated: \`github-token\` is empty`)
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

/** Returns whether a state is final: no later one could make up for it. */
const stays = (state: DeploymentState): boolean => state !== 'queued' && state !== 'in_progress'

type Attempt = <T>(work: () => Promise<T>, again?: number) => Promise<T | undefined>

/** Returns undefined after a failure, and reports the first one; `again` is the number of milliseconds before a retry. */
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
      if (!told) without(`The GitHub Deployment for ${environment} is not updated: ${because(error)}`)
      told = true
      return undefined
    }
  }
}

/** Returns whether a retry is pointless. */
const isRefusal = (error: unknown): boolean => [401, 403, 404].includes(Number(at(error, 'status')))

/** Sets older deployments inactive; a newer one may be the one that serves. */
async function retireOthers(api: Api, own: number): Promise<void> {
  for (const id of (await api.list()).filter(each => each < own)) {
    if ((await api.stateOf(id)) === 'success') await api.set(id, 'inactive', 'A newer deployment is running')
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

/** https://docs.github.com/rest/deployments, as far as a deployment of ours needs it. */
interface Api {
  /** The ID of the new deployment. */
  create(): Promise<number>
  set(id: number, state: DeploymentState, description: string): Promise<void>
  /** The IDs of the environment's latest deployments of what this one is of, by us. */
  list(): Promise<number[]>
  /** The latest state of a deployment; undefined: it has none yet. */
  stateOf(id: number): Promise<string | undefined>
}

/** How many deployments to look at: older ones were set inactive by these. */
const depth = 10
/** How many to ask for, as others may have created some in between: GitHub's maximum. */
const page = 100

async function openApi(
  { token, environment, url, mark }: DeploymentPlan,
  { apiUrl, repository, serverUrl, sha, runId }: Context,
  fetch: typeof globalThis.fetch,
): Promise<Api> {
  const { getOctokit } = await import('@actions/github')
  const { request } = getOctokit(token, { baseUrl: apiUrl, request: { fetch } })
  const [owner = '', repo = ''] = repository.split('/')
  const place = { owner, repo }
  const shown = {
    log_url: `${serverUrl}/${repository}/actions/runs/${runId}`,
    ...(url === undefined ? {} : { environment_url: url }),
  }
  return {
    async create() {
      const { data } = await request('POST /repos/{owner}/{repo}/deployments', {
        ...place,
        ref: sha,
        environment,
        auto_merge: false,
        // The run itself is one of the checks: to wait for all of them would be to wait for itself.
        required_contexts: [],
        description: 'Slipway',
        payload: { slipway: mark },
      })
      if (!('id' in data)) throw new Error(data.message ?? 'GitHub answered without a deployment')
      return Number(data.id)
    },
    async set(id, state, description) {
      await request('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
        ...place,
        deployment_id: id,
        state,
        // GitHub refuses more than 140 characters.
        description: description.slice(0, 140),
        // An inactive deployment is not shown, and may belong to another run.
        ...(state === 'inactive' ? {} : shown),
        // GitHub would also set deployments to other hosts and of other services inactive.
        auto_inactive: false,
      })
    },
    async list() {
      const path = 'GET /repos/{owner}/{repo}/deployments'
      const { data } = await request(path, { ...place, environment, per_page: page })
      return data
        .filter(({ payload }) => at(payload, 'slipway') === mark)
        .slice(0, depth)
        .map(({ id }) => Number(id))
    },
    async stateOf(id) {
      const path = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses'
      const { data } = await request(path, { ...place, deployment_id: id, per_page: 1 })
      return data[0]?.state
    },
  }
}
