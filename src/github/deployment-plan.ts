import { createHash } from 'node:crypto'
import type { Inputs } from '../inputs/inputs.ts'
import type { DeployPlan } from '../target/plan.ts'

export interface DeploymentPlan {
  readonly environment: string
  /** Where a person sees the release; shown as "View deployment". */
  readonly url: string | undefined
  readonly token: string
  /** The same for every deploy of the same services on the same server; those of others are left alone. */
  readonly mark: string
}

/** A deployment is announced where an `environment` is named. */
export const planDeployment = (inputs: Inputs, deploy: DeployPlan | undefined): DeploymentPlan | undefined =>
  inputs.environment === ''
    ? undefined
    : {
        environment: inputs.environment,
        url: inputs['environment-url'] || undefined,
        token: inputs['github-token'],
        mark: deploy === undefined ? '' : markOf(deploy),
      }

/**
 * Everybody sees the deployments of a public repository, and the address of the server may be a secret: of a hash this
 * short it cannot be found out by trying all there are, and it tells the few of one environment apart.
 */
function markOf({ ssh, projectDirectory, projectName, services }: DeployPlan): string {
  const what = [ssh.user, ssh.host, ssh.port, projectDirectory, projectName, ...services.toSorted()]
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 5)
}
