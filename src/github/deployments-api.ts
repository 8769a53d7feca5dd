import { at, type Context } from '../core/context.ts'
import type { DeploymentState } from './deployment.ts'
import type { DeploymentPlan } from './deployment-plan.ts'

/** https://docs.github.com/rest/deployments, as far as a deployment of ours needs it. */
export interface Api {
  /** The ID of the new deployment. */
  create(): Promise<number>
  set(id: number, state: DeploymentState, description: string): Promise<void>
  /** The IDs of the environment's latest deployments of what this one is of, by us. */
  list(): Promise<number[]>
  /** The latest state of a deployment; undefined: it has none yet. */
  stateOf(id: number): Promise<string | undefined>
}

/** Only the latest are looked at: what is older than ten others was set inactive by them. */
const depth = 10
/** How many are asked for, as others may have made some in between: the most that GitHub gives. */
const page = 100

export async function openApi(
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
        // The run itself is the check: waiting for the others would wait for this one.
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
        // What is inactive is not to be seen there any more, and may be of another run.
        ...(state === 'inactive' ? {} : shown),
        // GitHub would take the deployments of others, too (of another host, of another service of theirs).
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
