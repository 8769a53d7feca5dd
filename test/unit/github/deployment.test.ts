import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContext } from '../../../src/github/context.ts'
import { openDeployment } from '../../../src/github/deployment.ts'
import { type GithubApi, type GithubApiOptions, githubApi } from '../../rig/github-api.ts'

interface Stage {
  readonly api: GithubApi
  readonly reasons: string[]
  open(token?: string): ReturnType<typeof openDeployment>
}

async function withGithub(options: GithubApiOptions, work: (stage: Stage) => Promise<void>): Promise<void> {
  await using api = await githubApi(options)
  const reasons: string[] = []
  const context = readContext(
    {
      GITHUB_REPOSITORY: 'octo/app',
      GITHUB_SHA: 'c0ffee',
      GITHUB_RUN_ID: '42',
      GITHUB_SERVER_URL: 'https://github.example',
      GITHUB_API_URL: api.url,
    },
    '',
  )
  const open = (token = 't0ken') =>
    openDeployment(
      { environment: 'production', url: 'https://app.example', token },
      context,
      reason => reasons.push(reason),
      globalThis.fetch,
      1,
    )
  await work({ api, reasons, open })
}

test('a deployment of the commit, with its statuses', () =>
  withGithub({}, async ({ api, reasons, open }) => {
    const deployment = await open()
    await deployment?.set('success', 'x'.repeat(200))
    await deployment?.set('failure', 'no')
    const [recorded] = api.deployments
    const { body, statuses } = recorded ?? assert.fail('nothing was recorded')
    assert.deepEqual([...api.authorizations], ['token t0ken'])
    assert.equal(body['ref'], 'c0ffee')
    assert.deepEqual(body['required_contexts'], [])
    assert.deepEqual(statuses[0], {
      state: 'success',
      description: 'x'.repeat(140),
      log_url: 'https://github.example/octo/app/actions/runs/42',
      environment_url: 'https://app.example',
      auto_inactive: true,
    })
    assert.equal(statuses[1]?.['auto_inactive'], false)
    assert.deepEqual(reasons, [])
  }))

test('those before are set inactive where they are shown as active, and in this environment alone', () =>
  withGithub({}, async ({ api, open }) => {
    const record = (environment: string, state: string) =>
      api.deployments.push({ id: api.deployments.length + 1, body: { environment }, statuses: [{ state }] })
    record('production', 'success')
    record('production', 'failure')
    record('staging', 'success')
    const deployment = await open()
    record('production', 'success')
    await deployment?.set('success', 'ok')
    await deployment?.retireOthers()
    assert.deepEqual(
      [0, 1, 2, 3, 4].map(index => api.states(index)),
      [['success', 'inactive'], ['failure'], ['success'], ['success'], ['success']],
    )
  }))

for (const [refuse, words] of [
  [403, /production.*Resource not accessible.*deployments: write/],
  [404, /production.*no such API/],
] as const) {
  test(`refused with ${refuse} it says so, and nothing fails`, () =>
    withGithub({ refuse }, async ({ reasons, open }) => {
      assert.equal(await open(), undefined)
      assert.equal(reasons.length, 1)
      assert.match(reasons[0] ?? '', words)
    }))
}

test('a status that is refused is told once, and no other is tried', () =>
  withGithub({ failStatuses: { status: 403 } }, async ({ api, reasons, open }) => {
    const deployment = await open()
    await deployment?.set('queued', 'a')
    const calls = api.calls()
    await deployment?.set('success', 'b')
    await deployment?.retireOthers()
    assert.equal(api.calls(), calls)
    assert.equal(reasons.length, 1)
  }))

for (const status of [429, 502]) {
  test(`after a status that failed with ${status} the next one is tried`, () =>
    withGithub({ failStatuses: { status, times: 1 } }, async ({ api, reasons, open }) => {
      const deployment = await open()
      await deployment?.set('queued', 'a')
      await deployment?.set('success', 'b')
      assert.deepEqual(api.states(0), ['success'])
      assert.equal(reasons.length, 1)
    }))
}

test('the state that stays is tried once more, and what helped is not told', () =>
  withGithub({ failStatuses: { status: 502, times: 1 } }, async ({ api, reasons, open }) => {
    const deployment = await open()
    await deployment?.set('failure', 'b')
    assert.deepEqual(api.states(0), ['failure'])
    assert.deepEqual(reasons, [])
  }))

test('what fails for good is tried twice at the end, and told once', () =>
  withGithub({ failStatuses: { status: 502 } }, async ({ api, reasons, open }) => {
    const deployment = await open()
    await deployment?.set('queued', 'a')
    await deployment?.set('success', 'b')
    assert.equal(api.calls(), 4)
    assert.equal(reasons.length, 1)
  }))

test('without a token it says so, and asks nobody', () =>
  withGithub({}, async ({ api, reasons, open }) => {
    assert.equal(await open(''), undefined)
    assert.match(reasons.join(), /production.*`github-token` is empty/)
    assert.equal(api.calls(), 0)
  }))
