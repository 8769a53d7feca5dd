import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { openBuilder } from '../../../src/buildx/open.ts'
import { Failure } from '../../../src/core/errors.ts'
import type { Docker } from '../../../src/docker/docker.ts'
import { undo } from '../../../src/undo.ts'
import { type Given, planned } from './planned.ts'
import { type ScriptedRunner, scriptedRunner } from './scripted-runner.ts'

const modern: Docker = {
  engineVersion: '28.5.2',
  buildxVersion: '0.29.1',
  imageStore: 'containerd',
  platform: 'linux/amd64',
  rootless: false,
  context: 'default',
  insecure: { hosts: [], cidrs: [] },
}

/** A remote engine: Slipway asks its builder for the platforms instead of reading this machine's kernel. */
const remoteEngine = { DOCKER_HOST: 'tcp://engine.example:2376' }

/** The body of a docker that records each call. `buildx inspect` knows the builders `default` and `known`. */
const docker = (more = '') => `
echo "$@" >>"$here/calls"
case "$1 $2" in
  'buildx inspect')
    for name; do :; done
    case $name in default|known) ;; *) echo "ERROR: no builder \\"$name\\" found" >&2; exit 1 ;; esac
    printf 'Driver: docker-container\\nPlatforms: linux/amd64, linux/386\\n' ;;
esac
${more}`

const calls = ({ directory }: ScriptedRunner): string[] =>
  existsSync(join(directory, 'calls'))
    ? readFileSync(join(directory, 'calls'), 'utf8').trim().split('\n')
    : []

const open = async ({ runtime }: ScriptedRunner, given: Given, client = modern) =>
  await openBuilder(runtime, (await planned(given)).plan, client)

const foreign = { platforms: 'linux/amd64,linux/s390x' }
const install = (architectures: string, image = 'binfmt') =>
  `run --rm --privileged ${image} --install ${architectures}`
const qemu = { 'qemu-image': 'binfmt' }

const openings: readonly {
  name: string
  given: Given
  expected: string[]
  builder: string
  /** The builder that Slipway creates and records for removal. */
  removed?: string
}[] = [
  { name: "the engine's own builder needs no call", given: {}, expected: [], builder: 'default' },
  {
    name: "the engine's own builder needs no call for a native platform",
    given: { platforms: 'linux/386' },
    expected: [],
    builder: 'default',
  },
  {
    name: 'an emulator for the platform that lacks one',
    given: { ...foreign, ...qemu },
    expected: ['buildx inspect --bootstrap default', install('s390x')],
    builder: 'default',
  },
  {
    name: 'no emulator for a Dockerfile check',
    given: { ...foreign, call: 'check' },
    expected: [],
    builder: 'default',
  },
  {
    name: 'an existing builder',
    given: { builder: 'known' },
    expected: ['buildx inspect --bootstrap known'],
    builder: 'known',
  },
  {
    name: 'an existing builder, and an emulator that it lacks',
    given: { builder: 'known', ...foreign, ...qemu },
    expected: ['buildx inspect --bootstrap known', install('s390x')],
    builder: 'known',
  },
  {
    name: 'a builder that does not exist',
    given: { builder: 'mine' },
    expected: [
      'buildx inspect --bootstrap mine',
      'buildx create --bootstrap --name mine --driver docker-container',
    ],
    builder: 'mine',
    removed: 'mine',
  },
  {
    name: 'nodes on other machines, which need no emulator on this one',
    given: { builder: 'mine', endpoint: 'ssh://a', append: '- endpoint: ssh://b', ...foreign },
    expected: [
      'buildx inspect --bootstrap mine',
      'buildx create --name mine --driver docker-container ssh://a',
      'buildx create --bootstrap --name mine --append ssh://b',
    ],
    builder: 'mine',
    removed: 'mine',
  },
  {
    name: 'a builder with `cleanup: false`',
    given: { builder: 'mine', cleanup: 'false' },
    expected: [
      'buildx inspect --bootstrap mine',
      'buildx create --bootstrap --name mine --driver docker-container',
    ],
    builder: 'mine',
  },
]

