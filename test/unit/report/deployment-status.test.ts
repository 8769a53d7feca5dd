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

suite('a deployment of GitHub', () => {
  for (const [end, state] of ends) {
    test(`of what is ${end} goes on to ${state}`, async () => {
      await using api = await githubApi()
      const { runtime } = runtimeOf(api)
      await withDeployment(plan, runtime, async begins => {
        begins()
        return { end }
      })
      assert.deepEqual(api.states(0), ['queued', 'in_progress', state])
    })
  }

  test('is a failure where the checks fail, and never was in progress', async () => {
    await using api = await githubApi()
    const failure = new Failure('preflight', { cause: 'no' })
    await assert.rejects(
      withDeployment(plan, runtimeOf(api).runtime, () => Promise.reject(failure)),
      failure,
    )
    assert.deepEqual(api.states(0), ['queued', 'failure'])
  })

  test('is an error for a fault of our own alone, and a cancel is none', async () => {
    await using api = await githubApi()
    const { runtime, cancel } = runtimeOf(api)
    const fault = new TypeError('x is undefined')
    await assert.rejects(
      withDeployment(plan, runtime, () => Promise.reject(fault)),
      fault,
    )
    cancel.abort()
    await assert.rejects(
      withDeployment(plan, runtime, () => Promise.reject(fault)),
      fault,
    )
    assert.deepEqual(
      [api.states(0), api.states(1)],
      [
        ['queued', 'error'],
        ['queued', 'failure'],
      ],
    )
  })

  test('is not recorded where nothing is deployed, and that is said', async () => {
    await using api = await githubApi()
    const { runtime, notices } = runtimeOf(api)
    await withDeployment({ ...plan, deploy: undefined }, runtime, async () => ({ end: 'pushed' }))
    assert.equal(api.calls(), 0)
    assert.match(
      notices.join(),
      /No GitHub Deployment is created for production, because this run deploys nothing/,
    )
  })

  test('whose API cannot be opened is told of, and deploys all the same', async () => {
    await using api = await githubApi()
    const { runtime, notices } = runtimeOf(api)
    const broken = {
      ...runtime,
      context: { ...runtime.context, repository: undefined },
    } as unknown as Runtime
    const ending = await withDeployment(plan, broken, async begins => {
      begins()
      // A rejection that nobody handles would end the run meanwhile.
      await delay(20)
      return { end: 'released' }
    })
    assert.deepEqual(ending, { end: 'released' })
    assert.equal(notices.length, 1)
    assert.match(notices[0] ?? '', /The GitHub Deployment for production could not be created: /)
  })

  test('is not waited for by the work', async () => {
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
