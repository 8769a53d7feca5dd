import { type Context, readContext } from '../../../src/core/context.ts'
import { type Findings, noFindings } from '../../../src/core/findings.ts'
import { type ImagePlan, planImage, type RunnerState } from '../../../src/image/plan.ts'
import { type InputName, type Inputs, inputNames } from '../../../src/inputs/inputs.ts'

export const sha = '860c1904a1ce19322e91ac35af1ab07466440c37'
export const headSha = 'beefc0dea1ce19322e91ac35af1ab0746644cafe'
export const now = new Date('2020-01-10T00:30:05.123Z')
export const commitDate = '2019-12-31T23:59:58Z'

const repository = {
  name: 'Hello-World',
  full_name: 'octocat/Hello-World',
  description: 'My first repository',
  html_url: 'https://github.com/octocat/Hello-World',
  default_branch: 'main',
  private: false,
  license: { key: 'mit', spdx_id: 'MIT' },
}

const pullRequest = {
  number: 7,
  repository,
  pull_request: { number: 7, base: { ref: 'main' }, head: { ref: 'my/branch', sha: headSha } },
}

const push = { repository, head_commit: { id: sha, timestamp: commitDate } }

/** Events as GitHub sends them, shortened to the fields that Slipway reads. */
export const events = {
  'default branch': event('push', 'refs/heads/main', push),
  branch: event('push', 'refs/heads/my/branch', push),
  'odd branch': event('push', 'refs/heads/a&b=c', push),
  'version tag': event('push', 'refs/tags/v1.2.3', { ...push, base_ref: 'refs/heads/main' }),
  'prerelease tag': event('push', 'refs/tags/v2.0.8-beta.67', push),
  'early tag': event('push', 'refs/tags/v0.4.1', push),
  'other tag': event('push', 'refs/tags/nightwatch', push),
  'scoped tag': event('push', 'refs/tags/p1/v1.2.3', push),
  'dated tag': event('push', 'refs/tags/20200110-RC2', push),
  'Python tag': event('push', 'refs/tags/1.2.3rc2', push),
  'short tag': event('push', 'refs/tags/1.2', push),
  'post tag': event('push', 'refs/tags/1.2.3post1', push),
  'pull request': event('pull_request', 'refs/pull/7/merge', pullRequest),
  'pull request target': event('pull_request_target', 'refs/heads/main', pullRequest),
  // The schedule's payload has no repository on some servers.
  schedule: event('schedule', 'refs/heads/main', { schedule: '0 3 * * *' }),
  dispatch: event('workflow_dispatch', 'refs/heads/my/branch', { repository, inputs: {} }),
  release: event('release', 'refs/tags/v1.2.3', {
    repository,
    action: 'published',
    release: { tag_name: 'v1.2.3' },
  }),
  'merge group': event('merge_group', 'refs/heads/gh-readonly-queue/main/pr-7-0f1e2d', { repository }),
} as const satisfies Record<string, Context>

export type EventName = keyof typeof events

export function event(
  eventName: string,
  ref: string,
  payload: object,
  env: Readonly<Record<string, string>> = {},
): Context {
  return readContext(
    {
      GITHUB_EVENT_NAME: eventName,
      GITHUB_REF: ref,
      GITHUB_SHA: sha,
      GITHUB_REPOSITORY: 'octocat/Hello-World',
      GITHUB_WORKSPACE: '/nowhere',
      ...env,
    },
    JSON.stringify(payload),
  )
}

export const inputsOf = (given: Partial<Record<InputName, string>>): Inputs =>
  ({ ...Object.fromEntries(inputNames.map(name => [name, ''])), ...given }) as Inputs

/** Returns the plan of the image for some inputs, and the findings. */
export async function planned(
  given: Partial<Record<InputName, string>>,
  context: Context = events['default branch'],
  runner: Partial<RunnerState> = {},
): Promise<ImagePlan & { findings: Findings }> {
  const findings = noFindings()
  const plan = await planImage(inputsOf(given), context, { env: {}, now, ...runner }, findings)
  return { ...plan, findings }
}

export const causes = ({ problems }: Findings): string[] => problems.map(({ cause }) => cause)
