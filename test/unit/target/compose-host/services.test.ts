import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readComposeConfig } from '../../../../src/compose/config.ts'
import type { ProjectContainer, Unsettled } from '../../../../src/target/compose-host/containers.ts'
import type { ProjectReading } from '../../../../src/target/compose-host/project.ts'
import { servicesOf } from '../../../../src/target/compose-host/services.ts'
import type { DeployPlan } from '../../../../src/target/plan.ts'

interface Case {
  readonly name: string
  readonly web?: string
  readonly state: string
  readonly unsettled?: Unsettled
  readonly expected: boolean
}

const table: readonly Case[] = [
  { name: 'exited with 0', state: 'exited', expected: true },
  { name: 'runs', state: 'running', expected: false },
  { name: 'exited with 0, with a restart policy', web: 'restart: always', state: 'exited', expected: false },
  {
    name: 'stopped by an interrupted deploy',
    state: 'exited',
    unsettled: new Map([['web', 'lasting']]),
    expected: false,
  },
  {
    name: 'recorded as one-shot by a deploy that was interrupted while the service ran',
    state: 'running',
    unsettled: new Map([['web', 'one-shot']]),
    expected: true,
  },
  {
    name: 'started by an interrupted deploy, and exited with 0',
    state: 'exited',
    unsettled: new Map([['web', undefined]]),
    expected: true,
  },
]

suite('a one-shot service', () => {
  for (const { name, web = '', state, unsettled = new Map(), expected } of table)
    test(name, async () => {
      const config = await readComposeConfig(`services:\n  web:\n    image: app\n    ${web}\n`)
      const reading = { config, templates: {}, hashes: {} } as unknown as ProjectReading
      const containers = [{ service: 'web', state, exitCode: 0 } as ProjectContainer]
      const plan = { services: ['web'] } as unknown as DeployPlan
      assert.equal(servicesOf(reading, { containers, unsettled }, plan)[0]?.oneShot, expected)
    })
})
