import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { deploy } from './deploy.ts'
import { openFixture, waitForPages } from './fixture.ts'
import { long, runServiceCase, type ServiceCase } from './service-case.ts'

// Compares the verdict of a deploy to one service with the pages that its containers serve. The comments say whether
// docker's own client reports the right result, a wrong one, or never returns.

const fixture = await openFixture()
const three = ['one', 'one', 'one']
const failing = (action: string, ...more: string[]): string[] => [
  '--replicas',
  '3',
  '--update-failure-action',
  action,
  ...more,
]

// Docker's own client only waits for the first node.
const delay = long ? '15s' : '6s'

const cases: readonly ServiceCase[] = [
  // The slowest case comes first, because the cases run concurrently. Wrong: exits with 0 after 11 s, when one node of
  // three is updated.
  {
    name: `global, update-delay ${delay}`,
    flags: ['--mode', 'global', '--constraint', 'node.role==manager', '--update-delay', delay],
    release: 'two',
    verdict: 'ok',
    after: ['two', 'two', 'two'],
    within: 270,
  },
  // Wrong: exits with 0, but no container serves permanently.
  {
    name: 'crash, continue',
    flags: failing('continue'),
    release: 'crash',
    verdict: 'rolled-back',
    after: three,
    within: 270,
  },
  // Right.
  { name: 'success', release: 'two', verdict: 'ok', after: ['two', 'two', 'two'], within: 180 },
  {
    name: 'a healthcheck that succeeds',
    long: true,
    release: 'checked',
    verdict: 'ok',
    after: ['checked', 'checked', 'checked'],
    within: 180,
  },
  { name: 'no change', release: 'one', verdict: 'ok', after: three, untouched: true, within: 100 },
  {
    name: 'start-first, success',
    long: true,
    flags: ['--replicas', '3', '--update-order', 'start-first'],
    release: 'two',
    verdict: 'ok',
    after: ['two', 'two', 'two'],
    within: 180,
  },
  // Right, but one of three replicas stays down.
  { name: 'crash, pause', release: 'crash', verdict: 'rolled-back', after: three, within: 240 },
  {
    name: 'unhealthy, pause',
    long: true,
    release: 'sick',
    verdict: 'rolled-back',
    after: three,
    within: 240,
  },
  // Wrong: exits with 0, but the old release is served.
  {
    name: 'crash, rollback',
    flags: failing('rollback'),
    release: 'crash',
    verdict: 'rolled-back',
    after: three,
    within: 240,
  },
  {
    name: 'unhealthy, rollback',
    flags: failing('rollback'),
    release: 'sick',
    verdict: 'rolled-back',
    after: three,
    within: 240,
  },
  {
    name: 'crash, rollback, parallelism 0',
    long: true,
    flags: failing('rollback', '--update-parallelism', '0'),
    release: 'crash',
    verdict: 'rolled-back',
    after: three,
    within: 240,
  },
  {
    name: 'crash, rollback, delay longer than the monitor',
    long: true,
    flags: failing('rollback', '--update-delay', '8s', '--update-monitor', '2s'),
    release: 'crash',
    verdict: 'rolled-back',
    after: three,
    within: 270,
  },
  {
    name: 'crash, rollback, start-first',
    long: true,
    flags: failing('rollback', '--update-order', 'start-first'),
    release: 'crash',
    verdict: 'rolled-back',
    after: three,
    within: 240,
  },
  // Wrong: exits with 0, but no container serves permanently.
  {
    name: 'unhealthy, continue',
    long: true,
    flags: failing('continue'),
    release: 'sick',
    verdict: 'rolled-back',
    after: three,
    within: 270,
  },
  {
    name: 'crash, max-failure-ratio 1',
    long: true,
    flags: failing('pause', '--update-max-failure-ratio', '1'),
    release: 'crash',
    verdict: 'rolled-back',
    after: three,
    within: 270,
  },
  // Wrong: exits with 0, but the release crashes after Swarm stopped monitoring it.
  {
    name: 'crash after 9 seconds, rollback',
    long: true,
    flags: failing('rollback'),
    release: 'late',
    verdict: 'rolled-back',
    after: three,
    within: 270,
  },
  {
    name: 'crash, with `rollback: false`',
    long: true,
    flags: failing('continue'),
    release: 'crash',
    deploy: { with: { rollback: false } },
    verdict: 'broken',
    after: [],
    within: 240,
  },
  // Wrong: exits with 0, but the other image is served.
  {
    name: 'another client updates the service 4 s later',
    release: 'two',
    meanwhile: async ({ sh, name, fixture: { images } }) => {
      await sleep(4000)
      // Retry, because a concurrent update by Slipway makes this one fail (`update out of sequence`).
      const update = `docker service update -d -q --with-registry-auth --image ${images.repository}:three ${name}`
      await sh(`for try in 1 2 3 4 5; do ${update} && break; sleep 1; done`)
    },
    verdict: 'superseded',
    delayed: true,
    after: ['three', 'three', 'three'],
    within: 240,
  },
  {
    name: 'another client changes labels of the service, 20 times, 4 at a time',
    release: 'two',
    prepare: async ({ sh, name }) => {
      await sh(
        `(for n in 1 2 3 4; do (for m in 1 2 3 4 5; do docker service update -d -q --label-add "other$n=$m" ${name}; sleep 1; done) & done; wait) >/dev/null 2>&1 &`,
      )
    },
    verdict: 'ok',
    after: ['two', 'two', 'two'],
    within: 240,
  },
  // Right.
  {
    name: 'digest missing',
    release: 'two',
    deploy: { with: { tags: 'nowhere' } },
    verdict: ['refused', 'unchanged'],
    after: three,
    untouched: true,
    within: 100,
  },
  {
    name: 'nodes without the credential',
    release: 'absent',
    deploy: { with: { 'server-login': false } },
    verdict: ['refused', 'unchanged'],
    after: three,
    untouched: true,
    within: 100,
  },
  // Never returns.
  {
    name: 'platform mismatch',
    release: 'foreign',
    verdict: ['refused', 'unchanged'],
    after: three,
    untouched: true,
    within: 100,
  },
  {
    name: 'start-first with a host-mode port, a container on each node',
    flags: [
      '--mode',
      'global',
      '--update-order',
      'start-first',
      '--publish',
      'mode=host,published=19477,target=8080',
    ],
    before: ['one', 'one', 'one', 'one'],
    release: 'two',
    verdict: 'refused',
    after: ['one', 'one', 'one', 'one'],
    untouched: true,
    within: 100,
  },
  {
    name: 'a replicated job that fails',
    flags: ['--mode', 'replicated-job', '--replicas', '2', '--restart-condition', 'none'],
    first: 'done',
    before: [],
    release: 'undone',
    // A job cannot be rolled back: the previous job would run again.
    verdict: 'broken',
    says: /that would run the previous job again/,
    after: [],
    within: 180,
  },
  {
    name: 'a replicated job that succeeds',
    flags: ['--mode', 'replicated-job', '--replicas', '2', '--restart-condition', 'none'],
    first: 'done',
    before: [],
    release: 'done',
    verdict: 'ok',
    after: [],
    within: 180,
  },
  {
    name: 'a one-shot by its restart policy',
    flags: ['--replicas', '1', '--restart-condition', 'none'],
    first: 'done',
    before: [],
    release: 'done',
    verdict: 'ok',
    after: [],
    within: 180,
  },
  {
    name: 'no replicas',
    flags: ['--replicas', '0'],
    before: [],
    release: 'two',
    verdict: 'ok',
    says: /0 replicas/,
    after: [],
    within: 100,
  },
  {
    name: 'scaled by hand',
    long: true,
    prepare: async ({ sh, name }) => {
      await sh(`docker service scale -d ${name}=2 && sleep 4`)
    },
    release: 'two',
    verdict: 'ok',
    after: ['two', 'two'],
    within: 180,
  },
  {
    name: 'an update by another client is in progress',
    long: true,
    prepare: async ({ sh, name, fixture: { images } }) => {
      await sh(`docker service update -d -q --with-registry-auth --image ${images.repository}:three ${name}`)
      await sleep(1500)
    },
    release: 'two',
    verdict: 'ok',
    after: ['two', 'two', 'two'],
    within: 240,
  },
  {
    name: 'rollback-to, after another client updated the service',
    prepare: async project => {
      const { run, verdict } = await deploy(project, 'two')
      if (verdict !== 'ok') throw new Error(run.log)
      const { sh, name } = project
      await sh(
        `docker service update -d -q --with-registry-auth --image ${fixture.images.repository}:one ${name}`,
      )
      await waitForPages(fixture.swarm, name, three)
    },
    release: 'two',
    deploy: { with: { 'rollback-to': 'previous' } },
    verdict: 'ok',
    after: ['two', 'two', 'two'],
    within: 180,
  },
  {
    name: 'removed during the deploy',
    release: 'two',
    meanwhile: async ({ sh, name }) => {
      await sleep(2000)
      await sh(`docker service rm ${name}`)
    },
    verdict: 'broken',
    after: [],
    delayed: true,
    says: /removed|gone/i,
    within: 100,
  },
]

suite('one service', { concurrency: 8 }, () => {
  for (const each of cases)
    if (long || each.long !== true) test(each.name, () => runServiceCase(fixture, each))
})
