import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { at, type Context } from '../core/context.ts'
import type { Inputs } from '../inputs/inputs.ts'

export interface DeploymentPlan {
  readonly environment: string
  /** The page of the release, which GitHub links as "View deployment". */
  readonly url: string | undefined
  readonly token: string
  /** Identifies deploys of the same services on the same server; deployments with another mark stay as they are. */
  readonly mark: string
}

/** What the mark of a deployment is computed from. */
interface Target {
  readonly ssh: { readonly user: string; readonly host: string; readonly port: number }
  readonly projectDirectory: string
  readonly projectName: string | undefined
  readonly services: readonly string[]
  readonly whole: boolean
  readonly swarm?: { readonly stack: string | undefined }
}

/** Plans a GitHub Deployment if `environment` is given. */
export const planDeployment = (inputs: Inputs, deploy: Target | undefined): DeploymentPlan | undefined =>
  inputs.environment === ''
    ? undefined
    : {
        environment: inputs.environment,
        url: inputs['environment-url'] || undefined,
        token: inputs['github-token'],
        mark: deploy === undefined ? '' : markOf(deploy),
      }

/**
 * Returns a short hash of a deploy's target. Anyone can see the deployments of a public repository, and the server's
 * address may be a secret: a hash this short cannot be reversed by trying every address.
 */
function markOf({ ssh, projectDirectory, projectName, services, whole, swarm }: Target): string {
  const parts = [
    ssh.user,
    ssh.host,
    ssh.port,
    projectDirectory,
    projectName,
    ...(whole ? ['*'] : services.toSorted()),
    ...(swarm?.stack === undefined ? [] : [`stack ${swarm.stack}`]),
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 5)
}

/** https://docs.github.com/rest/deployments/statuses */
export type DeploymentState = 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

/** The GitHub Deployment of this run, shown on the repository's page and in the pull request. */
export interface Deployment {
  readonly id: number
  set(state: DeploymentState, description: string): Promise<void>
  /** Sets earlier deployments of the same services inactive if GitHub still shows them as active. */
  retireOthers(): Promise<void>
}

/** Milliseconds before a retry of a failed attempt to set the final state. */
const retryDelay = 2_000

/**
 * Creates a deployment of the run's commit. Never fails the release: without the permission (`deployments: write`) or
 * the API (Forgejo, Gitea), it calls `onSkipped` once with the reason and does nothing more. A temporary error is
 * reported once, too, but the next status is still sent.
 */
export async function openDeployment(
  plan: DeploymentPlan,
  context: Context,
  onSkipped: (reason: string) => void,
  fetch: typeof globalThis.fetch,
  wait = retryDelay,
): Promise<Deployment | undefined> {
  const { environment } = plan
  if (plan.token === '') {
    onSkipped(`The GitHub Deployment for ${environment} is not updated: \`github-token\` is empty`)
    return undefined
  }
  const api = await openApi(plan, context, fetch)
  const attempt = attempts(onSkipped, environment)
  const id = await attempt(api.create)
  if (id === undefined) return undefined
  return {
    id,
    set: async (state, description) =>
      void (await attempt(() => api.set(id, state, description), isFinal(state) ? wait : undefined)),
    retireOthers: async () => void (await attempt(() => retireOthers(api, id))),
  }
}

/** Reports whether a state is final, so that no later status could correct a failed update. */
const isFinal = (state: DeploymentState): boolean => state !== 'queued' && state !== 'in_progress'

type Attempt = <T>(work: () => Promise<T>, retryAfter?: number) => Promise<T | undefined>

/**
 * Returns a function that runs an API call, and returns undefined if it fails. Only the first failure is reported, and
 * after a refusal no more calls are made. If `retryAfter` (milliseconds) is given, the call is retried once.
 */
