import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { checkedLine } from '../../../src/report/checked.ts'
import { server, service } from '../target/compose-host/preflight/facts.ts'

const build = { when: 'always', result: { kind: 'push' } }
const deploy = { services: ['web'], ssh: { hostKey: { kind: 'known-hosts' } } }
const reachable = {
  facts: server({ tools: { freeBytes: 70e9, engineVersion: '26.1.5', composeVersion: '2.26.1' } }),
}

suite('checkedLine', () => {
  const table = [
    {
      name: 'build, push and deploy',
      plan: { build, deploy, retag: true },
      resources: { publisher: {}, server: reachable },
      expected: '✓ push allowed  ✓ host key  ✓ engine 26.1, Compose 2.26  ✓ service web  ✓ 70.0 GB free',
    },
    {
      name: 'push only',
      plan: { build, retag: true },
      resources: { publisher: {} },
      expected: '✓ push allowed',
    },
    {
      name: 'a rollback of several services, without a check of the host key',
      plan: {
        build,
        retag: false,
        deploy: { services: ['web', 'api'], ssh: { hostKey: { kind: 'insecure' } } },
      },
      resources: {
        server: {
          facts: server({ tools: { freeBytes: undefined }, services: [service('web'), service('api')] }),
        },
      },
      expected: '✓ engine 28.5, Compose 2.40  ✓ services web, api',
    },
  ]
  for (const { name, plan, resources, expected } of table)
    test(name, () => assert.equal(checkedLine(plan as never, resources as never), expected))
})