for (const { name, given, expected, builder, removed } of openings) {
  test(`open: ${name}`, async () => {
    const runner = scriptedRunner(docker(), remoteEngine)
    assert.equal((await open(runner, given)).name, builder)
    assert.deepEqual(calls(runner), expected)
    const undo = runner.undos.find(({ kind }) => kind === 'builder')
    assert.deepEqual(undo, removed && { kind: 'builder', name: removed, env: remoteEngine, keepState: false })
    assert.deepEqual(leftovers(runner), [])
  })
}

const leftovers = ({ directory }: ScriptedRunner) =>
  readdirSync(directory).filter(name => name.startsWith('slipway-'))

test('open: a new builder has a unique name, and its configuration in a private file', async () => {
  const look = `case $* in *--buildkitd-config*) for last; do :; done; stat -c %a "$last"; cat "$last"; esac >>"$here/seen"`
  const runner = scriptedRunner(docker(look))
  const { name } = await open(runner, {
    'buildkitd-config-inline': 'debug = true',
    'keep-state': 'true',
  })
  assert.match(name, /^slipway-[0-9a-f]{8}$/)
  assert.equal(readFileSync(join(runner.directory, 'seen'), 'utf8'), '600\ndebug = true')
  assert.deepEqual(runner.undos, [{ kind: 'builder', name, env: {}, keepState: true }])
  assert.deepEqual(leftovers(runner), [])
})

test('open: platforms that no node lists are built on this machine, with its emulators', async () => {
  const runner = scriptedRunner(docker(), remoteEngine)
  await open(runner, {
    builder: 'mine',
    platforms: 'linux/amd64,linux/arm64,linux/s390x',
    append: '- endpoint: ssh://b\n  platforms: linux/arm64',
    ...qemu,
  })
  // The builder's image is pulled while the emulators are installed, so the order varies.
  assert.deepEqual(calls(runner).toSorted(), [
    'buildx create --bootstrap --name mine --append --platform linux/arm64 ssh://b',
    'buildx create --name mine --driver docker-container',
    'buildx inspect --bootstrap default',
    'buildx inspect --bootstrap mine',
    'pull --quiet docker.io/moby/buildkit:buildx-stable-1',
    install('s390x'),
  ])
})

test('open: TLS certificates and keys come from the variables of setup-buildx-action, in files kept until post', async () => {
  const variables = {
    BUILDER_NODE_0_AUTH_TLS_CACERT: 'authority',
    BUILDER_NODE_0_AUTH_TLS_CERT: 'certificate',
    BUILDER_NODE_0_AUTH_TLS_KEY: 'the first key',
    BUILDER_NODE_1_AUTH_TLS_KEY: 'the second key',
    BUILDER_NODE_2_AUTH_TLS_KEY: 'of no node',
  }
  const runner = scriptedRunner(docker(), variables)
  const masked: string[] = []
  const log = { ...runner.runtime.log, mask: (text: string) => void masked.push(text) }
  const given = { driver: 'remote', endpoint: 'tcp://a:1234', append: '- endpoint: tcp://b:1234' }
  await openBuilder({ ...runner.runtime, log }, (await planned(given)).plan, modern)
  const [first = '', second = ''] = calls(runner)
  const files = (call: string) =>
    [...call.matchAll(/--driver-opt (\w+)=(\S+)/g)].map(([, kind, file = '']) => {
      assert.equal(statSync(file).mode & 0o777, 0o600)
      return `${kind}: ${readFileSync(file, 'utf8')}`
    })
  assert.deepEqual(files(first), ['cacert: authority', 'cert: certificate', 'key: the first key'])
  assert.deepEqual(files(second), ['key: the second key'])
  assert.deepEqual(masked, ['the first key', 'the second key'])
  // `post:` undoes in reverse order: it removes the builder before the certificates that the removal needs.
  assert.deepEqual(
    runner.undos.map(({ kind }) => kind),
    ['directory', 'builder'],
  )
  for (const record of runner.undos.toReversed())
    if (record.kind !== 'run') await undo(runner.runtime.run, record)
  assert.deepEqual(leftovers(runner), [])
})

