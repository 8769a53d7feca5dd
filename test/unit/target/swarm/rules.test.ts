import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseReference, type Reference } from '../../../../src/image/reference.ts'
import type { Node, SwarmFacts, SwarmService } from '../../../../src/target/swarm/facts.ts'
import {
  checkServices,
  meets,
  missingServices,
  pinServices,
  plannedServices,
  repositoryOf,
} from '../../../../src/target/swarm/rules.ts'
import {
  bareVariables,
  ignoredKeys,
  readStack,
  usedVariables,
} from '../../../../src/target/swarm/stack-file.ts'

const node = (over: Partial<Node> = {}): Node => ({
  id: 'n1',
  hostname: 'sw1',
  status: 'ready',
  availability: 'active',
  role: 'manager',
  os: 'linux',
  architecture: 'x86_64',
  labels: {},
  ...over,
})

const running = (over: Partial<SwarmService> = {}): SwarmService => ({
  name: 'shop_web',
  image: `reg.example/app:one@sha256:${'1'.repeat(64)}`,
  mode: 'replicated',
  replicas: 3,
  hostPorts: false,
  update: { order: undefined, failureAction: undefined, maxFailureRatio: 0 },
  constraints: [],
  hasHealthcheck: true,
  state: '',
  tasks: [],
  ...over,
})

const facts = (over: Partial<SwarmFacts> = {}): SwarmFacts => ({
  stack: 'shop',
  nodes: [node()],
  heartbeat: 5,
  services: [running()],
  names: ['shop_web', 'shop_db', 'other'],
  ...over,
})

const references = (...texts: string[]) => texts.map(text => parseReference(text) as Reference)
const plan = { stack: 'shop', usesJobLogin: false }

suite('a node meets', () => {
  const rows: readonly [constraint: string, expected: boolean][] = [
    ['node.role == manager', true],
    ['node.role==worker', false],
    ['node.role != worker', true],
    ['node.hostname == sw1', true],
    ['node.labels.zone == a', false],
    ['node.labels.zone != a', true],
    ['node.platform.arch == x86_64', true],
    ['engine.labels.os == any', true],
  ]
  for (const [constraint, expected] of rows)
    test(`${constraint}: ${expected}`, () => assert.equal(meets(node(), constraint), expected))
})

suite('the checks of a Swarm', () => {
  const check = (
    service: Partial<SwarmService>,
    { nodes = [node()], platforms = ['linux/amd64'], usesJobLogin = false } = {},
  ) => {
    const all = facts({ nodes, services: [running(service)] })
    return checkServices(
      plannedServices(['web'], undefined, all),
      undefined,
      all,
      { ...plan, usesJobLogin },
      platforms,
    )
  }
  const rows: readonly {
    name: string
    found: ReturnType<typeof check>
    problems?: RegExp
    warnings?: RegExp
  }[] = [
    { name: 'no problem', found: check({}) },
    {
      name: 'start-first with a host port',
      found: check({
        hostPorts: true,
        update: { order: 'start-first', failureAction: 'pause', maxFailureRatio: 0 },
      }),
      problems: /order: start-first/,
    },
    {
      name: 'no node meets its constraints',
      found: check({ constraints: ['node.role == worker'] }),
      problems: /No active node/,
    },
    {
      name: 'every node is drained',
      found: check({}, { nodes: [node({ availability: 'drain' })] }),
      problems: /No active node/,
    },
    {
      name: 'the platforms fit no node',
      found: check({}, { platforms: ['linux/arm64'] }),
      problems: /linux\/amd64/,
    },
    {
      name: 'the platforms fit one of them',
      found: check(
        {},
        { nodes: [node(), node({ id: 'n2', architecture: 'aarch64' })], platforms: ['linux/arm64'] },
      ),
    },
    {
      name: 'no replicas',
      found: check({ replicas: 0 }),
      warnings: /Slipway cannot verify the release/,
    },
    { name: 'no healthcheck', found: check({ hasHealthcheck: false }), warnings: /no healthcheck/ },
    {
      name: 'failure_action: continue',
      found: check({ update: { order: undefined, failureAction: 'continue', maxFailureRatio: 0 } }),
      warnings: /failure_action: continue/,
    },
    {
      name: 'a max_failure_ratio',
      found: check({ update: { order: undefined, failureAction: 'pause', maxFailureRatio: 0.5 } }),
      warnings: /max_failure_ratio: 0.5/,
    },
    {
      name: 'the login of the job',
      found: check({}, { usesJobLogin: true }),
      warnings: /expires with the job/,
    },
  ]
  for (const { name, found, problems, warnings } of rows)
    test(name, () => {
      const causes = found.problems.map(({ cause }) => cause)
      assert.equal(causes.length, problems === undefined ? 0 : 1, causes.join())
      if (problems !== undefined) assert.match(causes.join(), problems)
      assert.equal(found.warnings.length, warnings === undefined ? 0 : 1, found.warnings.join())
      if (warnings !== undefined) assert.match(found.warnings.join(), warnings)
    })
})

