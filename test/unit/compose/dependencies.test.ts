import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readComposeConfig } from '../../../src/compose/config.ts'
import { startOrder } from '../../../src/compose/dependencies.ts'
import { splitWords } from '../../../src/payload/words.ts'

describe('startOrder', () => {
  const after = (...names: string[]) => ({ depends_on: names })
  const table = [
    { name: 'no dependencies', services: { web: {} }, planned: ['web'], dependencies: [], waves: [['web']] },
    {
      name: 'an optional dependency with an inactive profile',
      services: {
        web: { depends_on: { db: { condition: 'service_healthy', required: false } } },
        db: { profiles: ['mysql'] },
      },
      planned: ['web'],
      dependencies: [],
      waves: [['web']],
    },
    {
      name: 'an optional dependency that is enabled',
      services: { web: { depends_on: { db: { condition: 'service_healthy', required: false } } }, db: {} },
      planned: ['web'],
      dependencies: ['db healthy'],
      waves: [['web']],
    },
    {
      name: 'a chain of dependencies',
      services: { web: after('api'), api: after('db'), db: {} },
      planned: ['web'],
      dependencies: ['api started', 'db started'],
      waves: [['web']],
    },
    {
      name: 'a dependency between deployed services',
      services: { web: after('worker'), worker: {}, other: {} },
      planned: ['web', 'worker', 'other'],
      dependencies: [],
      waves: [['worker', 'other'], ['web']],
    },
    {
      name: 'a dependency between deployed services through a third one',
      services: { web: after('db'), db: after('worker'), worker: {} },
      planned: ['web', 'worker'],
      dependencies: ['db started'],
      waves: [['worker'], ['web']],
    },
    {
      name: 'conditions',
      services: {
        web: {
          depends_on: {
            db: { condition: 'service_healthy' },
            job: { condition: 'service_completed_successfully' },
          },
        },
        db: {},
        job: {},
      },
      planned: ['web'],
      dependencies: ['db healthy', 'job ended'],
      waves: [['web']],
    },
    {
      name: 'a one-shot that is deployed without the service that waits for it',
      services: { web: { depends_on: { job: { condition: 'service_completed_successfully' } } }, job: {} },
      planned: ['job'],
      dependencies: [],
      waves: [['job ended']],
    },
    {
      name: 'a one-shot for which only a service with an inactive profile waits',
      services: {
        web: { profiles: ['x'], depends_on: { job: { condition: 'service_completed_successfully' } } },
        job: {},
      },
      planned: ['job'],
      dependencies: [],
      waves: [['job']],
    },
    {
      name: 'a cycle, which Compose rejects',
      services: { web: after('api'), api: after('web') },
      planned: ['web'],
      dependencies: ['api started'],
      waves: [['web']],
    },
  ]
  for (const { name, services, planned, dependencies, waves } of table) {
    it(name, async () => {
      const config = await readComposeConfig(JSON.stringify({ services }))
      assert.ok(config)
      const order = startOrder(config, planned)
      assert.deepEqual(
        {
          dependencies: order.dependencies.map(each => `${each.name} ${each.condition}`),
          waves: order.waves.map(wave =>
            wave.map(({ name, condition }) => (condition === 'ended' ? `${name} ended` : name)),
          ),
        },
        { dependencies, waves },
      )
    })
  }
})

describe('splitWords', () => {
  const table = [
    { input: 'web bin/migrate --all', expected: ['web', 'bin/migrate', '--all'] },
    { input: `sh -c 'a "b"' "c 'd' \\"e\\" \\$f \\n"`, expected: ['sh', '-c', 'a "b"', `c 'd' "e" $f \\n`] },
    { input: `a''b "" \\ c`, expected: ['ab', '', ' c'] },
    { input: '  ', expected: [] },
    { input: `a 'b`, expected: undefined },
    { input: 'a "b', expected: undefined },
  ]
  for (const { input, expected } of table) it(input, () => assert.deepEqual(splitWords(input), expected))
})
