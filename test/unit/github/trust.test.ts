import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayUseSecrets, type Trust, trustOf, withoutGit } from '../../../src/github/trust.ts'
import { event } from '../image/events.ts'

const own = 'octocat/Hello-World'
const pull = (repo: unknown) => ({ pull_request: { head: { repo } } })
const after = (head_repository: unknown, more: object = {}) => ({
  workflow_run: { head_repository, ...more },
})
const byDependabot = { event: 'pull_request', actor: { login: 'dependabot[bot]' } }

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
  { name: 'by hand', on: 'workflow_dispatch', payload: {}, expected: 'own' },
  ...['pull_request', 'pull_request_review', 'pull_request_review_comment'].flatMap(on => [
    { name: 'of the own', on, payload: pull({ full_name: own }), expected: 'own' as const },
    {
      name: 'in other letters',
      on,
      payload: pull({ full_name: own.toUpperCase() }),
      expected: 'own' as const,
    },
    { name: 'of a fork', on, payload: pull({ full_name: 'x/y' }), expected: 'fork' as const },
    { name: 'of a fork that is gone', on, payload: pull(null), expected: 'fork' as const },
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
  { name: 'of the own', on: 'pull_request_target', payload: pull({ full_name: own }), expected: 'own' },
  {
    name: 'of a fork',
    on: 'pull_request_target',
    payload: pull({ full_name: 'x/y' }),
    expected: 'fork-with-secrets',
  },
  {
    name: 'of a fork that is gone',
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
  { name: 'of the own', on: 'workflow_run', payload: after({ full_name: own }), expected: 'own' },
  {
    name: 'of a fork',
    on: 'workflow_run',
    payload: after({ full_name: 'x/y' }),
    expected: 'fork-with-secrets',
  },
  { name: 'of a fork that is gone', on: 'workflow_run', payload: after(null), expected: 'fork-with-secrets' },
  {
    name: 'without a repository',
    on: 'workflow_run',
    payload: after(undefined),
    expected: 'fork-with-secrets',
  },
  { name: 'without an event', on: 'workflow_run', payload: {}, expected: 'fork-with-secrets' },
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
    // Only `push: true` asks for it, in each form that a truth value has, and only where GitHub gives secrets at all.
    for (const push of ['true', 'True', 'TRUE', 'false', '', 'yes'])
      assert.equal(
        mayUseSecrets({ push }, context),
        expected === 'own' || (expected === 'fork-with-secrets' && /^true$/i.test(push)),
        `push: ${push}`,
      )
  })
}

test('no repository at all is of nobody', () => {
  const context = event('workflow_run', '', after({ full_name: '' }), { GITHUB_REPOSITORY: '' })
  assert.equal(trustOf(context), 'fork-with-secrets')
})
