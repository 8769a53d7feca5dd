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
import { type Workbench, workbench } from './scripted-docker.ts'

const modern: Docker = {
  engineVersion: '28.5.2',
  buildxVersion: '0.29.1',
  imageStore: 'containerd',
  platform: 'linux/amd64',
  rootless: false,
  context: 'default',
  insecure: { hosts: [], cidrs: [] },
}

/** An engine elsewhere: what it can run is asked of its builder, and not of this machine's kernel. */
const elsewhere = { DOCKER_HOST: 'tcp://engine.example:2376' }

/** Notes each call; `inspect` knows one builder by name. */
const docker = (more = '') => `
echo "$@" >>"$here/calls"
case "$1 $2" in
  'buildx inspect')
    for name; do :; done
    case $name in default|known) ;; *) echo "ERROR: no builder \\"$name\\" found" >&2; exit 1 ;; esac
    printf 'Driver: docker-container\\nPlatforms: linux/amd64, linux/386\\n' ;;
esac
${more}`

const calls = ({ directory }: Workbench): string[] =>
  existsSync(join(directory, 'calls'))
    ? readFileSync(join(directory, 'calls'), 'utf8').trim().split('\n')
    : []

const open = async ({ runtime }: Workbench, given: Given, machine = modern) =>
  await openBuilder(runtime, (await planned(given)).plan, machine)

const foreign = { platforms: 'linux/amd64,linux/s390x' }
const install = (architectures: string, image = 'binfmt') =>
  `run --rm --privileged ${image} --install ${architectures}`
const qemu = { 'qemu-image': 'binfmt' }

const openings: readonly {
  name: string
  given: Given
  expected: string[]
  builder: string
  made?: string
}[] = [
  { name: "the engine's own needs no call at all", given: {}, expected: [], builder: 'default' },
  {
    name: 'nor for what it runs by itself',
    given: { platforms: 'linux/386' },
    expected: [],
    builder: 'default',
  },
  {
    name: 'an emulator, for the one platform that lacks one',
    given: { ...foreign, ...qemu },
    expected: ['buildx inspect --bootstrap default', install('s390x')],
    builder: 'default',
  },
  {
    name: 'none to check a Dockerfile',
    given: { ...foreign, call: 'check' },
    expected: [],
    builder: 'default',
  },
  {
    name: 'a builder that is there',
    given: { builder: 'known' },
    expected: ['buildx inspect --bootstrap known'],
    builder: 'known',
  },
  {
    name: 'a builder that is there, and an emulator that it lacks',
    given: { builder: 'known', ...foreign, ...qemu },
    expected: ['buildx inspect --bootstrap known', install('s390x')],
    builder: 'known',
  },
  {
    name: 'a builder that is not there yet',
    given: { builder: 'mine' },
    expected: [
      'buildx inspect --bootstrap mine',
      'buildx create --bootstrap --name mine --driver docker-container',
    ],
    builder: 'mine',
    made: 'mine',
  },
  {
    name: 'nodes on other machines, which need no emulator of this one',
    given: { builder: 'mine', endpoint: 'ssh://a', append: '- endpoint: ssh://b', ...foreign },
    expected: [
      'buildx inspect --bootstrap mine',
      'buildx create --name mine --driver docker-container ssh://a',
      'buildx create --bootstrap --name mine --append ssh://b',
    ],
    builder: 'mine',
    made: 'mine',
  },
  {
    name: 'a builder that is to stay',
    given: { builder: 'mine', cleanup: 'false' },
    expected: [
      'buildx inspect --bootstrap mine',
      'buildx create --bootstrap --name mine --driver docker-container',
    ],
    builder: 'mine',
  },
]

for (const { name, given, expected, builder, made } of openings) {
  test(`open: ${name}`, async () => {
    const bench = workbench(docker(), elsewhere)
    assert.equal((await open(bench, given)).name, builder)
    assert.deepEqual(calls(bench), expected)
    const undo = bench.undos.find(({ kind }) => kind === 'builder')
    assert.deepEqual(undo, made && { kind: 'builder', name: made, env: elsewhere, keepState: false })
    assert.deepEqual(left(bench), [])
  })
}

const left = ({ directory }: Workbench) => readdirSync(directory).filter(each => each.startsWith('slipway-'))

