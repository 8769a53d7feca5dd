import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, relative } from 'node:path'
import { Failure } from './errors.ts'
import { parseJson } from './json.ts'

/**
 * The metadata of the workflow run: the variables that every runner sets, and the webhook event.
 * https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export interface Context {
  /** `push`, `pull_request`, `schedule`, … */
  readonly eventName: string
  /** `refs/heads/main`, `refs/tags/v1.2.3`, `refs/pull/7/merge`. */
  readonly ref: string
  readonly sha: string
  /** The source branch of a pull request; empty for other events. */
  readonly headRef: string
  /** The target branch of a pull request; empty for other events. */
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
  /** The working directory of the job. It contains the repository if an earlier step has checked it out. */
  readonly workspace: string
  /** A directory for private files, outside the workspace. A runner empties it after the job. */
  readonly temp: string
  /** The webhook event as GitHub sent it; `{}` if there is none. */
  readonly payload: Readonly<Record<string, unknown>>
  /** True if a GitHub runner reads the output, false for a terminal. */
  readonly onRunner: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

export const isOnRunner = (env: Environment): boolean => env['GITHUB_ACTIONS'] === 'true'

/**
 * Reads the context from the runner's environment and the text of its event file. Fails if the text is not an event.
 */
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
      'Run the job again; on a self-hosted runner, look for a full disk or a step that writes to that file.',
  })
}

/**
 * Reads the event file; returns an empty text if the runner names none. The event decides whether a run is trusted, so
 * a run whose event cannot be read fails.
 */
export function readEvent(env: Environment): string {
  const path = env['GITHUB_EVENT_PATH'] ?? ''
  if (path === '') return ''
  try {
    // An empty file is not an event either: the blank makes `parseEvent` reject it.
    return readFileSync(path, 'utf8') || ' '
  } catch (error) {
    throw new Failure('plan', {
      cause: `The event of this run (\`GITHUB_EVENT_PATH\`, \`${path}\`) cannot be read: ${String(at(error, 'code') ?? error)}.`,
      remedy:
        'Run the job again; in a container, mount the directory that holds the event file (`/github/workflow`).',
    })
  }
}

/**
 * Returns a directory for private files: that of the job, or of the system. Never returns one inside the workspace,
 * whose files would end up in the build context, nor one whose name breaks docker's attribute lists (`src=/a,b`).
 */
function temporaryDirectory(jobDirectory: string, workspace: string): string {
  const usable = (path: string): boolean =>
    isAbsolute(path) && !/[,"\p{Cc}]/u.test(path) && /^\.\.(?:\/|$)/.test(relative(workspace, path))
  return [jobDirectory, tmpdir(), '/tmp', '/var/tmp'].find(usable) ?? tmpdir()
}

/** Returns the value at a path of keys, undefined if it is missing: `at(payload, 'repository', 'default_branch')`. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (parent, key) =>
      typeof parent === 'object' && parent !== null ? (parent as Record<string, unknown>)[key] : undefined,
    value,
  )
}
