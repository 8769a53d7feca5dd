import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, relative } from 'node:path'
import { Failure } from './errors.ts'
import { parseJson } from './json.ts'

/**
 * What the run knows of itself: the variables that every runner sets, and the webhook event.
 * https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export interface Context {
  /** `push`, `pull_request`, `schedule`, … */
  readonly eventName: string
  /** `refs/heads/main`, `refs/tags/v1.2.3`, `refs/pull/7/merge`. */
  readonly ref: string
  readonly sha: string
  /** The branch a pull request comes from, else empty. */
  readonly headRef: string
  /** The branch a pull request goes to, else empty. */
  readonly baseRef: string
  /** `owner/name`. */
  readonly repository: string
  readonly actor: string
  readonly workflow: string
  readonly job: string
  readonly runId: string
  readonly runNumber: number
  readonly runAttempt: number
  readonly serverUrl: string
  readonly apiUrl: string
  /** Where the repository is checked out, if it is. */
  readonly workspace: string
  /** A directory for private files, outside the workspace; on a runner it is emptied after the job. */
  readonly temp: string
  /** The webhook event, as GitHub sent it; `{}` where there is none. */
  readonly payload: Readonly<Record<string, unknown>>
  /** A GitHub runner reads our output; else it is a person's terminal. */
  readonly onRunner: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

export const isOnRunner = (env: Environment): boolean => env['GITHUB_ACTIONS'] === 'true'

/** Reads the context from the runner's environment and the text of its event file. Fails when that text is no event. */
export function readContext(env: Environment, event: string): Context {
  const workspace = env['GITHUB_WORKSPACE'] ?? process.cwd()
  return {
    eventName: env['GITHUB_EVENT_NAME'] ?? '',
    ref: env['GITHUB_REF'] ?? '',
    sha: env['GITHUB_SHA'] ?? '',
    headRef: env['GITHUB_HEAD_REF'] ?? '',
    baseRef: env['GITHUB_BASE_REF'] ?? '',
    repository: env['GITHUB_REPOSITORY'] ?? '',
    actor: env['GITHUB_ACTOR'] ?? '',
    workflow: env['GITHUB_WORKFLOW'] ?? '',
    job: env['GITHUB_JOB'] ?? '',
    runId: env['GITHUB_RUN_ID'] ?? '',
    runNumber: Number(env['GITHUB_RUN_NUMBER'] ?? 0),
    runAttempt: Number(env['GITHUB_RUN_ATTEMPT'] ?? 1),
    serverUrl: env['GITHUB_SERVER_URL'] ?? 'https://github.com',
    apiUrl: env['GITHUB_API_URL'] ?? 'https://api.github.com',
    workspace,
    temp: temporaryDirectory(env['RUNNER_TEMP'] ?? '', workspace),
    payload: parseEvent(event, env),
    onRunner: isOnRunner(env),
  }
}

function parseEvent(text: string, env: Environment): Context['payload'] {
  if (text === '') return {}
  const event = parseJson(text)
  if (typeof event === 'object' && event !== null && !Array.isArray(event)) return event as Context['payload']
  throw new Failure('plan', {
    cause: `The event of this run (\`GITHUB_EVENT_PATH\`, \`${env['GITHUB_EVENT_PATH'] ?? ''}\`) is not a JSON object.`,
    remedy:
      'Run the job again; on a runner of your own, look for a full disk or a step that writes to that file.',
  })
}

/**
 * Reads the event file; empty where the runner names none. Who a run is for stands in its event, so a run whose event
 * cannot be read does nothing.
 */
export function readEvent(env: Environment): string {
  const path = env['GITHUB_EVENT_PATH'] ?? ''
  if (path === '') return ''
  try {
    // A file that is there and empty is no event either.
    return readFileSync(path, 'utf8') || ' '
  } catch (error) {
    throw new Failure('plan', {
      cause: `The event of this run (\`GITHUB_EVENT_PATH\`, \`${path}\`) cannot be read: ${String(at(error, 'code') ?? error)}.`,
      remedy:
        'Run the job again; in a container, mount the directory that the runner keeps its event in (`/github/workflow`).',
    })
  }
}

/**
 * Returns a directory for private files: the job's own, or the system's. Never one in the workspace, where files would
 * reach the build context, and none whose name docker's lists of attributes cannot hold (`src=/a,b`).
 */
function temporaryDirectory(own: string, workspace: string): string {
  const usable = (path: string): boolean =>
    isAbsolute(path) && !/[,"\p{Cc}]/u.test(path) && /^\.\.(?:\/|$)/.test(relative(workspace, path))
  return [own, tmpdir(), '/tmp', '/var/tmp'].find(usable) ?? tmpdir()
}

/** Reads a value out of the event by its path: `at(payload, 'repository', 'default_branch')`. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[key] : undefined,
    value,
  )
}