test('open: a builder is made under a name of its own, with its configuration in a private file', async () => {
  const look = `case $* in *--buildkitd-config*) for last; do :; done; stat -c %a "$last"; cat "$last"; esac >>"$here/seen"`
  const bench = workbench(docker(look))
  const { name, why } = await open(bench, { 'buildkitd-config-inline': 'debug = true', 'keep-state': 'true' })
  assert.match(name, /^slipway-[0-9a-f]{8}$/)
  assert.match(why ?? '', /configured/)
  assert.equal(readFileSync(join(bench.directory, 'seen'), 'utf8'), '600\ndebug = true')
  assert.deepEqual(bench.undos, [{ kind: 'builder', name, env: {}, keepState: true }])
  assert.deepEqual(left(bench), [])
})

test('open: nodes that say what they are for leave the rest to this machine, and its emulators', async () => {
  const bench = workbench(docker(), elsewhere)
  await open(bench, {
    builder: 'mine',
    platforms: 'linux/amd64,linux/arm64,linux/s390x',
    append: '- endpoint: ssh://b\n  platforms: linux/arm64',
    ...qemu,
  })
  // The builder's image comes while the emulators do.
  assert.deepEqual(calls(bench).toSorted(), [
    'buildx create --bootstrap --name mine --append --platform linux/arm64 ssh://b',
    'buildx create --name mine --driver docker-container',
    'buildx inspect --bootstrap default',
    'buildx inspect --bootstrap mine',
    'pull --quiet docker.io/moby/buildkit:buildx-stable-1',
    install('s390x'),
  ])
})

test('open: a buildkitd behind TLS is shown what the variables of setup-buildx-action hold, in files that stay', async () => {
  const variables = {
    BUILDER_NODE_0_AUTH_TLS_CACERT: 'authority',
    BUILDER_NODE_0_AUTH_TLS_CERT: 'certificate',
    BUILDER_NODE_0_AUTH_TLS_KEY: 'the first key',
    BUILDER_NODE_1_AUTH_TLS_KEY: 'the second key',
    BUILDER_NODE_2_AUTH_TLS_KEY: 'of no node',
  }
  const bench = workbench(docker(), variables)
  const masked: string[] = []
  const log = { ...bench.runtime.log, mask: (text: string) => void masked.push(text) }
  const given = { driver: 'remote', endpoint: 'tcp://a:1234', append: '- endpoint: tcp://b:1234' }
  await openBuilder({ ...bench.runtime, log }, (await planned(given)).plan, modern)
  const [first = '', second = ''] = calls(bench)
  const held = (call: string) =>
    [...call.matchAll(/--driver-opt (\w+)=(\S+)/g)].map(([, kind, file = '']) => {
      assert.equal(statSync(file).mode & 0o777, 0o600)
      return `${kind}: ${readFileSync(file, 'utf8')}`
    })
  assert.deepEqual(held(first), ['cacert: authority', 'cert: certificate', 'key: the first key'])
  assert.deepEqual(held(second), ['key: the second key'])
  assert.deepEqual(masked, ['the first key', 'the second key'])
  // The builder goes before what it is reached with.
  assert.deepEqual(
    bench.undos.map(({ kind }) => kind),
    ['directory', 'builder'],
  )
  for (const record of bench.undos.toReversed())
    if (record.kind !== 'run') await undo(bench.runtime.run, record)
  assert.deepEqual(left(bench), [])
})

test('open: the builder that an earlier step has chosen is used', async () => {
  const bench = workbench(docker(), elsewhere)
  const directory = join(bench.directory, '.docker', 'buildx')
  mkdirSync(join(directory, 'instances'), { recursive: true })
  const chosen = (name: string, key = elsewhere.DOCKER_HOST) =>
    writeFileSync(join(directory, 'current'), JSON.stringify({ Key: key, Name: name, Global: false }))
  chosen('known')
  assert.equal((await open(bench, {})).name, 'default', 'it was removed since')
  writeFileSync(join(directory, 'instances', 'known'), '{}')
  assert.equal((await open(bench, {})).name, 'known')
  chosen('known', 'unix:///elsewhere')
  assert.equal((await open(bench, {})).name, 'default', 'it was chosen at another engine')
})

for (const name of ['../known', '--help', 'a/b', '']) {
  test(`open: ${JSON.stringify(name)} in docker's notes is the name of no builder`, async () => {
    const bench = workbench(docker(), elsewhere)
    const directory = join(bench.directory, '.docker', 'buildx')
    mkdirSync(join(directory, 'instances', 'a', 'b'), { recursive: true })
    writeFileSync(join(directory, 'known'), '{}')
    writeFileSync(join(directory, 'instances', '--help'), '{}')
    writeFileSync(join(directory, 'current'), JSON.stringify({ Key: elsewhere.DOCKER_HOST, Name: name }))
    assert.equal((await open(bench, {})).name, 'default')
    assert.deepEqual(calls(bench), [])
  })
}

