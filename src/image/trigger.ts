import { at, type Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'

/** The properties of the run's event that determine tags and labels. */
export interface Trigger {
  readonly eventName: string
  /** Such as `refs/heads/…`, `refs/tags/…`, `refs/pull/7/merge`. */
  readonly ref: string
  readonly sha: string
  readonly shortSha: string
  /** The base branch of a pull request, or the branch of a git tag according to the event. */
  readonly baseRef: string
  readonly defaultBranch: string | undefined
  readonly onDefaultBranch: boolean
  readonly now: Date
  /** The date of the commit; undefined if neither the event nor git has it. */
  readonly commitDate: Date | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** Returns the context with the ref and commit that docker/metadata-action uses for a pull request. */
export const workflowContext = (context: Context, env: Environment): Context => ({
  ...context,
  ref: refOf(context),
  sha: shaOf(context, env),
})

/** Returns the trigger, from the context and its event. */
export function readTrigger(context: Context, env: Environment, now: Date, findings: Findings): Trigger {
  const { ref, sha } = context
  const defaultBranch = text(at(context.payload, 'repository', 'default_branch'))
  return {
    eventName: context.eventName,
    ref,
    sha,
    shortSha: sha.slice(0, shortLength(env, findings)),
    baseRef: baseRefOf(context, ref),
    defaultBranch: defaultBranch ?? (context.eventName === 'schedule' ? branchOf(ref) : undefined),
    onDefaultBranch: onDefaultBranch(context.eventName, ref, defaultBranch),
    now,
    commitDate: eventCommitDate(context, sha),
  }
}

export const branchOf = (ref: string): string | undefined => after('refs/heads/', ref)
export const tagOf = (ref: string): string | undefined => after('refs/tags/', ref)

/** Returns `7` for `refs/pull/7/merge`. */
export const pullRequestOf = (ref: string): string | undefined =>
  after('refs/pull/', ref)?.replace(/\/merge$/, '')

const after = (prefix: string, ref: string): string | undefined =>
  ref.startsWith(prefix) ? ref.slice(prefix.length) : undefined

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/**
 * Returns the ref that the image is built from: `pull_request_target` runs on the base branch, but builds the pull
 * request.
 */
function refOf({ eventName, ref, payload }: Context): string {
  const number = at(payload, 'number') ?? at(payload, 'pull_request', 'number')
  return eventName === 'pull_request_target' && number !== undefined ? `refs/pull/${number}/merge` : ref
}

/** Returns the commit. For a pull request it is GitHub's merge commit, or the head with DOCKER_METADATA_PR_HEAD_SHA. */
function shaOf({ eventName, sha, payload }: Context, env: Environment): string {
  const useHead =
    /true/i.test(env['DOCKER_METADATA_PR_HEAD_SHA'] ?? '') && eventName.startsWith('pull_request')
  return (useHead ? text(at(payload, 'pull_request', 'head', 'sha')) : undefined) ?? sha
}

function shortLength(env: Environment, findings: Findings): number {
  const length = env['DOCKER_METADATA_SHORT_SHA_LENGTH'] ?? ''
  if (length === '') return 7
  if (/^[1-9][0-9]*$/.test(length)) return Number(length)
  findings.problems.push({
    cause: `The variable DOCKER_METADATA_SHORT_SHA_LENGTH is \`${length}\`, which is not a length.`,
    remedy: 'Set it to a number of characters, such as 12, or unset it.',
  })
  return 7
}

function baseRefOf({ payload }: Context, ref: string): string {
  if (tagOf(ref) !== undefined) return text(at(payload, 'base_ref'))?.replace(/^refs\/heads\//, '') ?? ''
  if (pullRequestOf(ref) === undefined) return ''
  return text(at(payload, 'pull_request', 'base', 'ref')) ?? ''
}

/** Events that always run on the last commit of the default branch, regardless of their payload. */
const defaultBranchEvents = /create|discussion|issues|schedule/

function onDefaultBranch(eventName: string, ref: string, defaultBranch: string | undefined): boolean {
  if (ref === '' || ref === 'refs/heads/') return false
  return defaultBranchEvents.test(eventName) || (branchOf(ref) ?? ref) === defaultBranch
}

/** Returns the date of the commit from a push event, the only event that has it. */
function eventCommitDate({ payload }: Context, sha: string): Date | undefined {
  const commits = at(payload, 'commits')
  const all: unknown[] = [...(Array.isArray(commits) ? commits : []), at(payload, 'head_commit')]
  const stamp = text(
    at(
      all.find(commit => at(commit, 'id') === sha),
      'timestamp',
    ),
  )
  return stamp === undefined ? undefined : validDate(stamp)
}

export function validDate(stamp: string | number): Date | undefined {
  const date = new Date(stamp)
  return Number.isNaN(date.getTime()) ? undefined : date
}
