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
import { lookAtDocker, probeDocker } from '../../../src/docker/probe.ts'
import { workbench } from '../buildx/scripted-docker.ts'

/** What the engine says, and docker with it. */
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
  /** A script in place of the plugin buildx; empty: there is none. */
  readonly buildx?: string
  readonly env?: (directory: string) => Environment
  readonly config?: (directory: string) => string
}

const metadata = `[ "$1" = docker-cli-plugin-metadata ] && echo '{"Vendor":"Docker Inc.","Version":"v0.29.1"}'`

/** An engine behind a socket, a client and a plugin; says what docker itself was asked. */
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
  // Where this machine has a docker of its own, its plugins come last.
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

const byItself: readonly { name: string; given: Machine }[] = [
  { name: 'behind DOCKER_HOST', given: {} },
  {
    name: 'whatever the context: DOCKER_HOST counts before it',
    given: { env: () => ({ DOCKER_CONTEXT: 'far' }) },
  },
  {
    name: 'with the plugin in the directory of the configuration',
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

for (const { name, given } of byItself) {
  test(`the engine is asked itself, and says the same: ${name}`, async () => {
    const { runtime, asked } = await machine(given)
    const { docker, insecure } = probeDocker(runtime, lookAtDocker(runtime))
    const found = await docker
    assert.deepEqual(asked, [])
    assert.deepEqual(await insecure, found.insecure)
    const { buildx = '', ...told } = found
    assert.match(buildx, /slipway-probe-.*\/docker-buildx$/)
    assert.deepEqual(told, await askDocker(runtime.run))
  })
}

const silence: RequestListener = () => undefined

const byDocker: readonly { name: string; given: Machine }[] = [
  { name: 'another machine', given: { env: () => ({ DOCKER_HOST: 'ssh://me@far' }) } },
  { name: 'TCP', given: { env: () => ({ DOCKER_HOST: 'tcp://127.0.0.1:1' }) } },
  {
    name: 'a context of the environment',
    given: { env: () => ({ DOCKER_HOST: '', DOCKER_CONTEXT: 'far' }) },
  },
  {
    name: 'a context of the configuration',
    given: { env: () => ({ DOCKER_HOST: '' }), config: () => '{"currentContext":"rootless"}' },
  },
  { name: 'TLS', given: { env: () => ({ DOCKER_TLS_VERIFY: '1' }) } },
  { name: 'no socket', given: { env: directory => ({ DOCKER_HOST: `unix://${directory}/none` }) } },
  { name: "Podman's socket", given: { answers: answer(engine, { server: 'Libpod/5.4.2 (linux)' }) } },
  { name: 'an engine that fails', given: { answers: answer(engine, { status: 500 }) } },
  { name: 'an engine that hangs', given: { answers: silence } },
  { name: 'an engine that says nothing', given: { answers: (_, response) => void response.destroy() } },
  { name: 'Windows containers', given: { answers: answer({ ...engine, OSType: 'windows' }) } },
  { name: 'no version', given: { answers: answer({ ...engine, ServerVersion: '' }) } },
  { name: 'a script that is called docker', given: { docker: '#!/bin/sh\nexec podman "$@"\n' } },
  {
    name: "Podman by docker's name",
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
  { name: 'a plugin that does not run', given: { buildx: '' } },
  { name: 'a plugin that says nothing', given: { buildx: 'echo' } },
]

for (const { name, given } of byDocker) {
  test(`docker is asked: ${name}`, async () => {
    const { runtime, asked } = await machine(given)
    const { docker, insecure } = probeDocker(runtime, lookAtDocker(runtime, 500))
    assert.deepEqual((await insecure).hosts, ['a:5000'])
    assert.equal((await docker).buildxVersion, '0.29.1')
    assert.deepEqual(asked, ['info'])
  })
}

test('which registries have no TLS is known before buildx has said its version', async () => {
  const { runtime, directory } = await machine({
    buildx: `while ! test -e "$(dirname "$0")/go"; do sleep 0.05; done\n${metadata}`,
  })
  const { docker, insecure } = probeDocker(runtime, lookAtDocker(runtime))
  assert.deepEqual((await insecure).hosts, ['a:5000'])
  writeFileSync(join(directory, 'plugins/go'), '')
  assert.equal((await docker).buildxVersion, '0.29.1')
})

test('nobody has to wait for what docker cannot say', async () => {
  const runtime = { ...workbench('exit 1').runtime, env: {} }
  const { insecure } = probeDocker(runtime, lookAtDocker(runtime))
  assert.deepEqual(await insecure, { hosts: [], cidrs: [] })
})

test('a run that is over ends what it has begun to ask', async () => {
  const { runtime } = await machine({ answers: silence, buildx: 'sleep 60' })
  const over = new AbortController()
  const { facts, buildx } = lookAtDocker({ ...runtime, cancelled: over.signal }, 60_000)
  over.abort()
  const began = performance.now()
  assert.deepEqual(await Promise.all([facts, buildx]), [undefined, undefined])
  // By itself it would give the plugin ten seconds, and the engine a minute.
  assert.ok(performance.now() - began < 9_000)
})

const commands: readonly { name: string; args: string[]; file?: string; expected: string }[] = [
  { name: 'buildx', args: ['buildx', 'build', '.'], expected: '/plugins/docker-buildx build .' },
  { name: 'docker itself', args: ['login', 'a'], expected: 'docker login a' },
  { name: 'another program', file: 'git', args: ['buildx'], expected: 'git buildx' },
]

for (const { name, args, file = 'docker', expected } of commands) {
  test(`run without the client: ${name}`, async () => {
    const run = withoutClient(
      async each => ({ code: 0, stdout: [each.file, ...each.args].join(' '), stderr: '' }),
      '/plugins/docker-buildx',
    )
    assert.equal((await run({ file, args })).stdout, expected)
  })
}
