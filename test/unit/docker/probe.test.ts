import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { localRun } from '../../../src/core/process.ts'
import type { Environment } from '../../../src/core/runtime.ts'
import { askDocker } from '../../../src/docker/docker.ts'
import { withoutClient } from '../../../src/docker/plugins.ts'
import { probeDocker, startEarlyProbe } from '../../../src/docker/probe.ts'
import { scriptedRunner } from '../buildx/scripted-runner.ts'

/** The engine's answer. `docker info` reports the same. */
const engine = {
  ServerVersion: '28.5.2',
  DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
  OSType: 'linux',
  Architecture: 'x86_64',
  SecurityOptions: ['name=rootless'],
  RegistryConfig: {
    IndexConfigs: { a: { Name: 'a:5000', Secure: false } },
    InsecureRegistryCIDRs: ['10.0.0.0/8'],
  },
}
const client = { Context: 'default', Plugins: [{ Name: 'buildx', Version: 'v0.29.1' }, { Name: 'compose' }] }

const answer =
  (facts: object, { server = 'Docker/28.5.2 (linux)', status = 200 } = {}): RequestListener =>
  (request, response) => {
    const found = request.url === '/info'
    response.writeHead(found ? status : 404, { server }).end(JSON.stringify(facts))
  }

interface Machine {
  readonly answers?: RequestListener
  /** The first bytes of the `docker` on PATH. */
  readonly docker?: string
  /** The script that serves as the buildx plugin. If it is empty, the plugin fails. */
  readonly buildx?: string
  readonly env?: (directory: string) => Environment
  readonly config?: (directory: string) => string
}

const metadata = `[ "$1" = docker-cli-plugin-metadata ] && echo '{"Vendor":"Docker Inc.","Version":"v0.29.1"}'`