test('open: the builder that an earlier step selected is used', async () => {
  const runner = scriptedRunner(docker(), remoteEngine)
  const directory = join(runner.directory, '.docker', 'buildx')
  mkdirSync(join(directory, 'instances'), { recursive: true })
  const select = (name: string, key = remoteEngine.DOCKER_HOST) =>
    writeFileSync(join(directory, 'current'), JSON.stringify({ Key: key, Name: name, Global: false }))
  select('known')
  assert.equal((await open(runner, {})).name, 'default', 'the builder has been removed')
  writeFileSync(join(directory, 'instances', 'known'), '{}')
  assert.equal((await open(runner, {})).name, 'known')
  select('known', 'unix:///elsewhere')
  assert.equal((await open(runner, {})).name, 'default', 'the builder was selected for another engine')
})

for (const name of ['../known', '--help', 'a/b', '']) {
  test(`open: ${JSON.stringify(name)} as the current builder is not a valid name`, async () => {
    const runner = scriptedRunner(docker(), remoteEngine)
    const directory = join(runner.directory, '.docker', 'buildx')
    mkdirSync(join(directory, 'instances', 'a', 'b'), { recursive: true })
    writeFileSync(join(directory, 'known'), '{}')
    writeFileSync(join(directory, 'instances', '--help'), '{}')
    writeFileSync(join(directory, 'current'), JSON.stringify({ Key: remoteEngine.DOCKER_HOST, Name: name }))
    assert.equal((await open(runner, {})).name, 'default')
    assert.deepEqual(calls(runner), [])
  })
}

/** Opens a builder on a machine whose current builder is `current`. `script` answers `buildx inspect $name`. */
async function openOnMachine(current: string, script: string, given: Given = {}, env = {}) {
  const runner = scriptedRunner(
    `for name; do :; done\necho "$@" >>"$here/calls"\nif [ "$1 $2" = 'buildx inspect' ]; then\n${script}\nfi`,
    { ...remoteEngine, ...env },
  )
  const directory = join(runner.directory, '.docker', 'buildx')
  mkdirSync(join(directory, 'instances'), { recursive: true })
  writeFileSync(join(directory, 'instances', current), '{}')
  const selection = { Key: remoteEngine.DOCKER_HOST, Name: current, Global: false }
  writeFileSync(join(directory, 'current'), JSON.stringify(selection))
  const { name } = await open(runner, given)
  return { name, log: runner.log(), calls: calls(runner) }
}

const unreachable =
  'Cannot connect to the Docker daemon at tcp://10.0.0.9:2375. Is the docker daemon running?'
const node = (state: string) =>
  `printf '%s\\n' 'Driver: docker-container' 'Nodes:' 'Name: broken0' '${state}'`
const bootFailures: readonly { name: string; script: string; cause: RegExp }[] = [
  {
    name: 'whose image does not exist',
    script: `echo 'ERROR: no such image' >&2; exit 1`,
    cause: /no such image/,
  },
  { name: 'whose only node is unreachable', script: node(`Error: ${unreachable}`), cause: /10\.0\.0\.9/ },
  {
    name: 'that has been removed',
    script: `echo 'ERROR: no builder "broken" found' >&2; exit 1`,
    cause: /does not exist/,
  },
]

for (const { name, script, cause } of bootFailures) {
  test(`open: a current builder ${name} is skipped with a notice`, async () => {
    const opened = await openOnMachine('broken', script)
    assert.equal(opened.name, 'default')
    assert.match(opened.log, /notice: The current builder of this machine, `broken`, does not boot; /)
    assert.match(opened.log, cause)
    assert.match(opened.log, /docker buildx rm broken/)
    assert.deepEqual(opened.calls, ['buildx inspect --bootstrap broken'])
  })
}

