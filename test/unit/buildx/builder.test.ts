import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BuilderChoice, chooseBuilder } from '../../../src/buildx/builder.ts'
import {
  createCommands,
  readDriver,
  readPlatforms,
  removeCommand,
  withRegistryAccess,
} from '../../../src/buildx/create.ts'
import type { Docker } from '../../../src/docker/docker.ts'
import { type Given, planned } from './planned.ts'

const containerd: Docker = {
  engineVersion: '28.5.2',
  buildxVersion: '0.29.1',
  imageStore: 'containerd',
  platform: 'linux/amd64',
  rootless: false,
  context: 'default',
  insecure: { hosts: [], cidrs: [] },
}
const classic: Docker = { ...containerd, imageStore: 'classic' }
const old: Docker = { ...containerd, buildxVersion: '0.13.1' }

const two = { platforms: 'linux/amd64,linux/arm64' }
const bare = { provenance: 'false' }

type Expected = 'engine' | RegExp | Exclude<BuilderChoice, { kind: 'new' }>

const choices: readonly { name: string; docker: Docker; given: Given; expected: Expected }[] = [
  { name: 'two platforms with the containerd store', docker: containerd, given: two, expected: 'engine' },
  {
    name: 'two platforms with the classic store',
    docker: classic,
    given: { ...two, ...bare },
    expected: /one platform/,
  },
  { name: 'attestations with the classic store', docker: classic, given: {}, expected: /attestations/ },
  { name: 'one platform without attestations', docker: classic, given: bare, expected: 'engine' },
  { name: 'a loaded image', docker: classic, given: { load: 'true' }, expected: 'engine' },
  { name: 'a cache export', docker: classic, given: { ...bare, 'cache-to': 'type=gha' }, expected: /cache/ },
  {
    name: 'an inline cache',
    docker: classic,
    given: { ...bare, 'cache-to': 'type=inline' },
    expected: 'engine',
  },
  {
    name: 'a cache import',
    docker: classic,
    given: { ...bare, 'cache-from': 'type=gha' },
    expected: 'engine',
  },
  {
    name: 'an OCI archive',
    docker: classic,
    given: { ...bare, outputs: 'type=oci,dest=x' },
    expected: /archive/,
  },
  {
    name: 'an archive of the image',
    docker: classic,
    given: { ...bare, outputs: 'type=docker,dest=x' },
    expected: /archive/,
  },
  {
    name: 'an archive of the image',
    docker: containerd,
    given: { outputs: 'type=docker,dest=x' },
    expected: 'engine',
  },
  ...[
    'compression=zstd',
    'compression-level=9',
    'force-compression=true',
    'oci-mediatypes=true',
    'annotation.a=b',
    'annotation-index.a=b',
  ].flatMap(option => [
    {
      name: `${option} with the classic store`,
      docker: classic,
      given: { ...bare, outputs: `type=image,${option},push=true` },
      expected: /compressed or annotated/,
    },
    {
      name: option,
      docker: containerd,
      given: { ...bare, outputs: `type=image,${option},push=true` },
      expected: 'engine' as const,
    },
  ]),
  {
    name: 'annotations',
    docker: classic,
    given: { ...bare, annotations: 'a=b' },
    expected: /compressed or annotated/,
  },
  {
    name: 'annotations of an image that is only loaded',
    docker: classic,
    given: { ...bare, annotations: 'a=b', load: 'true' },
    expected: 'engine',
  },
  { name: 'annotations', docker: containerd, given: { annotations: 'a=b' }, expected: 'engine' },
  ...['compression=gzip', 'force-compression=false', 'oci-mediatypes=false'].map(option => ({
    name: `${option}, which is so anyway`,
    docker: classic,
    given: { ...bare, outputs: `type=image,${option},push=true` },
    expected: 'engine' as const,
  })),
  ...[containerd, classic].flatMap(docker => [
    {
      name: 'a push by digest',
      docker,
      given: { ...bare, image: 'a.example/b', outputs: 'type=image,push-by-digest=true,push=true' },
      expected: /by its digest/,
    },
    {
      name: 'an output by digest that `push: true` pushes',
      docker,
      given: { ...bare, image: 'a.example/b', push: 'true', outputs: 'type=image,push-by-digest=true' },
      expected: /by its digest/,
    },
    ...['type=image,push=true', 'type=registry', 'type=docker'].map(output => ({
      name: `rewritten timestamps in ${output}`,
      docker,
      given: { ...bare, outputs: `${output},rewrite-timestamp=true` },
      expected: /timestamps/,
    })),
    {
      name: 'timestamps that are not rewritten',
      docker,
      given: { ...bare, outputs: 'type=registry,rewrite-timestamp=false' },
      expected: 'engine' as const,
    },
    {
      name: 'a push with `load`',
      docker,
      given: { push: 'true', load: 'true' },
      expected: 'engine' as const,
    },
    {
      name: 'two image exporters, which the engine would store under one name',
      docker,
      given: { ...bare, outputs: 'type=image,push=true\ntype=docker' },
      expected: /once/,
    },
    {
      name: 'a push, and an output that loads the image',
      docker,
      given: { ...bare, push: 'true', outputs: 'type=docker' },
      expected: /once/,
    },
    {
      name: 'an image that is loaded into another engine',
      docker,
      given: { ...bare, outputs: 'type=docker,context=other' },
      expected: /into another engine/,
    },
    {
      name: 'an image that is loaded into this engine by name',
      docker,
      given: { ...bare, outputs: 'type=docker,context=default' },
      expected: 'engine' as const,
    },
    {
      name: 'two results',
      docker,
      given: { ...bare, outputs: 'type=image,push=true\ntype=local,dest=out' },
      expected: 'engine' as const,
    },
    {
      name: 'two results of an old engine',
      docker: { ...docker, engineVersion: '25.0.5' },
      given: { ...bare, outputs: 'type=image,push=true\ntype=local,dest=out' },
      expected: /before 26/,
    },
    {
      name: 'one result of an old engine',
      docker: { ...docker, engineVersion: '25.0.5' },
      given: { ...bare, push: 'true', load: 'true' },
      expected: 'engine' as const,
    },
    {
      name: 'the GitHub Actions cache with an engine that supports only the first version of the service',
      docker: { ...docker, engineVersion: '27.5.1' },
      given: { ...bare, 'cache-from': 'type=gha' },
      expected: /before 28/,
    },
  ]),
  {
    name: 'an image that is pushed but not stored, with an old buildx',
    docker: old,
    given: { ...bare, outputs: 'type=image,store=false,push=true' },
    expected: /only images that the engine stores/,
  },
  {
    name: 'an image that is pushed but not stored',
    docker: containerd,
    given: { ...bare, outputs: 'type=image,store=false,push=true' },
    expected: 'engine',
  },
  { name: 'files', docker: classic, given: { ...bare, outputs: 'type=local,dest=x' }, expected: 'engine' },
  { name: 'a call', docker: classic, given: { call: 'check' }, expected: 'engine' },
  { name: 'the double push of two platforms', docker: old, given: { ...two, ...bare }, expected: /0\.22/ },
  { name: 'the double push of an attested image', docker: old, given: {}, expected: /0\.22/ },
  { name: 'a single manifest, which may be pushed twice', docker: old, given: bare, expected: 'engine' },
  {
    name: 'an old buildx that does not push',
    docker: old,
    given: { ...two, push: 'false' },
    expected: 'engine',
  },
  {
    name: 'an insecure entitlement',
    docker: containerd,
    given: { allow: 'security.insecure' },
    expected: /insecure/,
  },
  { name: 'the host network', docker: containerd, given: { allow: 'network.host' }, expected: 'engine' },
  {
    name: 'a cache in S3',
    docker: containerd,
    given: { 'cache-from': 'type=s3,bucket=x' },
    expected: /cache/,
  },
  {
    name: 'a named builder',
    docker: containerd,
    given: { builder: 'mine' },
    expected: { kind: 'named', name: 'mine' },
  },
  {
    name: "the engine's builder by name",
    docker: classic,
    given: { builder: 'default', ...two },
    expected: 'engine',
  },
  {
    name: "the engine's builder by driver",
    docker: classic,
    given: { driver: 'docker', ...two },
    expected: 'engine',
  },
  {
    name: 'a driver',
    docker: containerd,
    given: { driver: 'docker-container' },
    expected: /`driver: docker-container`/,
  },
  { name: 'an endpoint', docker: containerd, given: { endpoint: 'ssh://a' }, expected: /other machines/ },
  {
    name: 'a node',
    docker: containerd,
    given: { append: '- endpoint: ssh://a' },
    expected: /other machines/,
  },
  { name: 'options', docker: containerd, given: { 'driver-opts': 'network=host' }, expected: /driver-opts/ },
  {
    name: 'a configuration',
    docker: containerd,
    given: { 'buildkitd-config-inline': 'debug = true' },
    expected: /configured/,
  },
]