suite('the services of a Swarm', () => {
  test('that do not exist are reported, with the nearest name', () => {
    const [problem] = missingServices(['wep'], undefined, facts())
    assert.match(problem?.cause ?? '', /no service `shop_wep`/)
    assert.match(problem?.remedy ?? '', /Did you mean `web`/)
  })

  test('get the pushed image of their repository, regardless of the tag', () => {
    const planned = plannedServices(['web'], undefined, facts())
    const { pins, problems, warnings } = pinServices(planned, references('reg.example/app:v2'))
    assert.equal(pins[0]?.pushed.tag, 'v2')
    assert.deepEqual([problems, warnings], [[], []])
  })

  test('of another repository get the only pushed image, with a warning', () => {
    const { pins, warnings } = pinServices(
      plannedServices(['web'], undefined, facts()),
      references('reg.example/new:v2', 'reg.example/new:latest'),
    )
    assert.equal(pins.length, 1)
    assert.match(warnings.join(), /changes it to `reg.example\/new`/)
  })

  test('are rejected if several images are pushed and none has their repository', () => {
    const { problems } = pinServices(
      plannedServices(['web'], undefined, facts()),
      references('reg.example/a:v2', 'reg.example/b:v2'),
    )
    assert.match(problems[0]?.cause ?? '', /which this run does not push/)
  })

  test('that were scaled by hand are reset by a stack file', async () => {
    const stack = await readStack(
      'services:\n  web:\n    image: reg.example/app:latest\n    deploy:\n      replicas: 2\n',
    )
    const all = facts()
    const planned = plannedServices(['web'], stack, all)
    const { warnings } = checkServices(planned, stack, all, plan, [])
    assert.match(warnings.join(), /has 3 replicas, but the stack file declares 2/)
  })
})

suite('a stack file', () => {
  test('is parsed as docker prints it', async () => {
    const stack = await readStack(
      `version: "3.13"
services:
  web:
    deploy:
      mode: replicated
      replicas: 2
      update_config:
        order: start-first
        failure_action: rollback
        max_failure_ratio: 0.2
      placement:
        constraints:
        - node.role == worker
      restart_policy:
        condition: none
    environment:
      SECRET: x
    healthcheck:
      test: [CMD, "true"]
    image: reg.example/app:latest
    ports:
    - mode: host
      target: 80
      published: 8080
`,
    )
    assert.deepEqual(stack, [
      {
        name: 'web',
        image: 'reg.example/app:latest',
        mode: 'replicated',
        replicas: 2,
        hasHealthcheck: true,
        hostPorts: true,
        constraints: ['node.role == worker'],
        update: { order: 'start-first', failureAction: 'rollback', maxFailureRatio: 0.2 },
        oneShot: true,
      },
    ])
  })

  test('that is invalid is undefined', async () => assert.equal(await readStack('no: [stack'), undefined))

  test('has keys that Swarm ignores', async () =>
    assert.deepEqual(
      await ignoredKeys('services:\n  web:\n    build: .\n    restart: always\n    image: x\n'),
      ['web.build', 'web.restart'],
    ))

  test('has variables without a default', () =>
    assert.deepEqual(bareVariables('image: ${REPO}:${TAG:-latest}\n# $NOT\ncommand: $$no $YES ${YES}\n'), [
      'REPO',
      'YES',
    ]))

  test('has variables with a default, too', () =>
    assert.deepEqual(
      usedVariables('image: ${REPO}:${TAG:-${OLD}}\n# $NOT\ncommand: $$no ${X?must be set}\n'),
      ['REPO', 'TAG', 'OLD', 'X'],
    ))
})

suite('the repository of a rollback', () => {
  const digest = `sha256:${'1'.repeat(64)}`
  const rows = [
    { name: 'of a service that runs a digest', image: `reg.example/app:one@${digest}`, expected: 'one' },
    { name: 'of a digest without a tag', image: `reg.example/app@${digest}`, expected: undefined },
  ]
  for (const { name, image, expected } of rows)
    test(`${name} has no digest of its own`, () => {
      const [found] = repositoryOf({ name: 'web', image, declared: undefined, running: undefined })
      assert.equal(found?.digest, undefined)
      assert.equal(found?.repository, 'app')
      assert.equal(found?.tag, expected)
    })
  test('is undefined without an image', () =>
    assert.deepEqual(repositoryOf({ name: 'web', image: '', declared: undefined, running: undefined }), []))
})
