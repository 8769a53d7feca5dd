import { at, type Context } from '../core/context.ts'
import { noFindings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { boolean } from '../inputs/values.ts'

/**
 * Who can have started a run, which decides what the run may do.
 * - `own`: the repository's own code, started by someone with write access.
 * - `fork`: a pull request of a fork, which gets no secrets and a read-only token.
 * - `dependabot`: a pull request of Dependabot, which gets no secrets either.
 * - `fork-with-secrets`: `pull_request_target` or `workflow_run` for a fork, or `workflow_run` for a pull request of
 *   Dependabot.
 * - `anyone`: GitHub gives the run secrets, although anyone can have started it.
 */
export type Trust = 'own' | 'fork' | 'dependabot' | 'fork-with-secrets' | 'anyone'

/** Events that only write access to the repository can trigger. Outside of any forge, the name is empty. */
const writeAccessEvents = [
  '',
  'branch_protection_rule',
  'create',
  'delete',
  'deployment',
  'deployment_status',
  'label',
  'merge_group',
  'milestone',
  'page_build',
  'project',
  'project_card',
  'project_column',
  'public',
  'push',
  'registry_package',
  'release',
  'repository_dispatch',
  'schedule',
  'workflow_call',
  'workflow_dispatch',
]

/** The part of an event's payload with the `author_association` of its author; other events have none. */
const authored: Readonly<Record<string, string>> = {
  discussion: 'discussion',
  discussion_comment: 'comment',
  issue_comment: 'comment',
  issues: 'issue',
  pull_request_comment: 'comment',
  pull_request_review: 'review',
  pull_request_review_comment: 'comment',
}

/**
 * Classifies a run by whose code it is for and who can have started it. `push`, `schedule` and `release` with
 * Dependabot as the actor (it merged, or edited the schedule last) are `own`. An unknown event is `anyone`.
 */
export function trustOf({ eventName, actor, payload, repository }: Context): Trust {
  const isOwn = (...path: string[]): boolean => sameRepository(at(payload, ...path), repository)
  if (writeAccessEvents.includes(eventName)) return 'own'
  if (eventName === 'workflow_run') {
    if (!isOwn('workflow_run', 'head_repository', 'full_name')) return 'fork-with-secrets'
    const trigger = String(at(payload, 'workflow_run', 'event'))
    const isPullRequest = trigger.startsWith('pull_request')
    if (isPullRequest && at(payload, 'workflow_run', 'actor', 'login') === dependabot)
      return 'fork-with-secrets'
    // The payload describes only the previous run. It lacks a review's author and the trigger of a `workflow_run`.
    return writeAccessEvents.includes(trigger) ||
      trigger === 'pull_request' ||
      trigger === 'pull_request_target'
      ? 'own'
      : 'anyone'
  }
  if (!eventName.startsWith('pull_request') || eventName === 'pull_request_comment')
    return isForBranch(eventName, payload) || isByMember(eventName, payload) ? 'own' : 'anyone'
  const target = eventName === 'pull_request_target'
  if (!isOwn('pull_request', 'head', 'repo', 'full_name')) return target ? 'fork-with-secrets' : 'fork'
  if (actor === dependabot) return 'dependabot'
  return eventName in authored && !isByMember(eventName, payload) ? 'anyone' : 'own'
}

/** Reports whether a member wrote the comment, issue or review, so that maintainers can deploy by a comment. */
const isByMember = (eventName: string, payload: Context['payload']): boolean =>
  ['OWNER', 'MEMBER', 'COLLABORATOR'].includes(
    String(at(payload, authored[eventName] ?? '', 'author_association')),
  )

/** Reports whether a status or check is for a branch of this repository: CI services also check commits of forks. */
function isForBranch(eventName: string, payload: Context['payload']): boolean {
  const branches = at(payload, 'branches')
  if (eventName === 'status') return Array.isArray(branches) && branches.length > 0
  const suite = eventName === 'check_suite' ? ['check_suite'] : ['check_run', 'check_suite']
  const branch = eventName.startsWith('check_') ? at(payload, ...suite, 'head_branch') : undefined
  return typeof branch === 'string' && branch !== ''
}

const dependabot = 'dependabot[bot]'

/** Compares the head repository with this one. A deleted fork has no name (`null`), so a missing name never matches. */
const sameRepository = (head: unknown, repository: string): boolean =>
  typeof head === 'string' && head !== '' && head.toLowerCase() === repository.toLowerCase()

/**
 * Reports whether a run may push, deploy and use secrets. An `own` run may. Any other run may only if GitHub gives it
 * secrets and the workflow sets `push: true`.
 */
export function mayUseSecrets(inputs: Pick<Inputs, 'push'>, context: Context): boolean {
  const trust = trustOf(context)
  return trust === 'own' || (isPrivileged(trust) && boolean(inputs, 'push', noFindings(), false))
}

/** Reports whether GitHub gives a run the repository's secrets, although the run is not `own`. */
export const isPrivileged = (trust: Trust): boolean => trust === 'fork-with-secrets' || trust === 'anyone'

/**
 * Returns the environment variables that keep buildx from running git, empty for an `own` run. Buildx runs git in the
 * build context to record the commit in the provenance, and git runs programs named in the repository's configuration:
 * in an untrusted workspace, anyone can have chosen them.
 */
export const withoutGit = (context: Context): Readonly<Record<string, string>> =>
  trustOf(context) === 'own'
    ? {}
    : { BUILDX_GIT_INFO: 'false', BUILDX_GIT_LABELS: 'false', BUILDX_GIT_CHECK_DIRTY: 'false' }
