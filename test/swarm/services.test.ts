import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { deploy } from './deploy.ts'
import { openField, serves } from './field.ts'
import { play, type Row, whole } from './row.ts'

// One service: what the verdict says against what its containers serve. In each of these, docker's own client is right,
// is wrong, or waits for ever; the comment says which.

const field = await openField()
const three = ['one', 'one', 'one']
const failing = (action: string, ...more: string[]): string[] => [
  '--replicas',
  '3',
  '--update-failure-action',
  action,
  ...more,
]

// Docker's own client waits no longer than for the first node.
const delay = whole ? '15s' : '6s'

const rows: readonly Row[] = [
  // The slowest first, as they run side by side. Wrong: 0 after 11 s, and one node of three is updated.
  {
    name: `global, update-delay ${delay}`,
    flags: ['--mode', 'global', '--constraint', 'node.role==manager', '--update-delay', delay],
    release: 'two',
    verdict: 'ok',
    after: ['two', 'two', 'two'],
    within: 270,
  },
  // Wrong: 0, and nothing serves steadily.
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
    name: 'a healthcheck that holds',
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
  // Right, and one of three replicas stays out.
  { name: 'crash, pause', release: 'crash', verdict: 'rolled-back', after: three, within: 240 },
  {
    name: 'unhealthy, pause',
    long: true,
    release: 'sick',
    verdict: 'rolled-back',
    after: three,
    within: 240,
  },
  // Wrong: 0, and the old release serves.
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
  // Wrong: 0, and nothing serves steadily.
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
  // Wrong: 0, and it crashes later than Swarm watches it.
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
    name: 'crash, not to be rolled back',
    long: true,
    flags: failing('continue'),
    release: 'crash',
    deploy: { with: { rollback: false } },
    verdict: 'broken',
    after: [],
    within: 240,
  },
  // Wrong: 0, and the other image serves.
  {
    name: 'somebody else updates it 4 s later',
    release: 'two',
    meanwhile: async ({ sh, name, field: { images } }) => {
      await sleep(4000)
      // Slipway's own update may come in between (`update out of sequence`).
      const update = `docker service update -d -q --with-registry-auth --image ${images.repository}:three ${name}`
      await sh(`for try in 1 2 3 4 5; do ${update} && break; sleep 1; done`)
    },
    verdict: 'superseded',
    underWay: true,
    after: ['three', 'three', 'three'],
    within: 240,
  },
  {
    name: 'somebody else changes its labels, 20 times, 4 at a time',
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
  // Hangs.
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
    // A job has nothing to go back to: the old one would run once more.
    verdict: 'broken',
    says: /that would run the previous job again/,
    after: [],
    within: 180,
  },
  {
    name: 'a replicated job that ends well',
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
    name: 'an update by somebody else is under way',
    long: true,
    prepare: async ({ sh, name, field: { images } }) => {
      await sh(`docker service update -d -q --with-registry-auth --image ${images.repository}:three ${name}`)
      await sleep(1500)
    },
    release: 'two',
    verdict: 'ok',
    after: ['two', 'two', 'two'],
    within: 240,
  },
  {
    name: 'rollback-to, after somebody else has updated it',
    prepare: async ground => {
      const { run, verdict } = await deploy(ground, 'two')
      if (verdict !== 'ok') throw new Error(run.log)
      const { sh, name, field: at } = ground
      await sh(`docker service update -d -q --with-registry-auth --image ${at.images.repository}:one ${name}`)
      await serves(at.swarm, name, three)
    },
    release: 'two',
    deploy: { with: { 'rollback-to': 'previous' } },
    verdict: 'ok',
    after: ['two', 'two', 'two'],
    within: 180,
  },
  {
    name: 'removed meanwhile',
    release: 'two',
    meanwhile: async ({ sh, name }) => {
      await sleep(2000)
      await sh(`docker service rm ${name}`)
    },
    verdict: 'broken',
    after: [],
    underWay: true,
    says: /removed|gone/i,
    within: 100,
  },
]

suite('one service', { concurrency: 8 }, () => {
  for (const row of rows) if (whole || row.long !== true) test(row.name, () => play(field, row))
})
