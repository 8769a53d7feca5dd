import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { noFindings } from '../../../../src/core/findings.ts'
import { type InputName, type Inputs, inputNames } from '../../../../src/inputs/inputs.ts'
import { fullName, planSwarm, stateName, steadyFor } from '../../../../src/target/swarm-plan.ts'

type Given = Readonly<Partial<Record<InputName, string>>>

function plan(given: Given) {
  const findings = noFindings()
  const inputs = Object.fromEntries(inputNames.map(name => [name, given[name] ?? ''])) as Inputs
  return { plan: planSwarm(inputs, findings), wrong: findings.problems.map(({ input }) => input) }
}

suite('a Swarm is selected', () => {
  const rows: readonly { name: string; input: Given; expected: ReturnType<typeof plan> }[] = [
    {
      name: 'not without `stack` and `swarm`',
      input: { strategy: 'relay' },
      expected: { plan: undefined, wrong: [] },
    },
    {
      name: 'not with `swarm: false`',
      input: { swarm: 'false' },
      expected: { plan: undefined, wrong: [] },
    },
    {
      name: 'by a stack',
      input: { stack: 'shop' },
      expected: { plan: { stack: 'shop', usesJobLogin: true }, wrong: [] },
    },
    {
      name: 'by `swarm: true`, with the defaults of action.yml',
      input: { swarm: 'true', strategy: 'recreate', drain: '10' },
      expected: { plan: { stack: undefined, usesJobLogin: true }, wrong: [] },
    },
    {
      name: 'with a separate login, or none',
      input: { stack: 'shop', 'server-registry-password': 'pw' },
      expected: { plan: { stack: 'shop', usesJobLogin: false }, wrong: [] },
    },
    {
      name: 'and deselected, which is a problem',
      input: { stack: 'shop', swarm: 'false' },
      expected: { plan: { stack: 'shop', usesJobLogin: true }, wrong: ['swarm'] },
    },
    {
      name: 'with an invalid name',
      input: { stack: 'my shop' },
      expected: { plan: { stack: 'my shop', usesJobLogin: true }, wrong: ['stack'] },
    },
    {
      name: 'with files but no stack',
      input: { swarm: 'true', 'compose-files': 'stack.yml' },
      expected: { plan: { stack: undefined, usesJobLogin: true }, wrong: ['compose-files'] },
    },
    {
      name: 'with all unsupported inputs, which are reported together',
      input: {
        stack: 'shop',
        strategy: 'relay',
        drain: '30s',
        withdraw: 'none',
        'proxy-reload': 'true',
        overlap: 'data',
        'project-name': 'x',
        'compose-env-files': '.env.x',
        'run-before': 'web migrate',
        'run-after': 'web x',
        'exec-before': 'web x',
        'exec-after': 'web x',
      },
      expected: {
        plan: { stack: 'shop', usesJobLogin: true },
        wrong: [
          'strategy',
          'drain',
          'withdraw',
          'proxy-reload',
          'overlap',
          'compose-env-files',
          'project-name',
          'run-before',
          'run-after',
          'exec-before',
          'exec-after',
        ],
      },
    },
  ]
  for (const { name, input, expected } of rows) test(name, () => assert.deepEqual(plan(input), expected))

  test('its state directory has a name that no Compose project can have', () => {
    assert.equal(stateName({ stack: 'shop' }), 'stack.shop')
    assert.equal(stateName({ stack: undefined }), 'swarm.services')
    assert.equal(fullName({ stack: 'shop' }, 'web'), 'shop_web')
    assert.equal(fullName({ stack: undefined }, 'web'), 'web')
  })
})

suite('all tasks must stay up', () => {
  const swarm = (nodes: number, heartbeat: number) => ({ nodes: Array<unknown>(nodes).fill({}), heartbeat })
  const rows = [
    { name: 'for `stability` on one server', input: undefined, expected: 10 },
    { name: 'for `stability` on a single node', input: swarm(1, 5), expected: 10 },
    { name: 'for three heartbeats and 2 s on several nodes', input: swarm(2, 5), expected: 17 },
    { name: 'for `stability` with short heartbeats', input: swarm(3, 1), expected: 10 },
  ]
  for (const { name, input, expected } of rows) test(name, () => assert.equal(steadyFor(10, input), expected))
})
