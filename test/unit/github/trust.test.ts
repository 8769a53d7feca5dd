import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPrivileged, mayUseSecrets, type Trust, trustOf, withoutGit } from '../../../src/github/trust.ts'
import { event } from '../image/events.ts'

const own = 'octocat/Hello-World'
const pull = (repo: unknown) => ({ pull_request: { head: { repo } } })
const after = (head_repository: unknown, more: object = {}) => ({
  workflow_run: { head_repository, ...more },
})
const byDependabot = { event: 'pull_request', actor: { login: 'dependabot[bot]' } }

const by = (what: string, author_association: string) => ({ [what]: { author_association } })
const reviews = [
  ['pull_request_review', 'review'],
  ['pull_request_review_comment', 'comment'],
] as const
const authored = [
  ['discussion', 'discussion'],
  ['discussion_comment', 'comment'],
  ['issue_comment', 'comment'],
  ['issues', 'issue'],
  ['pull_request_comment', 'comment'],
] as const
const members = ['OWNER', 'MEMBER', 'COLLABORATOR']
const nonMembers = ['CONTRIBUTOR', 'FIRST_TIMER', 'FIRST_TIME_CONTRIBUTOR', 'MANNEQUIN', 'NONE', '', 'owner']

const cases: readonly { name: string; on: string; payload: object; actor?: string; expected: Trust }[] = [
  { name: 'a push', on: 'push', payload: {}, expected: 'own' },
  {
    name: "a push of Dependabot's merge",
    on: 'push',
    payload: {},
    actor: 'dependabot[bot]',
    expected: 'own',
  },
  {
    name: 'a schedule that Dependabot edited',
    on: 'schedule',
    payload: {},
    actor: 'dependabot[bot]',
    expected: 'own',
  },
  { name: 'a release by Dependabot', on: 'release', payload: {}, actor: 'dependabot[bot]', expected: 'own' },
  { name: 'started by hand', on: 'workflow_dispatch', payload: {}, expected: 'own' },
  { name: 'of this repository', on: 'pull_request', payload: pull({ full_name: own }), expected: 'own' },
  {
    name: 'of this repository in upper case',
    on: 'pull_request',
    payload: pull({ full_name: own.toUpperCase() }),
    expected: 'own',
  },
  ...reviews.flatMap(([on, what]) => [
    ...members.map(association => ({
      name: `of this repository, by ${association}`,
      on,
      payload: { ...pull({ full_name: own }), ...by(what, association) },
      expected: 'own' as const,
    })),
    ...nonMembers.map(association => ({
      name: `of this repository, by ${association}`,
      on,
      payload: { ...pull({ full_name: own }), ...by(what, association) },
      expected: 'anyone' as const,
    })),
    {
      name: 'of a fork, by its owner',
      on,
      payload: { ...pull({ full_name: 'x/y' }), ...by(what, 'OWNER') },
      expected: 'fork' as const,
    },
    { name: 'without an association', on, payload: pull({ full_name: own }), expected: 'anyone' as const },
  ]),
  ...authored.flatMap(([on, what]) => [
    ...members.map(association => ({
      name: `by ${association}`,
      on,
      payload: by(what, association),
      expected: 'own' as const,
    })),
    ...nonMembers.map(association => ({
      name: `by ${association}`,
      on,
      payload: { ...by(what, association), ...by('sender', 'OWNER'), author_association: 'OWNER' },
      expected: 'anyone' as const,
    })),
    { name: 'without an association', on, payload: {}, expected: 'anyone' as const },
  ]),
  {
    name: "by NONE, on an owner's issue",
    on: 'issue_comment',
    payload: { ...by('issue', 'OWNER'), ...by('comment', 'NONE') },
    expected: 'anyone',
  },
  ...['fork', 'watch', 'gollum', 'star', 'something_new', 'constructor', 'pull_request_something'].flatMap(
    on => [
      {
        name: 'by anyone',
        on,
        payload: { ...by('comment', 'OWNER'), ...by('issue', 'OWNER') },
        expected: on === 'pull_request_something' ? ('fork' as const) : ('anyone' as const),
      },
    ],
  ),
  ...['create', 'delete', 'deployment_status', 'merge_group', 'repository_dispatch', 'workflow_call', ''].map(
    on => ({ name: 'with write access', on, payload: {}, expected: 'own' as const }),
  ),
  { name: 'of a branch', on: 'status', payload: { branches: [{ name: 'main' }] }, expected: 'own' },
  { name: "of a fork's commit", on: 'status', payload: { branches: [] }, expected: 'anyone' },
  { name: 'without branches', on: 'status', payload: {}, expected: 'anyone' },
  ...(
    [
      ['main', 'own'],
      [null, 'anyone'],
      ['', 'anyone'],
      [undefined, 'anyone'],
    ] as const
  ).flatMap(([head_branch, expected]) => [
    { name: `of ${head_branch}`, on: 'check_suite', payload: { check_suite: { head_branch } }, expected },
    {
      name: `of ${head_branch}`,
      on: 'check_run',
      payload: { check_run: { check_suite: { head_branch } }, check_suite: { head_branch: 'main' } },
      expected,
    },
  ]),
  ...['pull_request', 'pull_request_review', 'pull_request_review_comment'].flatMap(on => [
    { name: 'of a fork', on, payload: pull({ full_name: 'x/y' }), expected: 'fork' as const },
    { name: 'of a deleted fork', on, payload: pull(null), expected: 'fork' as const },
    { name: 'without an event', on, payload: {}, expected: 'fork' as const },
    {
      name: 'of Dependabot',
      on,
      payload: pull({ full_name: own }),
      actor: 'dependabot[bot]',
      expected: 'dependabot' as const,
    },
    {
      name: 'of a fork of Dependabot',
      on,
      payload: pull({ full_name: 'x/y' }),
      actor: 'dependabot[bot]',
      expected: 'fork' as const,
    },
  ]),
  {
    name: 'of this repository',
    on: 'pull_request_target',
    payload: pull({ full_name: own }),
    expected: 'own',
  },
  {
    name: 'of a fork',
    on: 'pull_request_target',
    payload: pull({ full_name: 'x/y' }),
    expected: 'fork-with-secrets',
  },
  {
    name: 'of a deleted fork',
    on: 'pull_request_target',
    payload: pull(null),
    expected: 'fork-with-secrets',
  },
  {
    name: 'with an empty name',
    on: 'pull_request_target',
    payload: pull({ full_name: '' }),
    expected: 'fork-with-secrets',
  },
  {
    name: 'of Dependabot',
    on: 'pull_request_target',
    payload: pull({ full_name: own }),
    actor: 'dependabot[bot]',
    expected: 'dependabot',
  },
  {
    name: 'of this repository',
    on: 'workflow_run',
    payload: after({ full_name: own }, { event: 'push' }),
    expected: 'own',
  },
  {
    name: 'of a fork',
    on: 'workflow_run',
    payload: after({ full_name: 'x/y' }),
    expected: 'fork-with-secrets',
  },
  { name: 'of a deleted fork', on: 'workflow_run', payload: after(null), expected: 'fork-with-secrets' },
  {
    name: 'without a repository',
    on: 'workflow_run',
    payload: after(undefined),
    expected: 'fork-with-secrets',
  },
  { name: 'without an event', on: 'workflow_run', payload: {}, expected: 'fork-with-secrets' },
  ...(
    [
      ['push', 'own'],
      ['pull_request', 'own'],
      ['pull_request_target', 'own'],
      ['schedule', 'own'],
      ['workflow_dispatch', 'own'],
      ['issue_comment', 'anyone'],
      ['pull_request_review', 'anyone'],
      ['fork', 'anyone'],
      ['workflow_run', 'anyone'],
      [undefined, 'anyone'],
    ] as const
  ).map(([trigger, expected]) => ({
    name: `after ${trigger}`,
    on: 'workflow_run',
    payload: after({ full_name: own }, { event: trigger }),
    expected,
  })),
  {
    name: 'after a pull request of Dependabot',
    on: 'workflow_run',
    payload: after({ full_name: own }, byDependabot),
    actor: 'dependabot[bot]',
    expected: 'fork-with-secrets',
  },
  {
    name: "after a push of Dependabot's merge",
    on: 'workflow_run',
    payload: after({ full_name: own }, { ...byDependabot, event: 'push' }),
    actor: 'dependabot[bot]',
    expected: 'own',
  },
]

for (const { name, on, payload, actor = 'me', expected } of cases) {
  test(`trust of ${on}, ${name}: ${expected}`, () => {
    const context = event(on, 'refs/heads/main', payload, { GITHUB_ACTOR: actor })
    assert.equal(trustOf(context), expected)
    assert.equal('BUILDX_GIT_INFO' in withoutGit(context), expected !== 'own')
    // `push: true`, in every spelling of true, gives a run secrets only if GitHub passes secrets to it at all.
    for (const push of ['true', 'True', 'TRUE', 'false', '', 'yes'])
      assert.equal(
        mayUseSecrets({ push }, context),
        expected === 'own' || (isPrivileged(expected) && /^true$/i.test(push)),
        `push: ${push}`,
      )
  })
}

test('empty repository names do not match', () => {
  const context = event('workflow_run', '', after({ full_name: '' }), { GITHUB_REPOSITORY: '' })
  assert.equal(trustOf(context), 'fork-with-secrets')
})
