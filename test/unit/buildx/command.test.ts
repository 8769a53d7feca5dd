import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildCommand, exportsIndex, type ImageNames } from '../../../src/buildx/command.ts'
import { commitUrl, type Given, planned, runUrl } from './planned.ts'

const image: ImageNames = {
  images: [
    {
      name: 'ghcr.io/octocat/app',
      reference: { registry: 'ghcr.io', repository: 'octocat/app' },
    },
  ],
  tags: ['ghcr.io/octocat/app:1.2.3', 'ghcr.io/octocat/app:latest'],
  labels: ['org.opencontainers.image.title=app'],
  annotations: { plain: ['org.opencontainers.image.title=app'], levelled: ['index:a=b'], levels: [] },
  version: '1.2.3',
}
const setup = { builder: 'default', directory: '/private', annotates: true, isEngine: false }
const max = `type=provenance,mode=max,builder-id=${runUrl}`

const commandFor = async (given: Given, names = image, buildSetup = setup) =>
  buildCommand((await planned(given)).plan, names, buildSetup)

test('without inputs, the workspace is built and pushed', async () => {
  assert.deepEqual(await commandFor({}), {
    file: 'docker',
    args: [
      ...['buildx', 'build', '--builder', 'default'],
      ...['--tag', 'ghcr.io/octocat/app:1.2.3', '--tag', 'ghcr.io/octocat/app:latest'],
      ...['--label', 'org.opencontainers.image.title=app'],
      ...['--annotation', 'manifest:org.opencontainers.image.title=app'],
      ...['--annotation', 'index:org.opencontainers.image.title=app', '--annotation', 'index:a=b'],
      ...['--push', '--iidfile', '/private/image-id', '--attest', max],
      ...['--metadata-file', '/private/metadata.json', '.'],
    ],
    env: { BUILDX_METADATA_WARNINGS: 'true' },
  })
})

/** Each input with the consecutive arguments that it adds. */
test('cache-to: a matrix by digest has a scope for each image and platform', async () => {
  const given = {
    'cache-to': 'type=gha',
    outputs: 'type=image,push-by-digest=true,push=true',
    platforms: 'linux/arm64',
  }
  const { args } = await commandFor(given, { ...image, tags: [] })
  assert.equal(
    args[args.indexOf('--cache-to') + 1],
    'type=gha,ignore-error=true,scope=ghcr.io/octocat/app-linux/arm64',
  )
})

