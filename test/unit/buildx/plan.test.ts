import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BuildPlan } from '../../../src/buildx/plan.ts'
import { onlyPushes, pushes } from '../../../src/buildx/result.ts'
import type { Context } from '../../../src/core/context.ts'
import { commitUrl, context, type Given, planned } from './planned.ts'

const parts: readonly { name: string; given: Given; expected: Partial<BuildPlan> }[] = [
  { name: 'build', given: {}, expected: { when: 'always' } },
  { name: 'build: false', given: { build: 'false' }, expected: { when: 'never' } },
  { name: 'build: auto', given: { build: 'auto' }, expected: { when: 'missing' } },
  {
    name: 'platforms: an architecture alone, aliases, spaces, duplicates',
    given: { platforms: 'arm64, linux/x86_64\nLinux/AMD64,linux/arm/v7,armhf' },
    expected: { platforms: ['linux/arm64', 'linux/amd64', 'linux/arm/v7'] },
  },
  {
    name: 'secrets: several lines in quotes, an equals sign and spaces in the value',
    given: { secrets: '"KEY=first\nsecond"\nTOKEN= a=b \nJSON="{""a"":1}"' },
    expected: {
      secrets: [
        { kind: 'value', id: 'KEY', value: 'first\nsecond' },
        { kind: 'value', id: 'TOKEN', value: ' a=b ' },
        { kind: 'value', id: 'JSON', value: '"{""a"":1}"' },
      ],
    },
  },
  {
    name: 'secrets: a git token of the user has precedence',
    given: { secrets: 'GIT_AUTH_TOKEN=mine', context: '{{defaultContext}}', 'github-token': 'ghs' },
    expected: { secrets: [{ kind: 'value', id: 'GIT_AUTH_TOKEN', value: 'mine' }] },
  },
  {
    name: "a repository on another host does not get the job's token",
    given: { context: 'https://example.com/a/b.git', 'github-token': 'ghs' },
    expected: { secrets: [], source: { kind: 'remote', url: 'https://example.com/a/b.git' } },
  },
  {
    name: "a repository on the same host gets the job's token",
    given: { context: 'https://github.com/a/b.git#main', 'github-token': 'ghs' },
    expected: { secrets: [{ kind: 'value', id: 'GIT_AUTH_TOKEN.github.com', value: 'ghs' }] },
  },
  {
    name: "a host with the same beginning does not get the job's token",
    given: { context: 'https://github.com.example.com/a/b.git', 'github-token': 'ghs' },
    expected: { secrets: [] },
  },
  {
    name: 'push, load, outputs',
    given: {},
    expected: { result: { kind: 'image', push: true, load: false, outputs: [], byDigest: false } },
  },
]

for (const { name, given, expected } of parts) {
  test(name, async () => {
    const { plan, findings } = await planned(given)
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(plan[key as keyof BuildPlan], value)
    assert.deepEqual(findings.problems, [])
  })
}

