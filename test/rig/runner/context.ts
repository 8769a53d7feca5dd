/** Properties of the `github` context. A missing one defaults to that of a push to `main` of `octo/app`. */
export type GithubContext = Readonly<Record<string, string>>

const defaults: GithubContext = {
  action: '__self',
  action_ref: '',
  action_repository: '',
  actor: 'octo',
  actor_id: '1001',
  api_url: 'https://api.github.com',
  base_ref: '',
  event_name: 'push',
  graphql_url: 'https://api.github.com/graphql',
  head_ref: '',
  job: 'ship',
  ref: 'refs/heads/main',
  ref_protected: 'false',
  repository: 'octo/app',
  repository_id: '2002',
  repository_owner_id: '1001',
  retention_days: '90',
  run_attempt: '1',
  run_id: '3003',
  run_number: '7',
  server_url: 'https://github.com',
  sha: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  token: 'ghs_SmallRunnerTokenOfNoOne000000000000',
  workflow: 'Ship',
  workflow_sha: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
}

/** Completes a context: adds the defaults and what GitHub derives from the ref, the repository and the actor. */
export function completeContext(given: GithubContext): GithubContext {
  const context = { ...defaults, ...given }
  const { ref = '', repository = '', actor = '' } = context
  return {
    repository_owner: repository.split('/')[0] ?? '',
    triggering_actor: actor,
    ref_name: ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    workflow_ref: `${repository}/.github/workflows/ship.yml@${ref}`,
    ...context,
  }
}

/** Returns the webhook event of a push, used when the caller passes none. */
export function defaultEvent(context: GithubContext): Record<string, unknown> {
  const [owner = '', name = ''] = (context['repository'] ?? '').split('/')
  return {
    ref: context['ref'],
    after: context['sha'],
    repository: {
      full_name: `${owner}/${name}`,
      name,
      owner: { login: owner },
      private: false,
      default_branch: 'main',
      description: 'An application',
      html_url: `${context['server_url']}/${owner}/${name}`,
      url: `${context['server_url']}/${owner}/${name}`,
      clone_url: `${context['server_url']}/${owner}/${name}.git`,
    },
    sender: { login: context['actor'] },
  }
}

/** Returns the context as `GITHUB_*` variables, without the token: an action only gets that through an input. */
export function contextVariables(context: GithubContext): Record<string, string> {
  const shown = Object.entries(context).filter(([name]) => name !== 'token')
  return Object.fromEntries(shown.map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]))
}
