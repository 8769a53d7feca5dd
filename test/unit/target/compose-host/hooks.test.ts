import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingHooks, warnOfHooks } from '../../../../src/target/compose-host/services.ts'

const service = (image: string | undefined) => ({ image })
const reading = {
  config: { services: { web: service('app:latest'), migrate: service('app:latest'), db: service('pg:16') } },
} as unknown as Parameters<typeof missingHooks>[0]
const planOf = (before: readonly string[], after: readonly string[] = []) =>
  ({
    services: ['web'],
    payload: {
      hooks: {
        runBefore: before.map(name => ({ service: name, options: [], command: ['x'] })),
        runAfter: after.map(name => ({ service: name, options: [], command: ['x'] })),
        execBefore: [],
        execAfter: [],
      },
    },
  }) as unknown as Parameters<typeof missingHooks>[1]

test('a command for an undeclared service is a problem before the build', () => {
  const [problem, ...more] = missingHooks(reading, planOf(['web'], ['wbe']))
  assert.deepEqual([problem?.input, more], ['run-after', []])
  assert.match(`${problem?.cause} ${problem?.remedy}`, /`wbe`.*does not have.*`web`, `migrate`, `db`/)
})

test('a command that runs in another image than the deployed one causes a warning with that image', () => {
  assert.deepEqual(warnOfHooks(reading, planOf(['web', 'migrate'])), [])
  assert.deepEqual(warnOfHooks(reading, planOf(['db', 'none'])), [
    '`run-before` runs in `pg:16`, the image of `db`, which this run does not deploy.',
  ])
})