const inputs: readonly { name: string; given: Given; expected: readonly string[] }[] = [
  { name: 'file', given: { file: 'docker/Dockerfile' }, expected: ['--file', 'docker/Dockerfile'] },
  { name: 'target', given: { target: 'production' }, expected: ['--target', 'production'] },
  {
    name: 'platforms',
    given: { platforms: 'linux/amd64,linux/arm64' },
    expected: ['--platform', 'linux/amd64,linux/arm64'],
  },
  {
    name: 'build-args: values keep commas, {{meta.version}} is replaced',
    given: { 'build-args': 'LIST=a,b\nVERSION={{meta.version}}\nFROM_ENVIRONMENT' },
    expected: ['--build-arg', 'LIST=a,b', '--build-arg', 'VERSION=1.2.3', '--build-arg', 'FROM_ENVIRONMENT'],
  },
  {
    name: 'build-args: a # is data',
    given: { 'build-args': 'COLOR=#fff' },
    expected: ['--build-arg', 'COLOR=#fff'],
  },
  {
    name: 'build-contexts: {{defaultContext}} is replaced',
    given: { 'build-contexts': 'base=docker-image://alpine:3\nsource={{defaultContext}}:sub' },
    expected: [
      ...['--build-context', 'base=docker-image://alpine:3'],
      ...['--build-context', `source=${commitUrl}:sub`],
    ],
  },
  {
    name: 'secrets, secret-files and secret-envs: no value in the arguments',
    given: { secrets: 'TOKEN=a secret', 'secret-files': 'NETRC=./netrc', 'secret-envs': 'KEY=MY_KEY' },
    expected: [
      ...['--secret', 'id=TOKEN,src=/private/secret-0'],
      ...['--secret', 'id=NETRC,src=/private/secret-1'],
      ...['--secret', 'id=KEY,env=MY_KEY'],
    ],
  },
  {
    name: 'context: a git context of this GitHub server gets a token for that host only',
    given: { context: '{{defaultContext}}:app', 'github-token': 'ghs_secret' },
    expected: ['--secret', 'id=GIT_AUTH_TOKEN.github.com,src=/private/secret-0'],
  },
  {
    name: 'context: a subdirectory',
    given: { context: '{{defaultContext}}:app' },
    expected: [`${commitUrl}:app`],
  },
  {
    name: 'context: a directory',
    given: { context: './app' },
    expected: ['/private/metadata.json', './app'],
  },
  {
    name: 'cache-from: the scope of the image, then the default scope',
    given: { 'cache-from': 'type=gha\nuser/app:cache' },
    expected: [
      ...['--cache-from', 'type=gha,scope=ghcr.io/octocat/app', '--cache-from', 'type=gha'],
      ...['--cache-from', 'type=registry,ref=user/app:cache'],
    ],
  },
  {
    name: 'cache-to: the scope of the image and target, and errors are ignored',
    given: { 'cache-to': 'type=gha,mode=max\nuser/app:cache', target: 'worker' },
    expected: [
      ...['--cache-to', 'type=gha,mode=max,ignore-error=true,scope=ghcr.io/octocat/app-worker'],
      ...['--cache-to', 'type=registry,ref=user/app:cache,ignore-error=true'],
    ],
  },
  {
    name: 'cache-to: settings of the user have precedence; an inline cache gets no attributes',
    given: { 'cache-to': 'type=gha,scope=mine,ignore-error=false\ntype=inline' },
    expected: ['--cache-to', 'type=gha,scope=mine,ignore-error=false', '--cache-to', 'type=inline'],
  },
  { name: 'no-cache', given: { 'no-cache': 'true' }, expected: ['--no-cache'] },
  {
    name: 'no-cache-filters',
    given: { 'no-cache-filters': 'build,test' },
    expected: ['--no-cache-filter', 'build', '--no-cache-filter', 'test'],
  },
  { name: 'pull', given: { pull: 'true' }, expected: ['--pull'] },
  { name: 'load', given: { load: 'true' }, expected: ['--load', '--iidfile', '/private/image-id'] },
  {
    name: 'outputs: quotes are kept',
    given: { outputs: 'type=image,"name=a,b",push=true' },
    expected: ['--output', 'type=image,"name=a,b",push=true', '--iidfile'],
  },
  {
    name: 'provenance: attributes, with the run as builder ID',
    given: { provenance: 'mode=min' },
    expected: ['--attest', `type=provenance,mode=min,builder-id=${runUrl}`],
  },
  {
    name: 'provenance: true',
    given: { provenance: 'true' },
    expected: ['--attest', `type=provenance,builder-id=${runUrl}`],
  },
  {
    name: 'provenance: false',
    given: { provenance: 'false' },
    expected: ['--attest', 'type=provenance,disabled=true'],
  },
  {
    name: 'provenance: a builder ID of the user',
    given: { provenance: 'mode=max,builder-id=https://example.com/me' },
    expected: ['--attest', 'type=provenance,mode=max,builder-id=https://example.com/me'],
  },
  { name: 'sbom', given: { sbom: 'true' }, expected: ['--attest', 'type=sbom,disabled=false'] },
  {
    name: 'sbom: a generator',
    given: { sbom: 'generator=docker/scout-sbom-indexer' },
    expected: ['--attest', 'type=sbom,generator=docker/scout-sbom-indexer'],
  },
  {
    name: 'attests: replaces the default; `provenance` and `sbom` override it',
    given: { attests: 'type=provenance,mode=min\ntype=sbom,generator=one', sbom: 'true' },
    expected: [
      '--attest',
      'type=sbom,disabled=false',
      '--attest',
      'type=provenance,mode=min',
      '--metadata-file',
    ],
  },
  { name: 'network', given: { network: 'host' }, expected: ['--network', 'host'] },
  {
    name: 'add-hosts',
    given: { 'add-hosts': 'a:10.0.0.1,b:10.0.0.2' },
    expected: ['--add-host', 'a:10.0.0.1', '--add-host', 'b:10.0.0.2'],
  },
  {
    name: 'allow',
    given: { allow: 'network.host\nsecurity.insecure' },
    expected: ['--allow', 'network.host', '--allow', 'security.insecure'],
  },
  {
    name: 'ulimit',
    given: { ulimit: 'nofile=1024:1024\nnproc=3' },
    expected: ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=3'],
  },
  { name: 'shm-size', given: { 'shm-size': '2g' }, expected: ['--shm-size', '2g'] },
  { name: 'cgroup-parent', given: { 'cgroup-parent': 'mine' }, expected: ['--cgroup-parent', 'mine'] },
  {
    name: 'ssh',
    given: { ssh: 'default,other=/key' },
    expected: ['--ssh', 'default', '--ssh', 'other=/key'],
  },
  {
    name: 'call: nothing is built, tagged or attested',
    given: { call: 'check', target: 'x' },
    expected: ['--target', 'x', '--call', 'check', '--metadata-file', '/private/metadata.json', '.'],
  },
]

