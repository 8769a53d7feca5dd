import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order } from '../../../src/deploy/order.ts'
import type { Verdict } from '../../../src/deploy/verdict.ts'
import { deployReport, lostReport } from '../../../src/report/deployed.ts'

const [a, b] = ['a', 'b'].map(digit => `ghcr.io/octo/app@sha256:${digit.repeat(64)}`) as [string, string]
const history = [
  { image: a, commit: 'c0ffee' },
  { image: b, commit: 'd00d' },
]

const order = (image: string | undefined, rollbackTo?: string): Order =>
  ({
    plan: { rollbackTo },
    facts: { project: { name: 'shop', directory: '/srv/app', history } },
    services: [{ name: 'web', reference: 'ghcr.io/octo/app:latest', image }],
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

test('what was to serve is what was pushed', () => {
  const { services, commit } = deployReport(order(b), 'h', rolledBack, 0)
  assert.deepEqual(services, [{ name: 'web', previous: a, wanted: b, serving: a }])
  assert.equal(commit, undefined)
})

test('with `rollback-to` the server chose it, and its history knows the commit', () => {
  const verdict = { ...rolledBack, previous: { web: b }, deployed: { web: b }, wanted: { web: a } }
  const { services, commit } = deployReport(order(undefined, 'previous'), 'h', verdict, 0)
  assert.deepEqual(services, [{ name: 'web', previous: b, wanted: a, serving: b }])
  assert.equal(commit, 'c0ffee')
})

test('the steps on the server end with the verdict; of two of a name the first one failed', () => {
  const { steps } = deployReport(order(b), 'h', rolledBack, 10_000)
  assert.deepEqual(steps, [
    { title: 'Up', begin: 4000, end: 5000, failed: false },
    { title: 'Gate', begin: 5000, end: 8000, failed: true },
    { title: 'Gate', begin: 8000, end: 10_000, failed: false },
  ])
})

test('of a server that was lost it is known what served before, and not what serves', () => {
  const before = { target: 'h', project: 'shop', services: [{ name: 'web', previous: a, serving: a }] }
  assert.deepEqual(lostReport(order(b), before), {
    target: 'h',
    project: 'shop',
    services: [{ name: 'web', previous: a, wanted: b }],
  })
})