/** A builder that is current, on a machine whose docker answers for it with a script; `$name` is who is inspected. */
async function openOnMachine(current: string, script: string, given: Given = {}, env = {}) {
  const bench = workbench(
    `for name; do :; done\necho "$@" >>"$here/calls"\nif [ "$1 $2" = 'buildx inspect' ]; then\n${script}\nfi`,
    { ...elsewhere, ...env },
  )
  const directory = join(bench.directory, '.docker', 'buildx')
  mkdirSync(join(directory, 'instances'), { recursive: true })
  writeFileSync(join(directory, 'instances', current), '{}')
  const noted = { Key: elsewhere.DOCKER_HOST, Name: current, Global: false }
  writeFileSync(join(directory, 'current'), JSON.stringify(noted))
  const { name } = await open(bench, given)
  return { name, log: bench.log(), calls: calls(bench) }
}

const unreachable =
  'Cannot connect to the Docker daemon at tcp://10.0.0.9:2375. Is the docker daemon running?'
const node = (state: string) => `printf '%s\\n' 'Driver: docker-container' 'Nodes:' 'Name: dead0' '${state}'`
const deaths: readonly { name: string; script: string; cause: RegExp }[] = [
  {
    name: 'whose image is not to be had',
    script: `echo 'ERROR: no such image' >&2; exit 1`,
    cause: /no such image/,
  },
  { name: 'whose only node cannot be reached', script: node(`Error: ${unreachable}`), cause: /10\.0\.0\.9/ },
  {
    name: 'that was removed meanwhile',
    script: `echo 'ERROR: no builder "dead" found' >&2; exit 1`,
    cause: /no such builder/,
  },
]

for (const { name, script, cause } of deaths) {
  test(`open: a current builder ${name} is passed over, with a notice`, async () => {
    const opened = await openOnMachine('dead', script)
    assert.equal(opened.name, 'default')
    assert.match(opened.log, /notice: The builder `dead`, which is the current one .* passed over/)
    assert.match(opened.log, cause)
    assert.match(opened.log, /docker buildx rm dead/)
    assert.deepEqual(opened.calls, ['buildx inspect --bootstrap dead'])
  })
}

test('open: a dead current builder leads to the builder that the build needs', async () => {
  const given = { image: 'a.example/b', outputs: 'type=image,push-by-digest=true,push=true' }
  const { name, calls: made } = await openOnMachine('dead', `echo 'ERROR: gone' >&2; exit 1`, given)
  assert.match(name, /^slipway-/)
  assert.match(made.at(-1) ?? '', /^buildx create --bootstrap --name slipway-/)
})

test('open: a current builder of which one node runs is used', async () => {
  const two = `${node(`Error: ${unreachable}`)}; echo 'Status: running'`
  assert.equal((await openOnMachine('half', two)).name, 'half')
})

for (const [input, given, env] of [
  ['builder', { builder: 'dead' }, {}],
  ['BUILDX_BUILDER', {}, { BUILDX_BUILDER: 'dead' }],
] as const) {
  test(`open: a dead builder that \`${input}\` names fails, and says what to leave out`, async () => {
    const bench = workbench(node(`Error: ${unreachable}`), env)
    const { plan } = await planned(given, undefined, { env, exists: () => true })
    await assert.rejects(openBuilder(bench.runtime, plan, modern), error => {
      assert.ok(error instanceof Failure)
      const [problem] = error.problems
      assert.equal(problem?.input, input === 'builder' ? input : undefined)
      assert.match(problem?.cause ?? '', new RegExp(`\`dead\`, which \`${input}\` names`))
      assert.match(problem?.remedy ?? '', new RegExp(`leave out \`${input}\``))
      assert.match(problem?.output ?? '', /10\.0\.0\.9/)
      return true
    })
  })
}

test('open: annotations are for builders that write them', async () => {
  const classic = { ...modern, imageStore: 'classic' } as const
  const annotates = async (given: Given, machine: Docker) =>
    (await open(workbench(docker()), given, machine)).annotates
  assert.equal(await annotates({}, modern), true)
  assert.equal(await annotates({ provenance: 'false' }, classic), false)
  assert.equal(await annotates({ builder: 'known' }, classic), true)
})