const problems: readonly { name: string; given: Given; input: string; cause: RegExp }[] = [
  {
    name: 'an invalid platform',
    given: { platforms: 'linux/amd64,all' },
    input: 'platforms',
    cause: /`all`/,
  },
  { name: 'an empty part', given: { platforms: 'linux/' }, input: 'platforms', cause: /not a platform/ },
  { name: 'a secret without a name', given: { secrets: 'hidden-value' }, input: 'secrets', cause: /Entry 1/ },
  { name: 'an unknown driver', given: { driver: 'podman' }, input: 'driver', cause: /`podman`/ },
  {
    name: 'a remote driver without an endpoint',
    given: { driver: 'remote' },
    input: 'endpoint',
    cause: /without `endpoint`/,
  },
  {
    name: "options for the engine's own builder",
    given: { driver: 'docker', 'driver-opts': 'network=host' },
    input: 'driver-opts',
    cause: /engine's own/,
  },
  {
    name: 'a buildx of Docker Build Cloud',
    given: { 'buildx-version': 'lab:latest' },
    input: 'buildx-version',
    cause: /not a buildx release/,
  },
  {
    name: 'a git URL of buildx',
    given: { 'buildx-version': 'https://github.com/docker/buildx.git#main' },
    input: 'buildx-version',
    cause: /not a buildx release/,
  },
  ...['{{defaultContext}}?subdir=app', '{{defaultContext}}/app', 'https://x/{{ defaultContext }}'].map(
    context => ({
      name: `{{defaultContext}} as part of another value: ${context}`,
      given: { context },
      input: 'context',
      cause: /cannot be part of another value/,
    }),
  ),
  {
    name: 'nodes that are not a list',
    given: { append: 'endpoint: a' },
    input: 'append',
    cause: /YAML list/,
  },
  { name: 'nodes that are not YAML', given: { append: '- "' }, input: 'append', cause: /YAML list/ },
  { name: 'push with call', given: { call: 'check', push: 'true' }, input: 'push', cause: /call: check/ },
  { name: 'load with call', given: { call: 'check', load: 'true' }, input: 'load', cause: /call: check/ },
  {
    name: 'outputs with call',
    given: { call: 'outline', outputs: 'out' },
    input: 'outputs',
    cause: /call: outline/,
  },
  { name: 'an invalid boolean', given: { pull: 'always' }, input: 'pull', cause: /`always`/ },
  { name: 'an invalid `build`', given: { build: 'maybe' }, input: 'build', cause: /`maybe`/ },
]

for (const { name, given, input, cause } of problems) {
  test(`problem: ${name}`, async () => {
    const { findings } = await planned(given)
    assert.equal(findings.problems.length, 1)
    assert.equal(findings.problems[0]?.input, input)
    assert.match(findings.problems[0]?.cause ?? '', cause)
    assert.ok(findings.problems[0]?.remedy)
    assert.doesNotMatch(JSON.stringify(findings), /hidden-value/)
  })
}

test('DOCKER_DEFAULT_PLATFORM sets the platforms; the input overrides it', async () => {
  const machine = { env: { DOCKER_DEFAULT_PLATFORM: 'linux/arm64' }, exists: () => true }
  assert.deepEqual((await planned({}, undefined, machine)).plan.platforms, ['linux/arm64'])
  const given = { platforms: 'linux/amd64' }
  assert.deepEqual((await planned(given, undefined, machine)).plan.platforms, ['linux/amd64'])
})

test('problem: a missing Dockerfile is reported before the build', async () => {
  const machine = { env: {}, exists: (path: string) => path === '/workspace' }
  for (const given of [{ context: '.' }, { context: '.', file: 'sub/Dockerfile' }]) {
    const { findings } = await planned(given, undefined, machine)
    assert.deepEqual(
      findings.problems.map(problem => problem.input),
      ['file'],
    )
  }
  const { findings } = await planned({ context: '.', build: 'false' }, undefined, machine)
  assert.deepEqual(findings.problems, [])
})

const withPaths = (...paths: string[]) => ({ env: {}, exists: (path: string) => paths.includes(path) })

const sources: readonly {
  name: string
  given: Given
  /** The paths that exist. */
  paths: readonly string[]
  run?: Context
  expected: BuildPlan['source']
}[] = [
  { name: 'a checkout', given: {}, paths: ['/workspace/.git'], expected: { kind: 'directory', path: '.' } },
  {
    name: 'a workspace with a Dockerfile',
    given: { file: 'docker/x' },
    paths: ['/workspace/docker/x'],
    expected: { kind: 'directory', path: '.' },
  },
  {
    name: 'without a checkout, the commit',
    given: {},
    paths: [],
    expected: { kind: 'commit', url: commitUrl, subdirectory: '' },
  },
  {
    name: 'the merge commit of a pull request, by its ref',
    given: {},
    paths: [],
    run: { ...context, eventName: 'pull_request', ref: 'refs/pull/7/merge' },
    expected: {
      kind: 'commit',
      url: `${context.serverUrl}/${context.repository}.git#refs/pull/7/merge`,
      subdirectory: '',
    },
  },
  {
    name: 'an scp-like git URL',
    given: { context: 'git@example.com:a/b.git' },
    paths: [],
    expected: { kind: 'remote', url: 'git@example.com:a/b.git' },
  },
]

