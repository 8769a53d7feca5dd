/** The GitHub Deployments of runs with the input `environment`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { githubApi } from '../../rig/github-api.ts'
import type { ActionRun } from '../../rig/runner.ts'
import { assertGreen } from '../expect.ts'
import { crashAfter, noServer, openSite, ship } from '../site.ts'

const notices = ({ annotations }: ActionRun): string[] =>
  annotations.filter(({ level }) => level === 'notice').map(({ message }) => message)

test('a deployment is queued, in progress and successful, and the previous one becomes inactive', async () => {
  await using site = await openSite('announced')
  await using api = await githubApi()
  const options = (number: string) => ({
    github: { api_url: api.url, run_number: number },
    with: {
      environment: 'production',
      'environment-url': 'https://app.example',
      'github-token': 'ghs_token',
    },
  })
  assertGreen(await ship(site, { page: 'one' }, options('7')))
  assertGreen(await ship(site, { page: 'two' }, options('9')))
  assert.deepEqual(api.states(0), ['queued', 'in_progress', 'success', 'inactive'])
  assert.deepEqual(api.states(1), ['queued', 'in_progress', 'success'])
  assert.deepEqual([...api.authorizations], ['token ghs_token'])

  const late = await ship(site, { page: 'late' }, options('8'))
  assert.equal(late.conclusion, 'failure', 'a newer run has overtaken it')
  assert.deepEqual(api.states(2), ['queued', 'inactive'])
  assert.equal(api.states(1).at(-1), 'success')

  const bad = await ship(site, { page: 'bad', run: crashAfter(0) }, options('10'))
  assert.equal(bad.outputs['rolled-back'], 'true', bad.log)
  assert.deepEqual(api.states(3), ['queued', 'in_progress', 'failure'])
  assert.equal(api.states(1).at(-1), 'success', 'the restored release is still active')

  const unbuilt = await ship(site, { page: 'bad', run: 'RUN false' }, options('11'))
  assert.equal(unbuilt.conclusion, 'failure')
  assert.deepEqual(api.states(4), ['queued', 'failure'])
  assert.match(unbuilt.summary, /The build failed; `web` keeps running `[0-9a-f]{7}` \(run \d+, .* UTC\) on/)
})

for (const [refuse, words] of [
  [403, /deployments: write/],
  [404, /no such API/],
] as const) {
  test(`an API that answers ${refuse} is reported once, and does not prevent the deploy`, async () => {
    await using site = await openSite('refused')
    await using api = await githubApi({ refuse })
    const run = await ship(
      site,
      { page: 'one' },
      { github: { api_url: api.url }, with: { environment: 'production', 'github-token': 'ghs_token' } },
    )
    assertGreen(run)
    assert.equal(await site.page(), 'one')
    const reported = notices(run).filter(text => text.startsWith('The GitHub Deployment'))
    assert.equal(reported.length, 1)
    assert.match(reported[0] ?? '', words)
  })
}

test('a run that does not deploy creates no GitHub Deployment', async () => {
  await using site = await openSite('recorded')
  await using api = await githubApi()
  const run = await ship(
    site,
    { page: 'one' },
    {
      github: { api_url: api.url },
      with: {
        environment: 'production',
        'github-token': 'ghs_token',
        ...noServer,
      },
    },
  )
  assertGreen(run)
  assert.equal(api.calls(), 0)
  assert.ok(notices(run).some(text => /No GitHub Deployment is created for production/.test(text)))
})
