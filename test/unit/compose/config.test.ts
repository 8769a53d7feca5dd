import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { goSeconds, readComposeConfig } from '../../../src/compose/config.ts'

// As printed by `docker compose config --format json` 2.40 and `docker-compose config` 1.29.
const json = `{
  "name": "app",
  "networks": { "default": { "name": "app_default", "ipam": {} } },
  "services": {
    "migrate": { "command": null, "image": "ghcr.io/me/app:v1", "healthcheck": { "test": ["NONE"] } },
    "vpn": { "image": "vpn", "network_mode": "service:web", "healthcheck": { "disable": true } },
    "web": {
      "build": { "context": "/srv/app", "dockerfile": "Dockerfile" },
      "container_name": "front",
      "depends_on": {
        "migrate": { "condition": "service_completed_successfully", "required": true },
        "vpn": { "condition": "service_started", "required": true }
      },
      "deploy": { "replicas": 2, "resources": {}, "placement": {} },
      "environment": { "SECRET": "hunter2" },
      "healthcheck": { "test": ["CMD", "true"], "interval": "1s" },
      "image": "ghcr.io/me/app:v1",
      "platform": "linux/arm64",
      "profiles": ["app"],
      "pull_policy": "always",
      "restart": "unless-stopped",
      "stop_grace_period": "1m30s"
    }
  }
}`
const yaml = `services:
  db:
    image: postgres
    scale: 3
    depends_on: [web]
    stop_grace_period: 500ms
  web:
    build:
      context: /srv/app
    network_mode: host
version: '3.9'
`
const plain = {
  image: undefined,
  builds: false,
  pullPolicy: undefined,
  platform: undefined,
  replicas: 1,
  profiles: [],
  containerName: undefined,
  networkMode: undefined,
  restart: undefined,
  stopGracePeriod: 10,
  dependsOn: [],
  needs: {},
  mustComplete: [],
  healthcheck: undefined,
  sharesNamespaceOf: undefined,
  publishes: false,
  copies: { ports: [], writes: [], fixedAddress: false, volumesFrom: [] },
}

suite('readComposeConfig', () => {
  const table = [
    {
      name: 'JSON from v2, without its secrets',
      input: json,
      expected: {
        name: 'app',
        services: {
          migrate: { ...plain, image: 'ghcr.io/me/app:v1', healthcheck: 'none' },
          vpn: {
            ...plain,
            image: 'vpn',
            networkMode: 'service:web',
            sharesNamespaceOf: 'web',
            healthcheck: 'none',
          },
          web: {
            image: 'ghcr.io/me/app:v1',
            builds: true,
            pullPolicy: 'always',
            platform: 'linux/arm64',
            replicas: 2,
            profiles: ['app'],
            containerName: 'front',
            networkMode: undefined,
            restart: 'unless-stopped',
            stopGracePeriod: 90,
            dependsOn: ['migrate', 'vpn'],
            needs: { migrate: 'ended', vpn: 'started' },
            mustComplete: ['migrate'],
            healthcheck: 'declared',
            sharesNamespaceOf: undefined,
            publishes: false,
            copies: plain.copies,
          },
        },
      },
    },
    {
      name: 'YAML from v1',
      input: yaml,
      expected: {
        name: undefined,
        services: {
          db: {
            ...plain,
            image: 'postgres',
            replicas: 3,
            dependsOn: ['web'],
            needs: { web: 'started' },
            stopGracePeriod: 0.5,
          },
          web: { ...plain, builds: true, networkMode: 'host' },
        },
      },
    },
    { name: 'no services', input: '{"name": "app"}', expected: undefined },
    { name: 'truncated JSON', input: json.slice(0, 100), expected: undefined },
    { name: 'nothing', input: '', expected: undefined },
  ]
  for (const { name, input, expected } of table)
    test(name, async () => {
      const found = await readComposeConfig(input)
      if (expected === undefined) assert.equal(found, undefined)
      else assert.partialDeepStrictEqual(found, expected)
      assert.ok(!JSON.stringify({ found }).includes('hunter2'))
    })
})

suite('goSeconds', () => {
  const table = [
    ['10s', 10],
    ['1m30s', 90],
    ['1h0m0.5s', 3600.5],
    ['1500ms', 1.5],
    ['10', undefined],
    ['', undefined],
    ['s', undefined],
  ] as const
  for (const [input, expected] of table)
    test(input || 'nothing', () => assert.equal(goSeconds(input), expected))

  for (const [host_ip, expected] of [
    ['10.0.0.5', '10.0.0.5'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['FD00::0010', 'fd00::10'],
    ['[::1]', '::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ] as const)
    test(`an address has the form that the engine prints: ${host_ip}`, async () => {
      const ports = [{ target: 80, published: '8080', host_ip }]
      const project = await readComposeConfig(JSON.stringify({ services: { web: { ports } } }))
      const web = project?.services['web']
      assert.equal(web?.copies.ports[0]?.address, expected)
      assert.equal(web?.ports[0]?.ip, expected)
    })
})