/** Creates an engine with a socket, a client and a plugin. `asked` lists the commands that the docker client ran. */
async function machine({
  answers = answer(engine),
  docker = '\x7fELF',
  buildx = metadata,
  ...more
}: Machine) {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-probe-'))
  const file = (name: string, text: string) => {
    mkdirSync(join(directory, name, '..'), { recursive: true })
    writeFileSync(join(directory, name), text)
    chmodSync(join(directory, name), 0o755)
  }
  if (docker !== '') file('bin/docker', docker)
  mkdirSync(join(directory, 'home/.docker'), { recursive: true })
  // This directory comes before those of a docker that is installed on this machine.
  file('plugins/docker-buildx', `#!/bin/sh\n${buildx || 'exit 1'}\n`)
  const config = JSON.stringify({ cliPluginsExtraDirs: [join(directory, 'plugins')] })
  writeFileSync(join(directory, 'home/.docker/config.json'), more.config?.(directory) ?? config)
  const server = createServer(answers)
  await new Promise<void>(resolve => server.listen(join(directory, 'engine.sock'), resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const env = {
    PATH: `${join(directory, 'bin')}:/usr/bin:/bin`,
    HOME: join(directory, 'home'),
    DOCKER_HOST: `unix://${directory}/engine.sock`,
    ...more.env?.(directory),
  }
  const asked: string[] = []
  const local = localRun(env)
  const run: typeof local = async (command, options) => {
    if (command.file !== 'docker') return await local(command, options)
    asked.push(command.args[0] ?? '')
    return { code: 0, stdout: JSON.stringify({ ...engine, ClientInfo: client }), stderr: '' }
  }
  return { runtime: { run, env, cancelled: new AbortController().signal }, asked, directory }
}

const direct: readonly { name: string; given: Machine }[] = [
  { name: 'the socket of DOCKER_HOST', given: {} },
  {
    name: 'DOCKER_HOST, which overrides the context',
    given: { env: () => ({ DOCKER_CONTEXT: 'far' }) },
  },
  {
    name: 'the plugin in the configuration directory',
    given: {
      config: directory => {
        mkdirSync(join(directory, 'home/.docker/cli-plugins'), { recursive: true })
        symlinkSync(
          join(directory, 'plugins/docker-buildx'),
          join(directory, 'home/.docker/cli-plugins/docker-buildx'),
        )
        return '{}'
      },
    },
  },
]

for (const { name, given } of direct) {
  test(`the engine is queried directly, with the result of \`docker info\`: ${name}`, async () => {
    const { runtime, asked } = await machine(given)
    const { docker, insecure } = probeDocker(runtime, startEarlyProbe(runtime))
    const probed = await docker
    assert.deepEqual(asked, [])
    assert.deepEqual(await insecure, probed.insecure)
    const { buildx = '', ...others } = probed
    assert.match(buildx, /slipway-probe-.*\/docker-buildx$/)
    assert.deepEqual(others, await askDocker(runtime.run))
  })
}

const silence: RequestListener = () => undefined

const fallback: readonly { name: string; given: Machine }[] = [
  { name: 'another machine', given: { env: () => ({ DOCKER_HOST: 'ssh://me@far' }) } },
  { name: 'TCP', given: { env: () => ({ DOCKER_HOST: 'tcp://127.0.0.1:1' }) } },
  {
    name: 'a context from the environment',
    given: { env: () => ({ DOCKER_HOST: '', DOCKER_CONTEXT: 'far' }) },
  },
  {
    name: 'a context from the configuration',
    given: { env: () => ({ DOCKER_HOST: '' }), config: () => '{"currentContext":"rootless"}' },
  },
  { name: 'TLS', given: { env: () => ({ DOCKER_TLS_VERIFY: '1' }) } },
  { name: 'no socket', given: { env: directory => ({ DOCKER_HOST: `unix://${directory}/none` }) } },
  { name: "Podman's socket", given: { answers: answer(engine, { server: 'Libpod/5.4.2 (linux)' }) } },
  { name: 'an engine that fails', given: { answers: answer(engine, { status: 500 }) } },
  { name: 'an engine that hangs', given: { answers: silence } },
  {
    name: 'an engine that closes the connection',
    given: { answers: (_, response) => void response.destroy() },
  },
  { name: 'Windows containers', given: { answers: answer({ ...engine, OSType: 'windows' }) } },
  { name: 'no version', given: { answers: answer({ ...engine, ServerVersion: '' }) } },
  { name: 'a script named docker', given: { docker: '#!/bin/sh\nexec podman "$@"\n' } },
  {
    name: 'a link named docker to Podman',
    given: {
      docker: '',
      env: directory => {
        mkdirSync(join(directory, 'bin'))
        writeFileSync(join(directory, 'podman'), '\x7fELF', { mode: 0o755 })
        symlinkSync(join(directory, 'podman'), join(directory, 'bin/docker'))
        return {}
      },
    },
  },
  { name: 'no docker at all', given: { docker: '', env: () => ({ PATH: '/nowhere' }) } },
  { name: 'a plugin that fails', given: { buildx: '' } },
  { name: 'a plugin without metadata', given: { buildx: 'echo' } },
]

for (const { name, given } of fallback) {
  test(`\`docker info\` is run: ${name}`, async () => {
    const { runtime, asked } = await machine(given)
    const { docker, insecure } = probeDocker(runtime, startEarlyProbe(runtime, 500))
    assert.deepEqual((await insecure).hosts, ['a:5000'])
    assert.equal((await docker).buildxVersion, '0.29.1')
    assert.deepEqual(asked, ['info'])
  })
}

test('the insecure registries are known before buildx has reported its version', async () => {
  const { runtime, directory } = await machine({
    buildx: `while ! test -e "$(dirname "$0")/go"; do sleep 0.05; done\n${metadata}`,
  })
  const { docker, insecure } = probeDocker(runtime, startEarlyProbe(runtime))
  assert.deepEqual((await insecure).hosts, ['a:5000'])
  writeFileSync(join(directory, 'plugins/go'), '')
  assert.equal((await docker).buildxVersion, '0.29.1')
})

test('the insecure registries are empty if docker fails', async () => {
  const runtime = { ...scriptedRunner('exit 1').runtime, env: {} }
  const { insecure } = probeDocker(runtime, startEarlyProbe(runtime))
  assert.deepEqual(await insecure, { hosts: [], cidrs: [] })
})

test('a cancelled run ends the early probe', async () => {
  const { runtime } = await machine({ answers: silence, buildx: 'sleep 60' })
  const cancel = new AbortController()
  const { facts, buildx } = startEarlyProbe({ ...runtime, cancelled: cancel.signal }, 60_000)
  cancel.abort()
  const began = performance.now()
  assert.deepEqual(await Promise.all([facts, buildx]), [undefined, undefined])
  // The timeouts alone would be ten seconds for the plugin and a minute for the engine.
  assert.ok(performance.now() - began < 9_000)
})

const commands: readonly { name: string; args: string[]; file?: string; expected: string }[] = [
  { name: 'buildx', args: ['buildx', 'build', '.'], expected: '/plugins/docker-buildx build .' },
  { name: 'another docker command', args: ['login', 'a'], expected: 'docker login a' },
  { name: 'another program', file: 'git', args: ['buildx'], expected: 'git buildx' },
]

for (const { name, args, file = 'docker', expected } of commands) {
  test(`withoutClient: ${name}`, async () => {
    const run = withoutClient(
      async each => ({ code: 0, stdout: [each.file, ...each.args].join(' '), stderr: '' }),
      '/plugins/docker-buildx',
    )
    assert.equal((await run({ file, args })).stdout, expected)
  })
}
