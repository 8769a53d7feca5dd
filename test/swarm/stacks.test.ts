import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openFixture } from './fixture.ts'
import { long } from './service-case.ts'
import { containersOfStack, pagesOfStack, runStackCase, type StackCase, stackFile } from './stack.ts'

// A deploy of a stack updates all of its services or none. Docker's own client exits with 0 if one of them was rolled
// back, and never returns if a service never starts.

const fixture = await openFixture()
const rolling = ['update_config: {failure_action: rollback}']

const cases: readonly StackCase[] = [
  // The slowest case comes first, because the cases run concurrently. Never returns.
  {
    name: 'more memory than any node has',
    first: project => stackFile(project, { web: {} }),
    before: { web: ['one', 'one'] },
    file: project => stackFile(project, { web: { deploy: ['resources: {reservations: {memory: 9000G}}'] } }),
    release: 'two',
    deploy: { with: { 'wait-timeout': 12 } },
    verdict: ['refused', 'rolled-back'],
    after: { web: ['one', 'one'] },
    within: 360,
  },
  // Wrong: exits with 0.
  {
    name: 'one of three services fails after the others were updated',
    first: project =>
      stackFile(project, {
        web: {},
        api: { release: 'one', deploy: rolling },
        job: { release: 'three', replicas: 1 },
      }),
    before: { web: ['one', 'one'], api: ['one', 'one'], job: ['three'] },
    file: project =>
      stackFile(project, {
        web: {},
        api: { release: 'crash', deploy: rolling },
        job: { release: 'two', replicas: 1 },
      }),
    release: 'two',
    verdict: 'rolled-back',
    after: { api: ['one', 'one'], job: ['three'], web: ['one', 'one'] },
    within: 300,
  },
  {
    name: 'a stack: success',
    first: project =>
      stackFile(
        project,
        {
          web: { more: ['environment: ["SIZE=${limit:-none}", "TAG=${DOCKER_TAG:-none}"]'] },
          other: { release: 'three', replicas: 1 },
        },
        { overlay: true },
      ),
    files: { '.env': 'limit=50M\nDOCKER_TAG=1.2\n' },
    before: { web: ['one', 'one'], other: ['three'] },
    release: 'two',
    verdict: 'ok',
    after: { other: ['three'], web: ['two', 'two'] },
    within: 180,
    // A plain deploy by hand afterwards, with the pins and without.
    async afterwards(project) {
      const format = '{{json .Spec.TaskTemplate.ContainerSpec.Env}}'
      const env = await project.sh(`docker service inspect --format '${format}' ${project.name}_web`)
      assert.deepEqual(JSON.parse(env), ['SIZE=50M', 'TAG=1.2'])
      const deploy = 'set -a; . ./.env; docker stack deploy --detach=true --with-registry-auth -c stack.yaml'
      const containers = await containersOfStack(project)
      const pins = await project.sh('ls -d .slipway/*/pins.yaml')
      await project.sh(`${deploy} -c ${pins} ${project.name}`)
      await new Promise(resolve => setTimeout(resolve, 5000))
      assert.deepEqual(await containersOfStack(project), containers, 'with the pins, nothing changes')
      await project.sh(`${deploy} ${project.name}`)
      await new Promise(resolve => setTimeout(resolve, 15_000))
      assert.deepEqual(await pagesOfStack(project), { other: ['three'], web: ['two', 'two'] })
    },
  },
  // Wrong: exits with 0.
  {
    name: 'one of two services rolls back',
    long: true,
    first: project =>
      stackFile(project, { web: { deploy: rolling }, other: { release: 'three', replicas: 1 } }),
    before: { web: ['one', 'one'], other: ['three'] },
    release: 'crash',
    verdict: 'rolled-back',
    after: { other: ['three'], web: ['one', 'one'] },
    within: 270,
  },
  {
    name: 'a new service of the stack fails',
    long: true,
    first: project => stackFile(project, { web: {} }),
    before: { web: ['one', 'one'] },
    file: project => stackFile(project, { web: {}, late: { release: 'crash', replicas: 1 } }),
    release: 'two',
    verdict: 'rolled-back',
    after: { web: ['one', 'one'] },
    within: 270,
  },
  // Never returns.
  {
    name: 'a first deploy that crashes',
    file: project => stackFile(project, { web: {} }),
    release: 'crash',
    verdict: 'removed',
    after: {},
    within: 240,
  },
  {
    name: 'a first deploy',
    long: true,
    file: project => stackFile(project, { web: {} }),
    release: 'one',
    verdict: 'ok',
    after: { web: ['one', 'one'] },
    within: 180,
  },
  {
    name: 'a missing tag',
    first: project => stackFile(project, { web: {}, other: { release: 'three', replicas: 1 } }),
    before: { web: ['one', 'one'], other: ['three'] },
    file: project => stackFile(project, { web: {}, other: { release: 'nowhere', replicas: 1 } }),
    release: 'two',
    verdict: ['refused', 'unchanged', 'rolled-back'],
    after: { other: ['three'], web: ['one', 'one'] },
    within: 270,
  },
  {
    name: 'a one-shot service',
    long: true,
    first: project =>
      stackFile(project, {
        web: {},
        once: { release: 'done', replicas: 1, deploy: ['restart_policy: {condition: none}'] },
      }),
    before: { web: ['one', 'one'], once: [] },
    release: 'two',
    verdict: 'ok',
    after: { once: [], web: ['two', 'two'] },
    within: 240,
  },
  {
    name: 'a constraint that no node meets',
    first: project => stackFile(project, { web: {} }),
    before: { web: ['one', 'one'] },
    file: project =>
      stackFile(project, { web: { deploy: ['placement: {constraints: ["node.labels.no == such"]}'] } }),
    release: 'two',
    verdict: ['refused', 'rolled-back'],
    after: { web: ['one', 'one'] },
    within: 360,
  },
  {
    name: 'start-first with a host-mode port',
    first: project =>
      stackFile(project, {
        web: { more: [`ports: [{mode: host, target: 8080, published: ${project.port}}]`] },
      }),
    before: { web: ['one', 'one'] },
    file: project =>
      stackFile(project, {
        web: {
          more: [`ports: [{mode: host, target: 8080, published: ${project.port}}]`],
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
  // Right: exits with 1 and changes nothing.
  {
    name: 'a changed config under the same name',
    first: project =>
      stackFile(
        project,
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
  for (const each of cases) if (long || each.long !== true) test(each.name, () => runStackCase(fixture, each))
})