for (const { name, docker, given, expected } of choices) {
  test(`builder for ${name} (${docker.imageStore})`, async () => {
    const choice = chooseBuilder(docker, (await planned(given)).plan)
    if (!(expected instanceof RegExp))
      return assert.deepEqual(choice, expected === 'engine' ? { kind: expected } : expected)
    assert.equal(choice.kind, 'new')
    assert.match(choice.why, expected)
  })
}

const newBuilder = {
  name: 'mine',
  driver: 'docker-container',
  configFile: undefined,
  buildxVersion: '0.29.1',
} as const
const start = ['buildx', 'create', '--bootstrap', '--name', 'mine', '--driver', 'docker-container']

const creations: readonly {
  name: string
  given: Given
  with?: object
  expected: readonly (readonly string[])[]
}[] = [
  { name: 'only a name', given: {}, expected: [start] },
  {
    name: 'options',
    given: { 'driver-opts': 'image=x\nnetwork=host' },
    expected: [[...start, '--driver-opt', 'image=x', '--driver-opt', 'network=host']],
  },
  {
    name: 'flags',
    given: { 'buildkitd-flags': '--debug' },
    expected: [[...start, '--buildkitd-flags', '--debug']],
  },
  {
    name: 'only the entitlements that the build needs',
    given: { allow: 'security.insecure', network: 'host' },
    expected: [
      [
        ...start,
        '--buildkitd-flags',
        '--allow-insecure-entitlement network.host --allow-insecure-entitlement security.insecure',
      ],
    ],
  },
  {
    name: 'a configuration',
    given: {},
    with: { configFile: '/private/buildkitd.toml' },
    expected: [[...start, '--buildkitd-config', '/private/buildkitd.toml']],
  },
  {
    name: 'a configuration, with an old buildx',
    given: {},
    with: { configFile: '/private/buildkitd.toml', buildxVersion: '0.12.1' },
    expected: [[...start, '--config', '/private/buildkitd.toml']],
  },
  {
    name: 'nodes; the last command boots the builder',
    given: {
      endpoint: 'ssh://amd',
      append:
        '- endpoint: ssh://arm\n  name: arm\n  platforms: linux/arm64\n  driver-opts: network=host\n  buildkitd-flags: --debug',
    },
    expected: [
      ['buildx', 'create', '--name', 'mine', '--driver', 'docker-container', 'ssh://amd'],
      [
        ...['buildx', 'create', '--bootstrap', '--name', 'mine', '--append', '--node', 'arm'],
        ...['--platform', 'linux/arm64', '--driver-opt', 'network=host', '--buildkitd-flags', '--debug'],
        'ssh://arm',
      ],
    ],
  },
  {
    name: 'nodes with the same entitlements and configuration',
    given: { allow: 'security.insecure', append: '- endpoint: ssh://arm' },
    with: { configFile: '/private/buildkitd.toml' },
    expected: [
      [
        ...['buildx', 'create', '--name', 'mine', '--driver', 'docker-container'],
        ...['--buildkitd-flags', '--allow-insecure-entitlement security.insecure'],
        ...['--buildkitd-config', '/private/buildkitd.toml'],
      ],
      [
        ...['buildx', 'create', '--bootstrap', '--name', 'mine', '--append'],
        ...['--buildkitd-flags', '--allow-insecure-entitlement security.insecure'],
        ...['--buildkitd-config', '/private/buildkitd.toml', 'ssh://arm'],
      ],
    ],
  },
  {
    name: 'a remote buildkitd, which gets no flags and no configuration',
    given: {
      driver: 'remote',
      endpoint: 'tcp://a:1234',
      'buildkitd-flags': '--debug',
      'driver-opts': 'cacert=x',
    },
    with: { driver: 'remote', configFile: '/private/buildkitd.toml' },
    expected: [
      [
        'buildx',
        'create',
        '--bootstrap',
        '--name',
        'mine',
        '--driver',
        'remote',
        '--driver-opt',
        'cacert=x',
        'tcp://a:1234',
      ],
    ],
  },
]