for (const [driver, imageStore, kind] of [
  ['docker', 'classic', 'open'],
  ['docker', 'containerd', 'refused'],
  ['docker-container', 'classic', 'refused'],
] as const) {
  test(`open: an old buildx, and a ${driver} builder by its name with the ${imageStore} store: ${kind}`, async () => {
    const old = { ...modern, imageStore, buildxVersion: '0.11.2' } as const
    const bench = workbench(docker().replace('docker-container', driver))
    const opened = open(bench, { builder: 'known', provenance: 'false' }, old)
    if (kind === 'open') return assert.equal((await opened).annotates, false)
    await assert.rejects(opened, /annotations need 0\.12/)
  })
}

test('open: a rootless engine cannot register an emulator, and says so at once', async () => {
  const bench = workbench(docker(), elsewhere)
  await assert.rejects(open(bench, foreign, { ...modern, rootless: true }), error => {
    assert.ok(error instanceof Failure)
    assert.match(error.problems[0]?.cause ?? '', /rootless.*linux\/s390x/)
    return true
  })
  assert.deepEqual(calls(bench), ['buildx inspect --bootstrap default'])
})

test('open: an emulator that cannot be had is no failure yet', async () => {
  const refuse = `[ "$1" = run ] && { echo 'docker: Error response from daemon: pull access denied' >&2; exit 125; }\nexit 0`
  const bench = workbench(docker(refuse), elsewhere)
  assert.equal((await open(bench, foreign)).name, 'default')
  assert.match(bench.log(), /warning: No emulator .* linux\/s390x/)
})

test('open: what did not boot is booted again, and not made again', async () => {
  const flaky = `[ "$2" = create ] && { echo 'ERROR: net/http: TLS handshake timeout' >&2; exit 1; }\nexit 0`
  const bench = workbench(docker(flaky).replace('default|known', '*'))
  const { name } = await open(bench, { driver: 'docker-container' })
  assert.deepEqual(
    calls(bench).map(call => call.replace(name, 'NAME')),
    ['buildx create --bootstrap --name NAME --driver docker-container', 'buildx inspect --bootstrap NAME'],
  )
  assert.match(bench.log(), /TLS handshake timeout\. Trying again/)
})

const failures: readonly { name: string; given: Given; script: string; cause: RegExp; remedy: RegExp }[] = [
  {
    name: 'an image that is not to be had',
    given: { driver: 'docker-container' },
    script: `[ "$2" = create ] && { echo 'ERROR: dial tcp: lookup registry-1.docker.io: no such host' >&2; exit 1; }`,
    cause: /`driver: docker-container` asks for it, and did not boot/,
    remedy: /moby\/buildkit/,
  },
  {
    name: 'a builder that is broken',
    given: { builder: 'known' },
    script: `[ "$2" = inspect ] && { echo 'ERROR: container gone' >&2; exit 1; }`,
    cause: /`known`, which `builder` names, does not boot/,
    remedy: /inspect --bootstrap known/,
  },
]

for (const { name, given, script, cause, remedy } of failures) {
  test(`failure: ${name}`, async () => {
    const bench = workbench(docker(script))
    await assert.rejects(open(bench, given), error => {
      assert.ok(error instanceof Failure)
      assert.equal(error.stage, 'preflight')
      assert.match(error.problems[0]?.cause ?? '', cause)
      assert.match(error.problems[0]?.remedy ?? '', remedy)
      return true
    })
    assert.deepEqual(left(bench), [])
  })
}

/** `docker create`, `cp` and `rm` as they hand a file of an image out. */
const images = `
echo "$@" >>"$here/calls"
case $1 in
  create) [ "$2" = docker.io/docker/buildx-bin:9.9.9 ] && { echo 'manifest unknown' >&2; exit 1; }; echo c0ffee ;;
  cp)
    echo '#!/bin/sh
echo "$@" >>'"$here/runs"'
echo github.com/docker/buildx v0.31.0 0123456' >"$3" ;;
esac`

test('buildx: the release that is asked for is fetched, for this step alone', async () => {
  const bench = workbench(images)
  const { buildx: plugin = '' } = await open(bench, {
    'buildx-version': '0.31.0',
    driver: 'docker-container',
  })
  assert.deepEqual(calls(bench), [
    'create docker.io/docker/buildx-bin:0.31.0 /buildx',
    `cp c0ffee:/buildx ${plugin}`,
    'rm c0ffee',
  ])
  assert.match(readFileSync(join(bench.directory, 'runs'), 'utf8'), /^version\ncreate --bootstrap /)
  assert.equal(statSync(plugin).mode & 0o777, 0o755)
  // The runner's own plugins stay as they are, and `post:` takes away what was fetched.
  assert.equal(existsSync(join(bench.directory, '.docker')), false)
  assert.deepEqual(bench.undos[0], { kind: 'directory', path: dirname(plugin) })
})