for (const { name, given, expected } of inputs) {
  test(name, async () => {
    const { args } = await commandFor(given)
    assert.ok(contains(args, expected), `${args.join(' ')}\nlacks\n${expected.join(' ')}`)
    assert.ok(!contains((await commandFor({})).args, expected), 'present without the input too')
  })
}

test('the command references secrets but contains no values', async () => {
  const { args, stdin, env } = await commandFor({
    secrets: 'A=hidden',
    'github-token': 'hidden',
    context: '{{defaultContext}}',
  })
  assert.equal(JSON.stringify([args, stdin, env]).includes('hidden'), false)
  assert.equal(args.filter(arg => arg === '--secret').length, 2)
})

test('`call: build` is the same as no `call`', async () => {
  assert.deepEqual(await commandFor({ call: 'build' }), await commandFor({}))
})

const pushed = 'type=image,push=true'
const archive = 'type=docker,dest=a.tar'
const byDigest = 'type=image,name=ghcr.io/octocat/app,push-by-digest=true,push=true'

/** Exporters that push come last, because buildx reports the digest of the last exporter. */
const exports: readonly {
  name: string
  given: Given
  isEngine?: boolean
  expected: readonly string[]
}[] = [
  { name: 'a push', given: { push: 'true' }, expected: ['--push'] },
  { name: 'a load', given: { load: 'true' }, expected: ['--load'] },
  {
    name: 'a push with `load`',
    given: { push: 'true', load: 'true' },
    expected: ['--push', '--output', 'type=docker'],
  },
  {
    name: 'a push with `load`, by the engine, which stores it anyway',
    given: { push: 'true', load: 'true' },
    isEngine: true,
    expected: ['--push'],
  },
  {
    name: 'a pushed output with `load`, by the engine, which stores it anyway',
    given: { load: 'true', outputs: pushed },
    isEngine: true,
    expected: ['--output', pushed],
  },
  {
    name: 'an output that the engine pushes but does not store',
    given: { load: 'true', outputs: `${pushed},store=false` },
    isEngine: true,
    expected: ['--output', 'type=docker', '--output', `${pushed},store=false`],
  },
  {
    name: 'a push and an archive',
    given: { outputs: `${pushed}\n${archive}` },
    expected: ['--output', archive, '--output', pushed],
  },
  {
    name: 'an image output that `push` pushes, and files',
    given: { push: 'true', outputs: 'type=image,compression=zstd\ntype=local,dest=out' },
    expected: ['--push', '--output', 'type=local,dest=out', '--output', 'type=image,compression=zstd'],
  },
  {
    name: 'an output that already loads the image',
    given: { push: 'true', load: 'true', outputs: 'type=docker,context=other' },
    expected: ['--push', '--output', 'type=docker,context=other'],
  },
  {
    name: 'a registry, and a bare path',
    given: { outputs: 'type=registry\nout' },
    expected: ['--output', 'out', '--output', 'type=registry'],
  },
  { name: 'a push by digest', given: { outputs: byDigest }, expected: ['--output', byDigest] },
]