for (const { name, given, with: others, expected } of creations) {
  test(`create: ${name}`, async () => {
    const commands = createCommands((await planned(given)).plan, { ...newBuilder, ...others })
    assert.deepEqual(
      commands.map(({ args }) => args),
      expected,
    )
  })
}

test('removing a builder removes or keeps its cache', () => {
  assert.deepEqual(removeCommand('mine', false).args, ['buildx', 'rm', '--force', 'mine'])
  assert.deepEqual(removeCommand('mine', true).args, ['buildx', 'rm', '--force', '--keep-state', 'mine'])
})

/** The output of `docker buildx inspect` 0.29; a star marks a platform that the user has set. */
const inspected = `Name:          mine
Driver:        docker-container
Last Activity: 2026-01-02 03:04:05 +0000 UTC

Nodes:
Name:                  mine0
Endpoint:              unix:///var/run/docker.sock
Status:                running
BuildKit version:      v0.26.2
Platforms:             linux/amd64, linux/amd64/v2, linux/386
Name:                  arm
Endpoint:              ssh://arm
Status:                running
Platforms:             linux/arm64*, linux/arm/v7
`

test('the output of `docker buildx inspect` is parsed', () => {
  assert.equal(readDriver(inspected), 'docker-container')
  assert.deepEqual(readPlatforms(inspected), [
    'linux/amd64',
    'linux/amd64/v2',
    'linux/386',
    'linux/arm64',
    'linux/arm/v7',
  ])
})

