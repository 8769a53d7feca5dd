import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openField } from './field.ts'
import { whole } from './row.ts'
import { containersOfStack, pagesOfStack, playStack, type StackRow, stackFile } from './stack.ts'

// A stack: all of its services or none. Docker's own client says 0 where one of them has been rolled back, and waits
// for ever for what never comes up.

const field = await openField()
const rolling = ['update_config: {failure_action: rollback}']

const rows: readonly StackRow[] = [
  // The slowest first, as they run side by side. Hangs.
  {
    name: 'more memory than any node has',
    first: ground => stackFile(ground, { web: {} }),
    before: { web: ['one', 'one'] },
    file: ground => stackFile(ground, { web: { deploy: ['resources: {reservations: {memory: 9000G}}'] } }),
    release: 'two',
    deploy: { with: { 'wait-timeout': 12 } },
    verdict: ['refused', 'rolled-back'],
    after: { web: ['one', 'one'] },
    within: 360,
  },
  // Wrong: 0.
  {
    name: 'one of three fails, and the others had been updated',
    first: ground =>
      stackFile(ground, {
        web: {},
        api: { kind: 'one', deploy: rolling },
        job: { kind: 'three', replicas: 1 },
      }),
    before: { web: ['one', 'one'], api: ['one', 'one'], job: ['three'] },
    file: ground =>
      stackFile(ground, {
        web: {},
        api: { kind: 'crash', deploy: rolling },
        job: { kind: 'two', replicas: 1 },
      }),
    release: 'two',
    verdict: 'rolled-back',
    after: { api: ['one', 'one'], job: ['three'], web: ['one', 'one'] },
    within: 300,
  },
  {
    name: 'a stack: success',
    first: ground => stackFile(ground, { web: {}, other: { kind: 'three', replicas: 1 } }, { overlay: true }),
    before: { web: ['one', 'one'], other: ['three'] },
    release: 'two',
    verdict: 'ok',
    after: { other: ['three'], web: ['two', 'two'] },
    within: 180,
    // What a plain deploy by hand does afterwards, with the pins and without.
    async afterwards(ground) {
      const containers = await containersOfStack(ground)
      const pins = await ground.sh('ls -d .slipway/*/pins.yaml')
      await ground.sh(
        `docker stack deploy --detach=true --with-registry-auth -c stack.yaml -c ${pins} ${ground.name}`,
      )
      await new Promise(resolve => setTimeout(resolve, 5000))
      assert.deepEqual(await containersOfStack(ground), containers, 'with its pins, it is left as it is')
      await ground.sh(`docker stack deploy --detach=true --with-registry-auth -c stack.yaml ${ground.name}`)
      await new Promise(resolve => setTimeout(resolve, 15_000))
      assert.deepEqual(await pagesOfStack(ground), { other: ['three'], web: ['two', 'two'] })
    },
  },
  // Wrong: 0.
  {
    name: 'one of two rolls back',
    long: true,
    first: ground => stackFile(ground, { web: { deploy: rolling }, other: { kind: 'three', replicas: 1 } }),
    before: { web: ['one', 'one'], other: ['three'] },
    release: 'crash',
    verdict: 'rolled-back',
    after: { other: ['three'], web: ['one', 'one'] },
    within: 270,
  },
  {
    name: 'a new service of a stack fails',
    long: true,
    first: ground => stackFile(ground, { web: {} }),
    before: { web: ['one', 'one'] },
    file: ground => stackFile(ground, { web: {}, late: { kind: 'crash', replicas: 1 } }),
    release: 'two',
    verdict: 'rolled-back',
    after: { web: ['one', 'one'] },
    within: 270,
  },
  // Hangs.
  {
    name: 'a first deploy that crashes',
    file: ground => stackFile(ground, { web: {} }),
    release: 'crash',
    verdict: 'removed',
    after: {},
    within: 240,
  },
  {
    name: 'a first deploy',
    long: true,
    file: ground => stackFile(ground, { web: {} }),
    release: 'one',
    verdict: 'ok',
    after: { web: ['one', 'one'] },
    within: 180,
  },
  {
    name: 'a missing tag',
    first: ground => stackFile(ground, { web: {}, other: { kind: 'three', replicas: 1 } }),
    before: { web: ['one', 'one'], other: ['three'] },
    file: ground => stackFile(ground, { web: {}, other: { kind: 'nowhere', replicas: 1 } }),
    release: 'two',
    verdict: ['refused', 'unchanged', 'rolled-back'],
    after: { other: ['three'], web: ['one', 'one'] },
    within: 270,
  },
  {
    name: 'a one-shot service',
    long: true,
    first: ground =>
      stackFile(ground, {
        web: {},
        once: { kind: 'done', replicas: 1, deploy: ['restart_policy: {condition: none}'] },
      }),
    before: { web: ['one', 'one'], once: [] },
    release: 'two',
    verdict: 'ok',
    after: { once: [], web: ['two', 'two'] },
    within: 240,
  },
  {
    name: 'a constraint that nobody meets',
    first: ground => stackFile(ground, { web: {} }),
    before: { web: ['one', 'one'] },
    file: ground =>
      stackFile(ground, { web: { deploy: ['placement: {constraints: ["node.labels.no == such"]}'] } }),
    release: 'two',
    verdict: ['refused', 'rolled-back'],
    after: { web: ['one', 'one'] },
    within: 360,
  },
  {
    name: 'start-first with a host-mode port',
    first: ground =>
      stackFile(ground, {
        web: { more: [`ports: [{mode: host, target: 8080, published: ${ground.port}}]`] },
      }),
    before: { web: ['one', 'one'] },
    file: ground =>
      stackFile(ground, {
        web: {
          more: [`ports: [{mode: host, target: 8080, published: ${ground.port}}]`],
          deploy: ['update_config: {order: start-first}'],
        },
      }),
    release: 'two',
    verdict: 'refused',
    after: { web: ['one', 'one'] },
    untouched: true,
    says: /start-first/,
    within: 100,
  },
  // Right: 1, and nothing is touched.
  {
    name: 'a changed config under the same name',
    first: ground =>
      stackFile(
        ground,
        { web: { more: ['configs: [settings]'] } },
        { rest: 'configs: {settings: {file: ./settings}}\n' },
      ),
    files: { settings: 'first\n' },
    before: { web: ['one', 'one'] },
    prepare: ({ write }) => write('settings', 'changed\n'),
    release: 'two',
    verdict: ['refused', 'unchanged'],
    after: { web: ['one', 'one'] },
    untouched: true,
    within: 100,
  },
]

suite('a stack', { concurrency: 8 }, () => {
  for (const row of rows) if (whole || row.long !== true) test(row.name, () => playStack(field, row))
})