function attempts(onSkipped: (reason: string) => void, environment: string): Attempt {
  let refused = false
  let reported = false
  return async function attempt(work, retryAfter) {
    if (refused) return undefined
    try {
      return await work()
    } catch (error) {
      refused = isRefusal(error)
      if (!refused && retryAfter !== undefined) {
        await delay(retryAfter)
        return await attempt(work, undefined)
      }
      if (!reported) onSkipped(`The GitHub Deployment for ${environment} is not updated: ${reasonOf(error)}`)
      reported = true
      return undefined
    }
  }
}

/** Reports whether GitHub refuses the call for good, so that a retry is pointless. */
const isRefusal = (error: unknown): boolean => [401, 403, 404].includes(Number(at(error, 'status')))

/** Sets older deployments inactive. Newer ones stay, because one of them may be the one that runs. */
async function retireOthers(api: Api, own: number): Promise<void> {
  for (const id of (await api.list()).filter(each => each < own)) {
    if ((await api.stateOf(id)) === 'success') await api.set(id, 'inactive', 'A newer deployment is running')
  }
}

function reasonOf(error: unknown): string {
  const status = at(error, 'status')
  const message = error instanceof Error ? error.message : String(error)
  if (status === 403) return `${message} (give the job "permissions: deployments: write")`
  if (status === 404)
    return `${message} (this server has no such API, or the token may not see the repository)`
  return message
}

/** The part of https://docs.github.com/rest/deployments that Slipway needs. */
interface Api {
  /** Creates the deployment and returns its ID. */
  create(): Promise<number>
  set(id: number, state: DeploymentState, description: string): Promise<void>
  /** Returns the IDs of the environment's latest deployments with the same mark. */
  list(): Promise<number[]>
  /** Returns the latest state of a deployment; undefined if it has none yet. */
  stateOf(id: number): Promise<string | undefined>
}

/** The number of deployments to check: these have already set older ones inactive. */
const checkedDeployments = 10
/** The number of deployments to request, GitHub's maximum, as other tools may have created some in between. */
const pageSize = 100

async function openApi(
  { token, environment, url, mark }: DeploymentPlan,
  { apiUrl, repository, serverUrl, sha, runId }: Context,
  fetch: typeof globalThis.fetch,
): Promise<Api> {
  const { getOctokit } = await import('@actions/github')
  const { request } = getOctokit(token, { baseUrl: apiUrl, request: { fetch } })
  const [owner = '', repo = ''] = repository.split('/')
  const path = { owner, repo }
  const links = {
    log_url: `${serverUrl}/${repository}/actions/runs/${runId}`,
    ...(url === undefined ? {} : { environment_url: url }),
  }
  return {
    async create() {
      const { data } = await request('POST /repos/{owner}/{repo}/deployments', {
        ...path,
        ref: sha,
        environment,
        auto_merge: false,
        // No required checks: this run is one of them, and would wait for itself.
        required_contexts: [],
        description: 'Slipway',
        payload: { slipway: mark },
      })
      if (!('id' in data)) throw new Error(data.message ?? 'GitHub returned no deployment')
      return Number(data.id)
    },
    async set(id, state, description) {
      await request('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
        ...path,
        deployment_id: id,
        state,
        // GitHub rejects more than 140 characters.
        description: description.slice(0, 140),
        // An inactive deployment gets no links: GitHub does not show it, and it may belong to another run.
        ...(state === 'inactive' ? {} : links),
        // With `true`, GitHub would also set deployments to other hosts and of other services inactive.
        auto_inactive: false,
      })
    },
    async list() {
      const route = 'GET /repos/{owner}/{repo}/deployments'
      const { data } = await request(route, { ...path, environment, per_page: pageSize })
      return data
        .filter(({ payload }) => at(payload, 'slipway') === mark)
        .slice(0, checkedDeployments)
        .map(({ id }) => Number(id))
    },
    async stateOf(id) {
      const route = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses'
      const { data } = await request(route, { ...path, deployment_id: id, per_page: 1 })
      return data[0]?.state
    },
  }
}