for (const { name, given, paths, run, expected } of sources) {
  test(`context: ${name}`, async () => {
    const { plan, findings } = await planned(given, run, withPaths(...paths))
    assert.deepEqual([plan.source, findings.problems], [expected, []])
  })
}

for (const [given, remedy] of [
  ['git', /metadata-context/],
  ['app', /actions\/checkout/],
] as const) {
  test(`context: ${given} does not exist`, async () => {
    const { findings } = await planned({ context: given }, context, withPaths('/workspace/.git'))
    assert.match(findings.problems[0]?.remedy ?? '', remedy)
  })
}

const pull = (head: string | undefined) => ({
  repository: { private: false },
  pull_request: { head: { repo: head === undefined ? null : { full_name: head } } },
})
const ownRepository = context.repository

const trusted: readonly {
  name: string
  run: Partial<Context>
  given?: Given
  expected: boolean
  warning?: RegExp
}[] = [
  { name: 'a push', run: {}, expected: true },
  {
    name: 'a pull request from a branch of the repository',
    run: { eventName: 'pull_request', payload: pull(ownRepository) },
    expected: true,
  },
  {
    name: 'a pull request from a fork',
    run: { eventName: 'pull_request', payload: pull('x/y') },
    expected: false,
    warning: /fork/,
  },
  {
    name: 'a pull request from a deleted fork',
    run: { eventName: 'pull_request', payload: pull(undefined) },
    expected: false,
    warning: /fork/,
  },
  {
    name: 'a pull request from a fork with `push: true`',
    run: { eventName: 'pull_request', payload: pull('x/y') },
    given: { push: 'true' },
    expected: false,
    warning: /fork/,
  },
  {
    name: 'Dependabot',
    run: { eventName: 'pull_request', payload: pull(ownRepository), actor: 'dependabot[bot]' },
    expected: false,
    warning: /Dependabot/,
  },
  {
    name: 'pull_request_target of a fork',
    run: { eventName: 'pull_request_target', payload: pull('x/y') },
    expected: false,
    warning: /push: true/,
  },
  {
    name: 'pull_request_target of a fork with `push: true`',
    run: { eventName: 'pull_request_target', payload: pull('x/y') },
    given: { push: 'true' },
    expected: true,
  },
  {
    name: 'workflow_run of a fork',
    run: { eventName: 'workflow_run', payload: { workflow_run: { head_repository: { full_name: 'x/y' } } } },
    expected: false,
    warning: /fork/,
  },
  {
    name: 'workflow_run of the same repository',
    run: {
      eventName: 'workflow_run',
      payload: { workflow_run: { event: 'push', head_repository: { full_name: ownRepository } } },
    },
    expected: true,
  },
]

for (const { name, run, given = {}, expected, warning } of trusted) {
  test(`pushed: ${name}`, async () => {
    const { plan, findings } = await planned(given, { ...context, ...run })
    assert.equal(pushes(plan.result), expected)
    assert.equal(findings.problems.length, 0)
    if (warning === undefined) assert.deepEqual(findings.warnings, [])
    else assert.match(findings.warnings.join('\n'), warning)
  })
}

const results: readonly { name: string; given: Given; expected: boolean }[] = [
  { name: 'load', given: { load: 'true' }, expected: false },
  { name: 'outputs', given: { outputs: 'type=local,dest=out' }, expected: false },
  { name: 'outputs to a registry', given: { outputs: 'type=registry' }, expected: true },
  { name: 'outputs that push', given: { outputs: 'type=image,push=true' }, expected: true },
  { name: 'outputs that do not push', given: { outputs: 'type=image,name=push=true' }, expected: false },
  { name: 'load and push', given: { load: 'true', push: 'true' }, expected: true },
  { name: 'call', given: { call: 'check' }, expected: false },
  { name: 'push: false', given: { push: 'false' }, expected: false },
]