const loopback = { ...containerd, insecure: { hosts: ['10.0.0.1:5000'], cidrs: ['127.0.0.0/8'] } }
const plainHttp = (host: string) => `[registry."${host}"]\n  http = true\n  insecure = true\n`

const registryAccess: readonly {
  name: string
  given: Given
  registries: readonly string[]
  options: readonly string[]
  config: string | undefined
}[] = [
  { name: 'a registry with TLS', given: {}, registries: ['ghcr.io'], options: [], config: undefined },
  {
    name: 'a registry on this machine',
    given: {},
    registries: ['localhost:5000', 'ghcr.io'],
    options: ['network=host'],
    config: plainHttp('localhost:5000'),
  },
  {
    name: 'a registry that the engine lists as insecure',
    given: { 'driver-opts': 'image=x' },
    registries: ['10.0.0.1:5000'],
    options: ['image=x'],
    config: plainHttp('10.0.0.1:5000'),
  },
  {
    name: 'settings of the user have precedence',
    given: { 'driver-opts': 'network=mine', 'buildkitd-config-inline': 'debug = true' },
    registries: ['localhost:5000'],
    options: ['network=mine'],
    config: 'debug = true',
  },
  {
    name: 'a remote builder, which has no option for the network',
    given: { driver: 'remote', endpoint: 'tcp://localhost:1234' },
    registries: ['localhost:5000'],
    options: [],
    config: plainHttp('localhost:5000'),
  },
  {
    name: 'a builder in Kubernetes, which has no option for the network',
    given: { driver: 'kubernetes' },
    registries: ['localhost:5000'],
    options: [],
    config: plainHttp('localhost:5000'),
  },
]

for (const { name, given, registries, options, config } of registryAccess) {
  test(`registry access: ${name}`, async () => {
    const { driverOpts, config: actual } = withRegistryAccess(
      (await planned(given)).plan.builder,
      loopback,
      registries,
    )
    assert.deepEqual([driverOpts, actual], [options, config])
  })
}
