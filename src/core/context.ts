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
  /** A directory of the job, emptied after it. */
  readonly temp: string
  /** The webhook event, as GitHub sent it; `{}` where there is none. */
  readonly payload: Readonly<Record<string, unknown>>
  /** A GitHub runner reads our output; else it is a person's terminal. */
  readonly onRunner: boolean
}

/** Reads the context from the runner's environment and the text of its event file. */
export function readContext(env: Readonly<Record<string, string | undefined>>, event: string): Context {
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
    workspace: env['GITHUB_WORKSPACE'] ?? process.cwd(),
    temp: env['RUNNER_TEMP'] ?? '',
    payload: event === '' ? {} : (JSON.parse(event) as Record<string, unknown>),
    onRunner: env['GITHUB_ACTIONS'] === 'true',
  }
}

/** Reads a value out of the event by its path: `at(payload, 'repository', 'default_branch')`. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[key] : undefined,
    value,
  )
}
