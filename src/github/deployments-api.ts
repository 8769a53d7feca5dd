import type { Context } from './context.ts'
import type { DeploymentPlan, DeploymentState } from './deployment.ts'

/** https://docs.github.com/rest/deployments, as far as a deployment of ours needs it. */
export interface Api {
  /** The ID of the new deployment. */
  create(): Promise<number>
  set(id: number, state: DeploymentState, description: string): Promise<void>
  /** The IDs of the environment's latest deployments. */
  list(): Promise<number[]>
  /** The latest state of a deployment; undefined: it has none yet. */
  stateOf(id: number): Promise<string | undefined>
}

/** Only the latest are looked at: what is older than ten others was set inactive by them. */
const depth = 10

export async function openApi(
  { token, environment, url }: DeploymentPlan,
  { apiUrl, repository, serverUrl, sha, runId }: Context,
  fetch: typeof globalThis.fetch,
): Promise<Api> {
  const { getOctokit } = await import('@actions/github')
  const { request } = getOctokit(token, { baseUrl: apiUrl, request: { fetch } })
  const [owner = '', repo = ''] = repository.split('/')
  const place = { owner, repo }
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
        log_url: `${serverUrl}/${repository}/actions/runs/${runId}`,
        ...(url === undefined ? {} : { environment_url: url }),
        // A release that failed leaves the one before active, which serves.
        auto_inactive: state === 'success',
      })
    },
    async list() {
      const path = 'GET /repos/{owner}/{repo}/deployments'
      const { data } = await request(path, { ...place, environment, per_page: depth })
      return data.map(({ id }) => Number(id))
    },
    async stateOf(id) {
      const path = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses'
      const { data } = await request(path, { ...place, deployment_id: id, per_page: 1 })
      return data[0]?.state
    },
  }
}
