import type { Inputs } from '../inputs.ts'
import type { Context } from './context.ts'

/** https://docs.github.com/rest/deployments/statuses */
export type DeploymentState = 'queued' | 'in_progress' | 'success' | 'failure' | 'error'

/** A GitHub Deployment of this run: what the repository's page and the pull request show. */
export interface Deployment {
  readonly id: number
  set(state: DeploymentState, description: string): Promise<void>
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
 * (`deployments: write`) or where there is no such API (Forgejo, Gitea) it says what it did without.
 */
export async function openDeployment(
  plan: DeploymentPlan,
  context: Context,
  without: (reason: string) => void,
  fetch: Fetch,
): Promise<Deployment | undefined> {
  if (plan.token === '') {
    without(`No deployment status is shown for ${plan.environment}: \`github-token\` is empty`)
    return undefined
  }
  const { getOctokit } = await import('@actions/github')
  const { request } = getOctokit(plan.token, { baseUrl: context.apiUrl, request: { fetch } })
  const [owner = '', repo = ''] = context.repository.split('/')
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      without(`No deployment status is shown for ${plan.environment}: ${because(error)}`)
      return undefined
    }
  }
  const created = await attempt(async () => {
    const answer = await request('POST /repos/{owner}/{repo}/deployments', {
      owner,
      repo,
      ref: context.sha,
      environment: plan.environment,
      auto_merge: false,
      // The run itself is the check: waiting for the others would wait for this one.
      required_contexts: [],
      description: 'Slipway',
    })
    if (!('id' in answer.data)) throw new Error(answer.data.message ?? 'GitHub answered without a deployment')
    return Number(answer.data.id)
  })
  if (created === undefined) return undefined
  return {
    id: created,
    async set(state, description) {
      await attempt(() =>
        request('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
          owner,
          repo,
          deployment_id: created,
          state,
          // GitHub refuses more than 140 characters.
          description: description.slice(0, 140),
          log_url: `${context.serverUrl}/${context.repository}/actions/runs/${context.runId}`,
          ...(plan.url === undefined ? {} : { environment_url: plan.url }),
          auto_inactive: true,
        }),
      )
    },
  }
}

function because(error: unknown): string {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  const message = error instanceof Error ? error.message : String(error)
  if (status === 403) return `${message} (give the job "permissions: deployments: write")`
  return message
}
