import { at, type Context } from '../core/context.ts'
import { noFindings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { boolean } from '../inputs/values.ts'

/**
 * Who can have started a run, and so what it may do.
 * `own`: the repository's own code. `fork`: a pull request of a fork, without secrets and with a read-only token.
 * `dependabot`: the same for Dependabot's. `fork-with-secrets`: `pull_request_target` or `workflow_run` for a fork, or
 * `workflow_run` for a pull request of Dependabot.
 */
export type Trust = 'own' | 'fork' | 'dependabot' | 'fork-with-secrets'

/**
 * Tells whose code a run is for. Only pull requests and what follows from them are anybody else's: `push`, `schedule` or
 * `release` with Dependabot as the actor (it merged, or edited the schedule last) are the repository's own.
 */
export function trustOf({ eventName, actor, payload, repository }: Context): Trust {
  const isOwn = (...path: string[]): boolean => sameRepository(at(payload, ...path), repository)
  if (eventName === 'workflow_run') {
    if (!isOwn('workflow_run', 'head_repository', 'full_name')) return 'fork-with-secrets'
    const pull = String(at(payload, 'workflow_run', 'event')).startsWith('pull_request')
    return pull && at(payload, 'workflow_run', 'actor', 'login') === dependabot ? 'fork-with-secrets' : 'own'
  }
  const target = eventName === 'pull_request_target'
  if (!target && eventName !== 'pull_request' && !eventName.startsWith('pull_request_review')) return 'own'
  if (!isOwn('pull_request', 'head', 'repo', 'full_name')) return target ? 'fork-with-secrets' : 'fork'
  return actor === dependabot ? 'dependabot' : 'own'
}

const dependabot = 'dependabot[bot]'

/** A fork that was deleted meanwhile has no name left (`null`), and what has no name is not the repository's own. */
const sameRepository = (head: unknown, repository: string): boolean =>
  typeof head === 'string' && head !== '' && head.toLowerCase() === repository.toLowerCase()

/**
 * Tells whether a run may push, deploy and use secrets: the repository's own, and one that GitHub gives secrets although
 * it is for a fork, where the workflow says `push: true`.
 */
export function mayUseSecrets(inputs: Pick<Inputs, 'push'>, context: Context): boolean {
  const trust = trustOf(context)
  return trust === 'own' || (trust === 'fork-with-secrets' && boolean(inputs, 'push', noFindings(), false))
}

/**
 * Returns variables for the commands of a run whose workspace may be anybody's: buildx runs git in a build context, to
 * name its commit in the provenance, and git runs programs that the repository there names.
 */
export const withoutGit = (context: Context): Readonly<Record<string, string>> =>
  trustOf(context) === 'own'
    ? {}
    : { BUILDX_GIT_INFO: 'false', BUILDX_GIT_LABELS: 'false', BUILDX_GIT_CHECK_DIRTY: 'false' }