for (const { name, given, isEngine = false, expected } of exports) {
  test(`exports: ${name}`, async () => {
    const { args } = await commandFor(given, image, { ...setup, isEngine })
    const flags = args.flatMap((arg, index) =>
      arg === '--output' ? [arg, args[index + 1] ?? ''] : ['--push', '--load'].includes(arg) ? [arg] : [],
    )
    assert.deepEqual(flags, expected)
  })
}

/** Flags that are omitted for some results. */
const absent: readonly {
  name: string
  given: Given
  overrides?: Partial<typeof setup>
  flags: readonly string[]
}[] = [
  { name: 'push: false', given: { push: 'false' }, flags: ['--push', '--load', '--attest'] },
  { name: 'a loaded image is not attested', given: { load: 'true' }, flags: ['--push', '--attest'] },
  {
    name: 'files have no image ID',
    given: { outputs: 'type=local,dest=out' },
    flags: ['--push', '--iidfile'],
  },
  { name: 'a bare path is a local output', given: { outputs: 'out' }, flags: ['--push', '--iidfile'] },
  { name: 'a tar has no image ID', given: { outputs: '-' }, flags: ['--push', '--iidfile'] },
  {
    name: 'a push by digest has no tags',
    given: { outputs: 'type=image,name=ghcr.io/octocat/app,push-by-digest=true,push=true' },
    flags: ['--tag', '--push'],
  },
  {
    name: "the engine's classic store does not support annotations",
    given: {},
    overrides: { annotates: false },
    flags: ['--annotation'],
  },
]

for (const { name, given, overrides, flags } of absent) {
  test(name, async () => {
    const { args } = await commandFor(given, image, { ...setup, ...overrides })
    assert.deepEqual(
      flags.filter(flag => args.includes(flag)),
      [],
    )
  })
}

const indexes: readonly { name: string; given: Given; expected: boolean }[] = [
  { name: 'an attested image', given: {}, expected: true },
  { name: 'one platform without attestations', given: { provenance: 'false' }, expected: false },
  { name: 'only an SBOM', given: { provenance: 'false', sbom: 'true' }, expected: true },
  { name: 'two platforms', given: { provenance: 'false', platforms: 'amd64,arm64' }, expected: true },
  { name: 'an OCI archive', given: { outputs: 'type=oci,dest=x.tar' }, expected: true },
  { name: 'a loaded image', given: { load: 'true', platforms: 'amd64,arm64' }, expected: false },
]

for (const { name, given, expected } of indexes) {
  test(`an index is exported: ${name}`, async () => {
    const { plan } = await planned(given)
    assert.equal(exportsIndex(plan), expected)
    const { args } = buildCommand(
      plan,
      { ...image, annotations: { plain: ['k=v'], levelled: [], levels: [] } },
      setup,
    )
    assert.equal(args.includes('index:k=v'), expected)
  })
}

function contains(args: readonly string[], wanted: readonly string[]): boolean {
  return args.some((_, index) => wanted.every((arg, offset) => args[index + offset] === arg))
}