test('open: if the current builder does not boot, the builder that the build needs is created', async () => {
  const given = { image: 'a.example/b', outputs: 'type=image,push-by-digest=true,push=true' }
  const opened = await openOnMachine('broken', `echo 'ERROR: gone' >&2; exit 1`, given)
  assert.match(opened.name, /^slipway-/)
  assert.match(opened.calls.at(-1) ?? '', /^buildx create --bootstrap --name slipway-/)
})

for (const given of [
  { 'driver-opts': 'network=host' },
  { 'buildkitd-config-inline': 'debug = true' },
  { 'buildkitd-flags': '--debug' },
])
  test(`open: ${Object.keys(given)} configures a builder, so the current one is not used`, async () => {
    const { name, calls: made } = await openOnMachine('mine', node('Status: running'), given)
    assert.match(name, /^slipway-/)
    assert.ok(!made.some(call => call.includes('mine')), made.join('\n'))
  })

test('open: a current builder with at least one running node is used', async () => {
  const twoNodes = `${node(`Error: ${unreachable}`)}; echo 'Status: running'`
  assert.equal((await openOnMachine('half', twoNodes)).name, 'half')
})

for (const [input, given, env] of [
  ['builder', { builder: 'broken' }, {}],
  ['BUILDX_BUILDER', {}, { BUILDX_BUILDER: 'broken' }],
] as const) {
  test(`open: a builder from \`${input}\` that does not boot is an error, with a remedy`, async () => {
    const runner = scriptedRunner(node(`Error: ${unreachable}`), env)
    const { plan } = await planned(given, undefined, { env, exists: () => true })
    await assert.rejects(openBuilder(runner.runtime, plan, modern), error => {
      assert.ok(error instanceof Failure)
      const [problem] = error.problems
      assert.equal(problem?.input, input === 'builder' ? input : undefined)
      assert.match(problem?.cause ?? '', new RegExp(`\`broken\`, set by \`${input}\``))
      assert.match(problem?.remedy ?? '', new RegExp(`unset \`${input}\``))
      assert.match(problem?.output ?? '', /10\.0\.0\.9/)
      return true
    })
  })
}

test('open: only builders that support annotations get them', async () => {
  const classic = { ...modern, imageStore: 'classic' } as const
  const annotates = async (given: Given, client: Docker) =>
    (await open(scriptedRunner(docker()), given, client)).annotates
  assert.equal(await annotates({}, modern), true)
  assert.equal(await annotates({ provenance: 'false' }, classic), false)
  assert.equal(await annotates({ builder: 'known' }, classic), true)
})

for (const [driver, imageStore, result] of [
  ['docker', 'classic', 'opened'],
  ['docker', 'containerd', 'rejected'],
  ['docker-container', 'classic', 'rejected'],
] as const) {
  test(`open: an old buildx and a named ${driver} builder with the ${imageStore} store: ${result}`, async () => {
    const old = { ...modern, imageStore, buildxVersion: '0.11.2' } as const
    const runner = scriptedRunner(docker().replace('docker-container', driver))
    const opened = open(runner, { builder: 'known', provenance: 'false' }, old)
    if (result === 'opened') return assert.equal((await opened).annotates, false)
    await assert.rejects(opened, /annotations need 0\.12/)
  })
}

test('open: a missing emulator on a rootless engine is an error', async () => {
  const runner = scriptedRunner(docker(), remoteEngine)
  await assert.rejects(open(runner, foreign, { ...modern, rootless: true }), error => {
    assert.ok(error instanceof Failure)
    assert.match(error.problems[0]?.cause ?? '', /rootless.*linux\/s390x/)
    return true
  })
  assert.deepEqual(calls(runner), ['buildx inspect --bootstrap default'])
})

test('open: an emulator that cannot be installed is only a warning', async () => {
  const refuse = `[ "$1" = run ] && { echo 'docker: Error response from daemon: pull access denied' >&2; exit 125; }\nexit 0`
  const runner = scriptedRunner(docker(refuse), remoteEngine)
  assert.equal((await open(runner, foreign)).name, 'default')
  assert.match(runner.log(), /warning: No emulator .* linux\/s390x/)
})

