// Against git itself, in a repository of the test's own.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Run } from '../../../src/core/command.ts'
import { detachedRef } from '../../../src/image/git.ts'
import { causes, event, planned } from './events.ts'

let directory = ''
const git = (...args: string[]): string =>
  execFileSync('git', ['-C', directory, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    env: { ...process.env, GIT_COMMITTER_DATE: '2021-02-03T04:05:06+01:00', GIT_CONFIG_GLOBAL: '/dev/null' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()

const run: Run = async ({ file, args }) => {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-git-'))
  git('init', '--quiet', '--initial-branch=trunk')
  git('commit', '--quiet', '--allow-empty', '--message=x')
  git('tag', 'v3.1.4')
})

after(() => rmSync(directory, { recursive: true, force: true }))

const contextHere = () => ({ ...event('workflow_dispatch', 'refs/heads/other', {}), workspace: directory })

test('the date of a commit that the event does not tell', async () => {
  const context = { ...contextHere(), sha: git('rev-parse', 'HEAD') }
  const plan = await planned({ tags: "{{commit_date 'YYYYMMDDHH'}}" }, context, { run })
  assert.deepEqual(plan.tagNames, ['2021020303'])
  assert.ok(plan.labels.includes('org.opencontainers.image.created=2021-02-03T03:05:06.000Z'))
})

test('a commit that git does not have is of now', async () => {
  const plan = await planned({ tags: "{{commit_date 'YYYY'}}" }, contextHere(), { run })
  assert.deepEqual(plan.tagNames, ['2020'])
})

test('metadata-context: the branch that is checked out', async () => {
  const plan = await planned(
    { tags: 'type=ref,event=branch\ntype=sha', 'metadata-context': 'git' },
    contextHere(),
    { run },
  )
  assert.deepEqual(plan.tagNames, ['trunk', `sha-${git('rev-parse', 'HEAD').slice(0, 7)}`])
})

test('metadata-context: the tag that is checked out', async () => {
  git('checkout', '--quiet', '--detach', 'v3.1.4')
  const plan = await planned(
    { tags: 'type=semver,pattern={{version}}', 'metadata-context': 'git' },
    contextHere(),
    { run },
  )
  assert.deepEqual(plan.tagNames, ['3.1.4', 'latest'])
})

test('metadata-context: no repository, and another word', async () => {
  const context = event('push', 'refs/heads/main', {})
  const nowhere = await planned({ 'metadata-context': 'git' }, context, { run })
  assert.match(causes(nowhere.findings).join(), /^`metadata-context` is `git`, and git does not say/)
  const other = await planned({ 'metadata-context': 'gti' }, context)
  assert.match(causes(other.findings).join(), /^`metadata-context` is `gti`, which there is not/)
})

const decorations: readonly [text: string, expected: string | undefined][] = [
  ['HEAD, tag: v1.2.3, origin/main', 'refs/tags/v1.2.3'],
  ['grafted, HEAD, tag: v1.2.3', 'refs/tags/v1.2.3'],
  ['grafted, HEAD, pull/7/merge', 'refs/pull/7/merge'],
  ['HEAD, origin/main, origin/HEAD, main', 'refs/heads/main'],
  ['HEAD, origin/feat/x, feat/x', 'refs/heads/feat/x'],
  ['grafted, HEAD, origin/main', 'refs/heads/main'],
  ['HEAD', undefined],
  ['', undefined],
]

for (const [text, expected] of decorations) {
  test(`detachedRef: ${JSON.stringify(text)}`, () => {
    assert.equal(detachedRef(text), expected)
  })
}
