import { at, type Context } from '../core/context.ts'
import { noFindings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { boolean } from '../inputs/values.ts'

/**
 * Who can have started a run, and so what it may do.
 * `own`: the repository's own code, started by its own people. `fork`: a pull request of a fork, without secrets and with
 * a read-only token. `dependabot`: the same for Dependabot's. `fork-with-secrets`: `pull_request_target` or
 * `workflow_run` for a fork, or `workflow_run` for a pull request of Dependabot. `stranger`: GitHub gives it secrets, and
 * anybody can have started it.
 */
export type Trust = 'own' | 'fork' | 'dependabot' | 'fork-with-secrets' | 'stranger'

/** Events that need write access to the repository, or a token that has it; without a name outside of any forge. */
const writersEvents = [
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

/** Where an event states the `author_association` of its author; other events do not. */
const authors: Readonly<Record<string, string>> = {
  discussion: 'discussion',
  discussion_comment: 'comment',
  issue_comment: 'comment',
  issues: 'issue',
  pull_request_comment: 'comment',
  pull_request_review: 'review',
  pull_request_review_comment: 'comment',
}

/**
 * Tells whose code a run is for, and who can have started it. `push`, `schedule` or `release` with Dependabot as the actor
 * (it merged, or edited the schedule last) are the repository's own. An event that nobody knows is a stranger's.
 */
export function trustOf({ eventName, actor, payload, repository }: Context): Trust {
  const isOwn = (...path: string[]): boolean => sameRepository(at(payload, ...path), repository)
  if (writersEvents.includes(eventName)) return 'own'
  if (eventName === 'workflow_run') {
    if (!isOwn('workflow_run', 'head_repository', 'full_name')) return 'fork-with-secrets'
    const first = String(at(payload, 'workflow_run', 'event'))
    const pull = first.startsWith('pull_request')
    if (pull && at(payload, 'workflow_run', 'actor', 'login') === dependabot) return 'fork-with-secrets'
    // The event tells of the run before it alone: a review's author, or what is behind another `workflow_run`, is gone.
    return writersEvents.includes(first) || first === 'pull_request' || first === 'pull_request_target'
      ? 'own'
      : 'stranger'
  }
  if (!eventName.startsWith('pull_request') || eventName === 'pull_request_comment')
    return isForBranch(eventName, payload) || isByMember(eventName, payload) ? 'own' : 'stranger'
  const target = eventName === 'pull_request_target'
  if (!isOwn('pull_request', 'head', 'repo', 'full_name')) return target ? 'fork-with-secrets' : 'fork'
  if (actor === dependabot) return 'dependabot'
  return eventName in authors && !isByMember(eventName, payload) ? 'stranger' : 'own'
}

/** Maintainers deploy by a comment: the author of what the event is about decides, and nobody else can change it. */
const isByMember = (eventName: string, payload: Context['payload']): boolean =>
  ['OWNER', 'MEMBER', 'COLLABORATOR'].includes(
    String(at(payload, authors[eventName] ?? '', 'author_association')),
  )

/** A service that checks commits also checks those of forks, which are on no branch of this repository. */
function isForBranch(eventName: string, payload: Context['payload']): boolean {
  const branches = at(payload, 'branches')
  if (eventName === 'status') return Array.isArray(branches) && branches.length > 0
  const suite = eventName === 'check_suite' ? ['check_suite'] : ['check_run', 'check_suite']
  const branch = eventName.startsWith('check_') ? at(payload, ...suite, 'head_branch') : undefined
  return typeof branch === 'string' && branch !== ''
}

const dependabot = 'dependabot[bot]'

/** A fork that was deleted meanwhile has no name left (`null`), and what has no name is not the repository's own. */
const sameRepository = (head: unknown, repository: string): boolean =>
  typeof head === 'string' && head !== '' && head.toLowerCase() === repository.toLowerCase()

/**
 * Tells whether a run may push, deploy and use secrets: the repository's own, and one that GitHub gives secrets although
 * it is for a fork or a stranger started it, where the workflow says `push: true`.
 */
export function mayUseSecrets(inputs: Pick<Inputs, 'push'>, context: Context): boolean {
  const trust = trustOf(context)
  return trust === 'own' || (isPrivileged(trust) && boolean(inputs, 'push', noFindings(), false))
}

/** Tells whether GitHub gives a run the secrets of the repository, although it is not the repository's own. */
export const isPrivileged = (trust: Trust): boolean => trust === 'fork-with-secrets' || trust === 'stranger'

/**
 * Returns variables for the commands of a run whose workspace may be anybody's: buildx runs git in a build context, to
 * name its commit in the provenance, and git runs programs that the repository there names.
 */
export const withoutGit = (context: Context): Readonly<Record<string, string>> =>
  trustOf(context) === 'own'
    ? {}
    : { BUILDX_GIT_INFO: 'false', BUILDX_GIT_LABELS: 'false', BUILDX_GIT_CHECK_DIRTY: 'false' }