for (const { name, given, expected } of results) {
  test(`pushed: ${name}`, async () => assert.equal(pushes((await planned(given)).plan.result), expected))
}

const provenances: readonly {
  name: string
  repository: unknown
  env?: Record<string, string>
  expected: RegExp
}[] = [
  { name: 'public', repository: { private: false }, expected: /^type=provenance,mode=max,/ },
  { name: 'private', repository: { private: true }, expected: /^type=provenance,mode=min,inline-only=true,/ },
  { name: 'unknown', repository: undefined, expected: /mode=min/ },
  {
    name: 'switched off',
    repository: { private: false },
    env: { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
    expected: /^$/,
  },
]

for (const { name, repository, env = {}, expected } of provenances) {
  test(`provenance by default: ${name}`, async () => {
    const run = { ...context, payload: { repository } }
    const { plan } = await planned({}, run, { env, exists: () => true })
    assert.match(plan.attests.join('\n'), expected)
  })
}

test('an empty secret, as in the run of a fork, is omitted with a warning', async () => {
  const { plan, findings } = await planned({ secrets: 'TOKEN=', 'build-args': 'VERSION=' })
  assert.deepEqual([plan.secrets, findings.problems], [[], []])
  assert.deepEqual(
    ['TOKEN', 'VERSION'].filter(name => findings.warnings.some(text => text.includes(`\`${name}\``))),
    ['TOKEN', 'VERSION'],
  )
})

test('the builder and its nodes', async () => {
  const { plan, findings } = await planned({
    driver: 'docker-container',
    'driver-opts': 'image=moby/buildkit:v0.26.2\n"env.no_proxy=a,b"',
    'buildkitd-config-inline': '[worker.oci]\n  max-parallelism = 4',
    'buildkitd-flags': '--debug',
    endpoint: 'ssh://me@amd.example.com',
    append:
      '- endpoint: ssh://me@arm.example.com\n  name: arm\n  platforms: linux/arm64,arm/v7\n  driver-opts:\n    - network=host',
    'keep-state': 'true',
    cleanup: 'false',
    'qemu-image': 'example.com/binfmt',
    'buildx-version': 'v0.29.1',
  })
  assert.deepEqual(findings, { problems: [], warnings: [] })
  assert.deepEqual(plan.builder, {
    name: undefined,
    namedBy: undefined,
    driver: 'docker-container',
    driverOpts: ['image=moby/buildkit:v0.26.2', '"env.no_proxy=a,b"'],
    config: '[worker.oci]\n  max-parallelism = 4',
    flags: '--debug',
    endpoint: 'ssh://me@amd.example.com',
    nodes: [
      {
        name: 'arm',
        endpoint: 'ssh://me@arm.example.com',
        platforms: ['linux/arm64', 'linux/arm/v7'],
        driverOpts: ['network=host'],
        flags: undefined,
      },
    ],
    keepState: true,
    cleanup: false,
    qemuImage: 'example.com/binfmt',
    buildxVersion: '0.29.1',
  })
})

test('BUILDX_BUILDER sets the builder; the input overrides it', async () => {
  const machine = { env: { BUILDX_BUILDER: 'theirs' }, exists: () => true }
  assert.equal((await planned({}, context, machine)).plan.builder.name, 'theirs')
  assert.equal((await planned({ builder: 'mine' }, context, machine)).plan.builder.name, 'mine')
})

/** Only such a build may be replaced by an image that the registry already has. */
for (const { given, expected } of [
  { given: {}, expected: true },
  { given: { outputs: 'type=registry,name=a.example/b' }, expected: true },
  { given: { push: 'true', load: 'true' }, expected: false },
  { given: { push: 'true', outputs: 'type=local,dest=out' }, expected: false },
  { given: { push: 'false' }, expected: false },
  { given: { call: 'check' }, expected: false },
])
  test(`${JSON.stringify(given)} ${expected ? 'only pushes' : 'does not only push'}`, async () =>
    assert.equal(onlyPushes((await planned(given)).plan.result), expected))