test('open: a builder that did not boot is booted again, not created again', async () => {
  const flaky = `[ "$2" = create ] && { echo 'ERROR: net/http: TLS handshake timeout' >&2; exit 1; }\nexit 0`
  const runner = scriptedRunner(docker(flaky).replace('default|known', '*'))
  const { name } = await open(runner, { driver: 'docker-container' })
  assert.deepEqual(
    calls(runner).map(call => call.replace(name, 'NAME')),
    ['buildx create --bootstrap --name NAME --driver docker-container', 'buildx inspect --bootstrap NAME'],
  )
  assert.match(runner.log(), /TLS handshake timeout\. Trying again/)
})

const failures: readonly { name: string; given: Given; script: string; cause: RegExp; remedy: RegExp }[] = [
  {
    name: 'an image that cannot be pulled',
    given: { driver: 'docker-container' },
    script: `[ "$2" = create ] && { echo 'ERROR: dial tcp: lookup registry-1.docker.io: no such host' >&2; exit 1; }`,
    cause: /because `driver: docker-container` is set, but it did not boot/,
    remedy: /moby\/buildkit/,
  },
  {
    name: 'a broken builder',
    given: { builder: 'known' },
    script: `[ "$2" = inspect ] && { echo 'ERROR: container gone' >&2; exit 1; }`,
    cause: /`known`, set by `builder`, does not boot/,
    remedy: /inspect --bootstrap known/,
  },
]

for (const { name, given, script, cause, remedy } of failures) {
  test(`failure: ${name}`, async () => {
    const runner = scriptedRunner(docker(script))
    await assert.rejects(open(runner, given), error => {
      assert.ok(error instanceof Failure)
      assert.equal(error.stage, 'preflight')
      assert.match(error.problems[0]?.cause ?? '', cause)
      assert.match(error.problems[0]?.remedy ?? '', remedy)
      return true
    })
    assert.deepEqual(leftovers(runner), [])
  })
}

/** The body of a docker whose `create` and `cp` copy buildx out of an image. */
const buildxImage = `
echo "$@" >>"$here/calls"
case $1 in
  create) [ "$2" = docker.io/docker/buildx-bin:9.9.9 ] && { echo 'manifest unknown' >&2; exit 1; }; echo c0ffee ;;
  cp)
    echo '#!/bin/sh
echo "$@" >>'"$here/runs"'
echo github.com/docker/buildx v0.31.0 0123456' >"$3" ;;
esac`

test('buildx: the requested release is downloaded for this step only', async () => {
  const runner = scriptedRunner(buildxImage)
  const { buildx: plugin = '' } = await open(runner, {
    'buildx-version': '0.31.0',
    driver: 'docker-container',
  })
  assert.deepEqual(calls(runner), [
    'create docker.io/docker/buildx-bin:0.31.0 /buildx',
    `cp c0ffee:/buildx ${plugin}`,
    'rm c0ffee',
  ])
  assert.match(readFileSync(join(runner.directory, 'runs'), 'utf8'), /^version\ncreate --bootstrap /)
  assert.equal(statSync(plugin).mode & 0o777, 0o755)
  // The plugins of the runner are unchanged, and `post:` removes the downloaded buildx.
  assert.equal(existsSync(join(runner.directory, '.docker')), false)
  assert.deepEqual(runner.undos[0], { kind: 'directory', path: dirname(plugin) })
})

test('buildx: without buildx on the runner, the downloaded release also removes its builder', async () => {
  const runner = scriptedRunner(buildxImage)
  const given = { 'buildx-version': '0.31.0', driver: 'docker-container' }
  const { name } = await open(runner, given, { ...modern, buildxVersion: '' })
  for (const record of runner.undos.toReversed())
    if (record.kind !== 'run') await undo(runner.runtime.run, record)
  const runs = readFileSync(join(runner.directory, 'runs'), 'utf8').trim().split('\n')
  assert.equal(runs.at(-1), `rm --force ${name}`)
  assert.equal(
    calls(runner).some(call => call.startsWith('buildx')),
    false,
  )
  assert.deepEqual(leftovers(runner), [])
})

