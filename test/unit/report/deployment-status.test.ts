import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { readContext } from '../../../src/core/context.ts'
import { Failure } from '../../../src/core/errors.ts'
import type { Runtime } from '../../../src/core/runtime.ts'
import type { Plan } from '../../../src/plan/plan.ts'
import { withDeployment } from '../../../src/report/deployment-status.ts'
import type { End } from '../../../src/report/report.ts'
import { type GithubApi, githubApi } from '../../rig/github-api.ts'

const plan = {
  deployment: { environment: 'production', url: undefined, token: 't0ken', mark: 'a1b2c' },
  deploy: {},
  dryRun: false,
} as unknown as Plan

function runtimeOf(api: GithubApi) {
  const notices: string[] = []
  const cancel = new AbortController()
  const env = { GITHUB_REPOSITORY: 'octo/app', GITHUB_API_URL: api.url }
  const runtime = {
    env: {},
    context: readContext(env, ''),
    log: { notice: (text: string) => notices.push(text) },
    cancelled: cancel.signal,
  } as unknown as Runtime
  return { runtime, notices, cancel }
}

const ends: readonly (readonly [end: End, state: string])[] = [
  ['released', 'success'],
  ['not-promoted', 'success'],
  ['superseded', 'inactive'],
  ['rolled-back', 'failure'],
  ['removed', 'failure'],
  ['broken', 'failure'],
  ['lost', 'failure'],
  ['cancelled', 'failure'],
]

suite('the GitHub Deployment', () => {
  for (const [end, state] of ends) {
    test(`of a run that ends as ${end} becomes ${state}`, async () => {
      await using api = await githubApi()
      const { runtime } = runtimeOf(api)
      await withDeployment(plan, runtime, async onReleaseStart => {
        onReleaseStart()
        return { end }
      })
      assert.deepEqual(api.states(0), ['queued', 'in_progress', state])
    })
  }

  test('becomes a failure without being in progress if preflight fails', async () => {
    await using api = await githubApi()
    const failure = new Failure('preflight', { cause: 'no' })
    await assert.rejects(
      withDeployment(plan, runtimeOf(api).runtime, () => Promise.reject(failure)),
      failure,
    )
    assert.deepEqual(api.states(0), ['queued', 'failure'])
  })

  test('becomes an error only for a bug of our own, and not if the run is cancelled', async () => {
    await using api = await githubApi()
    const { runtime, cancel } = runtimeOf(api)
    const bug = new TypeError('x is undefined')
    await assert.rejects(
      withDeployment(plan, runtime, () => Promise.reject(bug)),
      bug,
    )
    cancel.abort()
    await assert.rejects(
      withDeployment(plan, runtime, () => Promise.reject(bug)),
      bug,
    )
    assert.deepEqual(
      [api.states(0), api.states(1)],
      [
        ['queued', 'error'],
        ['queued', 'failure'],
      ],
    )
  })

  test('is not created if nothing is deployed, and a notice says so', async () => {
    await using api = await githubApi()
    const { runtime, notices } = runtimeOf(api)
    await withDeployment({ ...plan, deploy: undefined }, runtime, async () => ({ end: 'pushed' }))
    assert.equal(api.calls(), 0)
    assert.match(
      notices.join(),
      /No GitHub Deployment is created for production, because this run deploys nothing/,
    )
  })

  test('whose API cannot be opened is reported, and the release goes on', async () => {
    await using api = await githubApi()
    const { runtime, notices } = runtimeOf(api)
    const broken = {
      ...runtime,
      context: { ...runtime.context, repository: undefined },
    } as unknown as Runtime
    const ending = await withDeployment(plan, broken, async onReleaseStart => {
      onReleaseStart()
      // Time for an unhandled rejection, which would end the run.
      await delay(20)
      return { end: 'released' }
    })
    assert.deepEqual(ending, { end: 'released' })
    assert.equal(notices.length, 1)
    assert.match(notices[0] ?? '', /The GitHub Deployment for production could not be created: /)
  })

  test('does not delay the work', async () => {
    await using api = await githubApi()
    const { runtime } = runtimeOf(api)
    let calls: number | undefined
    await withDeployment(plan, runtime, async () => {
      calls = api.calls()
      return { end: 'released' }
    })
    assert.equal(calls, 0)
  })
})
