import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order } from '../../../src/deploy/order.ts'
import type { Verdict } from '../../../src/deploy/verdict.ts'
import type { ExactImage } from '../../../src/image/reference.ts'
import { deployReport, lostReport } from '../../../src/report/deployed.ts'

const [a, b] = ['a', 'b'].map(digit => `ghcr.io/octo/app@sha256:${digit.repeat(64)}` as const) as [
  ExactImage,
  ExactImage,
]
const history = [
  { image: a, commit: 'c0ffee', verdict: 'ok', tags: ['1.2.3'], number: 8, when: '2026-01-31T16:35:00Z' },
  { image: b, commit: 'd00d', verdict: 'rolled-back', tags: [], number: 9, when: '2026-01-31T16:40:00Z' },
]

const order = (image: string | undefined, rollbackTo?: string): Order =>
  ({
    plan: { rollbackTo },
    facts: { project: { name: 'shop', directory: '/srv/app', history } },
    services: [{ name: 'web', reference: 'ghcr.io/octo/app:latest', image }],
    run: { commit: 'd00d', number: 9, tags: ['1.2.4', 'latest'] },
  }) as unknown as Order

const rolledBack: Verdict = {
  kind: 'rolled-back',
  stage: 'gate',
  previous: { web: a },
  deployed: { web: a },
  stages: [
    { stage: 'up', milliseconds: 1000 },
    { stage: 'gate', milliseconds: 3000 },
    { stage: 'gate', milliseconds: 2000 },
  ],
  output: '',
}

test('the wanted release is the pushed image', () => {
  const { services, commit } = deployReport(order(b), 'h', rolledBack, 0)
  assert.deepEqual(services, [{ name: 'web', previous: a, wanted: b, serving: a }])
  assert.equal(commit, undefined)
})

test('commit, version, run and time are those of the history, and this run for the pushed image', () => {
  const { known } = deployReport(order(b), 'h', rolledBack, Date.parse('2026-01-31T17:00:00Z'))
  assert.deepEqual(known, {
    [`sha256:${'a'.repeat(64)}`]: {
      commit: 'c0ffee',
      version: '1.2.3',
      run: 8,
      when: '2026-01-31T16:35:00Z',
    },
    [`sha256:${'b'.repeat(64)}`]: {
      commit: 'd00d',
      version: '1.2.4',
      run: 9,
      when: '2026-01-31T17:00:00.000Z',
    },
  })
})

test('the other services of a whole project are grouped by what happened to them', () => {
  const whole = { others: ['db', 'proxy', 'worker', 'cache'].map(name => ({ name })), orphans: ['old'] }
  const { facts, ...rest } = order(b)
  const wholeOrder = { ...rest, facts: { ...facts, whole } } as unknown as Order
  const changed = [
    { service: 'old', how: 'removed' },
    { service: 'db', how: 'new' },
    { service: 'proxy', how: 'anew' },
    { service: 'worker', how: 'anew' },
  ] as const
  const report = (verdict: Verdict) => deployReport(wholeOrder, 'h', verdict, 0)
  assert.deepEqual(report({ ...rolledBack, kind: 'ok', changed }).others, [
    'created db',
    'recreated proxy, worker',
    'removed old',
    'kept cache',
  ])
  assert.equal(report({ ...rolledBack, changed }).others, undefined)
})

test('a service that the server had to recreate is not reported as relayed', () => {
  const { facts, ...rest } = order(b)
  const strategies = [
    { name: 'web', strategy: 'relay', ports: [] },
    { name: 'api', strategy: 'start-first', ports: [] },
    { name: 'job', strategy: 'recreate', ports: [], reason: 'it has no healthcheck', instead: 'start-first' },
  ]
  const planned = { ...rest, facts: { ...facts, strategies } } as unknown as Order
  const recreated = [{ service: 'api', why: 'Compose would change its running containers' }]
  assert.deepEqual(deployReport(planned, 'h', { ...rolledBack, kind: 'ok', recreated }, 0).strategies, [
    'web: relay: requests go to the new release while the container is replaced',
    'api: recreate, not start-first: Compose would change its running containers',
    'job: recreate, not start-first: it has no healthcheck',
  ])
})

test('a deploy that touched no container is untouched, even if a file could not be restored', () => {
  const report = (stage: string) => deployReport(order(b), 'h', { ...rolledBack, kind: 'broken', stage }, 0)
  assert.deepEqual([report('bring').untouched, report('gate').untouched], [true, undefined])
})

test('a deploy of the running image that changed nothing keeps the data of the earlier run', () => {
  const { known } = deployReport(order(a), 'h', { ...rolledBack, kind: 'unchanged' }, 0)
  assert.equal(known?.[`sha256:${'a'.repeat(64)}`]?.run, 8)
})

test('with `rollback-to`, the server chooses the release and its history has the commit', () => {
  const verdict = { ...rolledBack, previous: { web: b }, deployed: { web: b }, wanted: { web: a } }
  const { services, commit } = deployReport(order(undefined, 'previous'), 'h', verdict, 0)
  assert.deepEqual(services, [{ name: 'web', previous: b, wanted: a, serving: b }])
  assert.equal(commit, 'c0ffee')
})

test('the steps on the server end with the verdict; the first of two steps with the same name failed', () => {
  const { steps } = deployReport(order(b), 'h', rolledBack, 10_000)
  assert.deepEqual(steps, [
    { title: 'Start', begin: 4000, end: 5000, failed: false },
    { title: 'Health check', begin: 5000, end: 8000, failed: true },
    { title: 'Health check', begin: 8000, end: 10_000, failed: false },
  ])
})

test('after a lost connection only the previous release is known', () => {
  const before = { target: 'h', project: 'shop', services: [{ name: 'web', previous: a, serving: a }] }
  assert.deepEqual(lostReport(order(b), before), {
    target: 'h',
    project: 'shop',
    services: [{ name: 'web', previous: a, wanted: b }],
  })
})