test("buildx: if docker connects with TLS options, the release becomes a plugin in this step's configuration", async () => {
  const runner = scriptedRunner(buildxImage, { ...remoteEngine, DOCKER_TLS_VERIFY: '1' })
  const plugins = join(runner.directory, 'plugins')
  mkdirSync(plugins)
  // The plugin of the runner, which the step's configuration links to.
  writeFileSync(join(runner.directory, 'theirs'), 'theirs')
  symlinkSync(join(runner.directory, 'theirs'), join(plugins, 'docker-buildx'))
  const runtime = { ...runner.runtime, env: { ...runner.runtime.env, DOCKER_CONFIG: runner.directory } }
  const { plan } = await planned({ 'buildx-version': '0.31.0', driver: 'docker-container' })
  const { name, buildx } = await openBuilder(runtime, plan, { ...modern, buildxVersion: '' }, { plugins })
  assert.equal(buildx, undefined)
  assert.match(readFileSync(join(plugins, 'docker-buildx'), 'utf8'), /v0\.31\.0/)
  assert.equal(readFileSync(join(runner.directory, 'theirs'), 'utf8'), 'theirs')
  assert.equal(calls(runner).at(-1), `buildx create --bootstrap --name ${name} --driver docker-container`)
  const env = { ...remoteEngine, DOCKER_TLS_VERIFY: '1', DOCKER_CONFIG: runner.directory }
  assert.deepEqual(runner.undos.at(-1), { kind: 'builder', name, env, keepState: false })
})

test('buildx: a release that the runner has is not downloaded', async () => {
  const runner = scriptedRunner(buildxImage)
  await open(runner, { 'buildx-version': 'v0.29.1' }, { ...modern, buildxVersion: '0.29.1+ds1' })
  assert.deepEqual(calls(runner), [])
})

test('buildx: the choice of the builder uses the version of the downloaded release', async () => {
  const runner = scriptedRunner(buildxImage)
  const { name } = await open(
    runner,
    { 'buildx-version': 'latest', platforms: 'linux/amd64,linux/386' },
    {
      ...modern,
      buildxVersion: '0.13.1',
    },
  )
  assert.equal(name, 'default')
})

const missing: readonly { name: string; given: Given; cause: RegExp }[] = [
  { name: 'none on the runner', given: {}, cause: /no buildx/ },
  {
    name: 'a release that does not exist',
    given: { 'buildx-version': '9.9.9' },
    cause: /buildx-bin:9\.9\.9 could not be installed/,
  },
]

for (const { name, given, cause } of missing) {
  test(`buildx: ${name}`, async () => {
    await assert.rejects(
      open(scriptedRunner(buildxImage), given, { ...modern, buildxVersion: '' }),
      error => {
        assert.ok(error instanceof Failure)
        assert.equal(error.stage, 'preflight')
        assert.match(error.problems[0]?.cause ?? '', cause)
        return true
      },
    )
  })
}

test("open: the builder's image is pulled while the emulators are installed, both before it boots", async () => {
  // Each command returns only after the other has started.
  const waitForEachOther = `
case $1 in
  run) touch "$here/emulators"; until [ -e "$here/builder" ]; do sleep 0.05; done ;;
  pull) touch "$here/builder"; until [ -e "$here/emulators" ]; do sleep 0.05; done ;;
esac`
  const runner = scriptedRunner(docker(waitForEachOther), remoteEngine)
  const given = { ...foreign, ...qemu, 'driver-opts': 'image=a.example/buildkit:1' }
  await open(runner, given)
  const [inspect, ...rest] = calls(runner)
  assert.equal(inspect, 'buildx inspect --bootstrap default')
  assert.deepEqual(rest.slice(0, 2).sort(), ['pull --quiet a.example/buildkit:1', install('s390x')])
  assert.match(rest[2] ?? '', /^buildx create --bootstrap/)
})
