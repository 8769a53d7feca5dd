import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome, Run } from '../../../src/core/command.ts'
import { Failure } from '../../../src/core/errors.ts'
import { localRun } from '../../../src/core/process.ts'
import { askDocker, type Docker, readDocker } from '../../../src/docker/docker.ts'

/** Excerpts from the output of `docker info --format '{{json .}}'` on a Debian machine. */
const client = {
  Version: '28.5.2+dfsg4',
  Context: 'default',
  Plugins: [
    { Name: 'buildx', Vendor: 'Docker Inc.', Version: 'v0.29.1' },
    { Name: 'compose', Vendor: 'Docker Inc.', Version: '2.40.3-1' },
  ],
}
const engine = {
  ServerVersion: '28.5.2+dfsg4',
  DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
  OSType: 'linux',
  Architecture: 'x86_64',
  SecurityOptions: ['name=seccomp,profile=builtin'],
  RegistryConfig: {
    IndexConfigs: {
      '10.77.0.1:5000': { Name: '10.77.0.1:5000', Secure: false },
      'docker.io': { Name: 'docker.io', Secure: true },
    },
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
  },
  ClientInfo: client,
}

const known: Docker = {
  engineVersion: '28.5.2+dfsg4',
  buildxVersion: '0.29.1',
  imageStore: 'containerd',
  platform: 'linux/amd64',
  rootless: false,
  context: 'default',
  insecure: { hosts: ['10.77.0.1:5000'], cidrs: ['::1/128', '127.0.0.0/8'] },
}

const machines: readonly { name: string; facts: object; expected: Partial<Docker> }[] = [
  { name: 'the containerd store', facts: engine, expected: known },
  {
    name: 'the classic store',
    facts: { ...engine, DriverStatus: [['Backing Filesystem', 'extfs']] },
    expected: { ...known, imageStore: 'classic' },
  },
  {
    name: 'a rootless engine',
    facts: { ...engine, SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'] },
    expected: { ...known, rootless: true },
  },
  { name: 'arm64', facts: { ...engine, Architecture: 'aarch64' }, expected: { platform: 'linux/arm64' } },
  {
    name: '32-bit arm',
    facts: { ...engine, Architecture: 'armv7l' },
    expected: { platform: 'linux/arm/v7' },
  },
  {
    name: 'a context other than the default',
    facts: { ...engine, ClientInfo: { ...client, Context: 'remote' } },
    expected: { context: 'remote' },
  },
  {
    name: 'no buildx',
    facts: { ...engine, ClientInfo: { ...client, Plugins: [] } },
    expected: { buildxVersion: '' },
  },
  {
    name: 'a buildx that cannot be run',
    facts: {
      ...engine,
      ClientInfo: { ...client, Plugins: [{ Name: 'buildx', Version: '1', Err: 'exec format error' }] },
    },
    expected: { buildxVersion: '' },
  },
]

for (const { name, facts, expected } of machines) {
  test(`readDocker: ${name}`, () => {
    const docker = readDocker(facts)
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(docker[key as keyof Docker], value)
  })
}

const json = (facts: object): string => JSON.stringify(facts)
const noEngine = { ...engine, ServerVersion: '', OSType: '', ClientInfo: client }

const broken: readonly { name: string; outcome: Partial<Outcome>; cause: RegExp; remedy: RegExp }[] = [
  {
    name: 'no daemon',
    outcome: {
      code: 1,
      stdout: json(noEngine),
      stderr:
        'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    },
    cause: /cannot be reached/,
    remedy: /start the engine/,
  },
  {
    name: 'no daemon, reported by older clients with exit code 0',
    outcome: { stdout: json({ ...noEngine, ServerErrors: ['Cannot connect to the Docker daemon'] }) },
    cause: /cannot be reached/,
    remedy: /DOCKER_HOST/,
  },
  {
    name: 'no permission to use the engine',
    outcome: {
      code: 1,
      stdout: json(noEngine),
      stderr: 'permission denied while trying to connect to the docker API at unix:///var/run/docker.sock',
    },
    cause: /not allowed to use/,
    remedy: /group `docker`/,
  },
  {
    name: "Podman's docker command",
    outcome: {
      stdout: json({ host: { arch: 'amd64', buildahVersion: '1.28.2' }, store: {} }),
      stderr: 'Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.',
    },
    cause: /Podman/,
    remedy: /podman-docker/,
  },
  {
    name: 'Windows containers',
    outcome: { stdout: json({ ...engine, OSType: 'windows' }) },
    cause: /Windows containers/,
    remedy: /Linux/,
  },
  { name: 'an engine that hangs', outcome: { code: null }, cause: /30 seconds/, remedy: /Restart/ },
]

for (const { name, outcome, cause, remedy } of broken) {
  test(`askDocker fails: ${name}`, async () => {
    const run: Run = async () => ({ code: 0, stdout: '', stderr: '', ...outcome })
    await assert.rejects(askDocker(run), error => {
      assert.ok(error instanceof Failure)
      assert.equal(error.stage, 'preflight')
      assert.match(error.problems[0]?.cause ?? '', cause)
      assert.match(error.problems[0]?.remedy ?? '', remedy)
      return true
    })
  })
}

test('askDocker fails: no docker command', async () => {
  const run = localRun({})
  await assert.rejects(
    askDocker(command => run({ ...command, file: 'no-such-docker' })),
    error => {
      assert.ok(error instanceof Failure)
      assert.match(error.problems[0]?.cause ?? '', /no `docker` command/)
      return true
    },
  )
})
