import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContext } from '../../../src/core/context.ts'
import { openDeployment, planDeployment } from '../../../src/github/deployment.ts'
import type { Inputs } from '../../../src/inputs/inputs.ts'
import type { DeployPlan } from '../../../src/target/plan.ts'
import { type GithubApi, type GithubApiOptions, githubApi } from '../../rig/github-api.ts'

interface Fixture {
  readonly api: GithubApi
  readonly reasons: string[]
  open(token?: string): ReturnType<typeof openDeployment>
}

async function withGithub(
  options: GithubApiOptions,
  work: (fixture: Fixture) => Promise<void>,
): Promise<void> {
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
      { environment: 'production', url: 'https://app.example', token, mark: 'a1b2c' },
      context,
      reason => reasons.push(reason),
      globalThis.fetch,
      1,
    )
  await work({ api, reasons, open })
}

test('a deployment is created for the commit, with its statuses', () =>
  withGithub({}, async ({ api, reasons, open }) => {
    const deployment = await open()
    await deployment?.set('success', 'x'.repeat(200))
    await deployment?.set('failure', 'no')
    const [recorded] = api.deployments
    const { body, statuses } = recorded ?? assert.fail('no deployment was created')
    assert.deepEqual([...api.authorizations], ['token t0ken'])
    assert.equal(body['ref'], 'c0ffee')
    assert.deepEqual(body['required_contexts'], [])
    assert.deepEqual(body['payload'], { slipway: 'a1b2c' })
    assert.deepEqual(statuses[0], {
      state: 'success',
      description: 'x'.repeat(140),
      log_url: 'https://github.example/octo/app/actions/runs/42',
      environment_url: 'https://app.example',
      auto_inactive: false,
    })
    assert.deepEqual(reasons, [])
  }))

test('earlier active deployments are set inactive, only in this environment and with this mark', () =>
  withGithub({}, async ({ api, open }) => {
    const record = (environment: string, state: string, payload: unknown = { slipway: 'a1b2c' }) =>
      api.deployments.push({
        id: api.deployments.length + 1,
        body: { environment, payload },
        statuses: [{ state }],
      })
    record('production', 'success')
    record('production', 'failure')
    record('staging', 'success')
    record('production', 'success', { slipway: '0ther' })
    record('production', 'success', '')
    const deployment = await open()
    record('production', 'success')
    await deployment?.set('success', 'ok')
    await deployment?.retireOthers()
    assert.deepEqual(
      api.deployments.map((_, index) => api.states(index).join()),
      ['success,inactive', 'failure', 'success', 'success', 'success', 'success', 'success'],
    )
    assert.deepEqual(api.deployments[0]?.statuses[1], {
      state: 'inactive',
      description: 'A newer deployment is running',
      auto_inactive: false,
    })
  }))

for (const [refuse, reason] of [
  [403, /production.*Resource not accessible.*deployments: write/],
  [404, /production.*no such API/],
] as const) {
  test(`a refusal with ${refuse} is reported, and nothing fails`, () =>
    withGithub({ refuse }, async ({ reasons, open }) => {
      assert.equal(await open(), undefined)
      assert.equal(reasons.length, 1)
      assert.match(reasons[0] ?? '', reason)
    }))
}

test('a refused status is reported once, and no other is sent', () =>
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
  test(`after a status that failed with ${status} the next one is sent`, () =>
    withGithub({ failStatuses: { status, times: 1 } }, async ({ api, reasons, open }) => {
      const deployment = await open()
      await deployment?.set('queued', 'a')
      await deployment?.set('success', 'b')
      assert.deepEqual(api.states(0), ['success'])
      assert.equal(reasons.length, 1)
    }))
}

test('a final state is retried once, and nothing is reported if that succeeds', () =>
  withGithub({ failStatuses: { status: 502, times: 1 } }, async ({ api, reasons, open }) => {
    const deployment = await open()
    await deployment?.set('failure', 'b')
    assert.deepEqual(api.states(0), ['failure'])
    assert.deepEqual(reasons, [])
  }))

test('a final state that keeps failing is sent twice, and reported once', () =>
  withGithub({ failStatuses: { status: 502 } }, async ({ api, reasons, open }) => {
    const deployment = await open()
    await deployment?.set('queued', 'a')
    await deployment?.set('success', 'b')
    assert.equal(api.calls(), 4)
    assert.equal(reasons.length, 1)
  }))

test('a missing token is reported, and nothing is sent', () =>
  withGithub({}, async ({ api, reasons, open }) => {
    assert.equal(await open(''), undefined)
    assert.match(reasons.join(), /production.*`github-token` is empty/)
    assert.equal(api.calls(), 0)
  }))

test('the mark differs by server and services, not by the login, and reveals none of them', () => {
  const inputs = { environment: 'production', 'environment-url': '', 'github-token': 't0ken' } as Inputs
  const ssh = { host: 'shop.example', port: 22, user: 'deploy' }
  const plan = { ssh, projectDirectory: '/srv/app', projectName: undefined, services: ['web', 'worker'] }
  const mark = (more: object) =>
    planDeployment(inputs, { ...plan, ...more } as unknown as DeployPlan)?.mark ?? assert.fail('no plan')
  assert.match(mark({}), /^[0-9a-f]{5}$/)
  assert.equal(mark({ ssh: { ...ssh, authentication: 'another' }, services: ['worker', 'web'] }), mark({}))
  assert.notEqual(mark({ ssh: { ...ssh, host: 'other.example' } }), mark({}))
  assert.notEqual(mark({ services: ['web'] }), mark({}))
  assert.notEqual(mark({ projectDirectory: '/srv/other' }), mark({}))
  assert.notEqual(mark({ swarm: { stack: 'blue' } }), mark({ swarm: { stack: 'green' } }))
})
