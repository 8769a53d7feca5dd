import { at, type Context } from '../core/context.ts'

/**
 * Who can have started a run, and so what it may do.
 * `own`: the repository's own code. `fork`: a pull request of a fork, without secrets and with a read-only token.
 * `dependabot`: the same for Dependabot's. `fork-with-secrets`: `pull_request_target` or `workflow_run` for a fork.
 */
export type Trust = 'own' | 'fork' | 'dependabot' | 'fork-with-secrets'

export function trustOf(context: Context): Trust {
  const { eventName, actor, payload } = context
  if (eventName === 'pull_request' || eventName.startsWith('pull_request_review')) {
    if (isFork(at(payload, 'pull_request', 'head', 'repo', 'full_name'), context)) return 'fork'
  }
  if (eventName === 'pull_request_target') {
    if (isFork(at(payload, 'pull_request', 'head', 'repo', 'full_name'), context)) return 'fork-with-secrets'
  }
  if (eventName === 'workflow_run') {
    if (isFork(at(payload, 'workflow_run', 'head_repository', 'full_name'), context))
      return 'fork-with-secrets'
  }
  return actor === 'dependabot[bot]' && eventName !== 'workflow_dispatch' ? 'dependabot' : 'own'
}

/** A fork that was deleted meanwhile has no name left; that makes it no more trustworthy. */
const isFork = (head: unknown, { repository, payload }: Context): boolean =>
  (head !== undefined || at(payload, 'pull_request') !== undefined) &&
  String(head).toLowerCase() !== repository.toLowerCase()