test('buildx: a builder is removed with the release that made it, where the runner has none', async () => {
  const bench = workbench(images)
  const given = { 'buildx-version': '0.31.0', driver: 'docker-container' }
  const { name } = await open(bench, given, { ...modern, buildxVersion: '' })
  for (const record of bench.undos.toReversed())
    if (record.kind !== 'run') await undo(bench.runtime.run, record)
  const runs = readFileSync(join(bench.directory, 'runs'), 'utf8').trim().split('\n')
  assert.equal(runs.at(-1), `rm --force ${name}`)
  assert.equal(
    calls(bench).some(call => call.startsWith('buildx')),
    false,
  )
  assert.deepEqual(left(bench), [])
})

test('buildx: where docker is told to speak TLS, the release is a plugin of its own for this step', async () => {
  const bench = workbench(images, { ...elsewhere, DOCKER_TLS_VERIFY: '1' })
  const plugins = join(bench.directory, 'plugins')
  mkdirSync(plugins)
  // The runner's own, as the step's configuration shares it.
  writeFileSync(join(bench.directory, 'theirs'), 'theirs')
  symlinkSync(join(bench.directory, 'theirs'), join(plugins, 'docker-buildx'))
  const runtime = { ...bench.runtime, env: { ...bench.runtime.env, DOCKER_CONFIG: bench.directory } }
  const { plan } = await planned({ 'buildx-version': '0.31.0', driver: 'docker-container' })
  const { name, buildx } = await openBuilder(runtime, plan, { ...modern, buildxVersion: '' }, { plugins })
  assert.equal(buildx, undefined)
  assert.match(readFileSync(join(plugins, 'docker-buildx'), 'utf8'), /v0\.31\.0/)
  assert.equal(readFileSync(join(bench.directory, 'theirs'), 'utf8'), 'theirs')
  assert.equal(calls(bench).at(-1), `buildx create --bootstrap --name ${name} --driver docker-container`)
  const env = { ...elsewhere, DOCKER_TLS_VERIFY: '1', DOCKER_CONFIG: bench.directory }
  assert.deepEqual(bench.undos.at(-1), { kind: 'builder', name, env, keepState: false })
})

test('buildx: what is there already is not fetched', async () => {
  const bench = workbench(images)
  await open(bench, { 'buildx-version': 'v0.29.1' }, { ...modern, buildxVersion: '0.29.1+ds1' })
  assert.deepEqual(calls(bench), [])
})

test('buildx: the builder is chosen by the release that was fetched', async () => {
  const bench = workbench(images)
  const { name } = await open(
    bench,
    { 'buildx-version': 'latest', platforms: 'linux/amd64,linux/386' },
    {
      ...modern,
      buildxVersion: '0.13.1',
    },
  )
  assert.equal(name, 'default')
})

const without: readonly { name: string; given: Given; cause: RegExp }[] = [
  { name: 'none at all', given: {}, cause: /no buildx/ },
  {
    name: 'a release that there is not',
    given: { 'buildx-version': '9.9.9' },
    cause: /buildx-bin:9\.9\.9 could not be installed/,
  },
]

for (const { name, given, cause } of without) {
  test(`buildx: ${name}`, async () => {
    await assert.rejects(open(workbench(images), given, { ...modern, buildxVersion: '' }), error => {
      assert.ok(error instanceof Failure)
      assert.equal(error.stage, 'preflight')
      assert.match(error.problems[0]?.cause ?? '', cause)
      return true
    })
  })
}

test('open: the image of a builder comes while the emulators do, and both before it boots', async () => {
  // Each of the two ends only once the other has begun.
  const meet = `
case $1 in
  run) touch "$here/emulators"; until [ -e "$here/builder" ]; do sleep 0.05; done ;;
  pull) touch "$here/builder"; until [ -e "$here/emulators" ]; do sleep 0.05; done ;;
esac`
  const bench = workbench(docker(meet), elsewhere)
  const given = { ...foreign, ...qemu, 'driver-opts': 'image=a.example/buildkit:1' }
  await open(bench, given)
  const [asked, ...rest] = calls(bench)
  assert.equal(asked, 'buildx inspect --bootstrap default')
  assert.deepEqual(rest.slice(0, 2).sort(), ['pull --quiet a.example/buildkit:1', install('s390x')])
  assert.match(rest[2] ?? '', /^buildx create --bootstrap/)
})
