/** Tests the rig itself, on a second rig next to the default one. */
import assert from 'node:assert/strict'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { askRegistry } from './ask-registry.ts'
import { attempt, run } from './command.ts'
import { down, leftovers } from './down.ts'
import { defaultDirectory, place } from './place.ts'
import { type Registry, type Rig, rig, type Server } from './rig.ts'

const directory = `${defaultDirectory}-test`
const cli = fileURLToPath(new URL('cli.ts', import.meta.url))
const at = place(directory)

/** Links the cache of the default rig, so that nothing is downloaded twice. */
function shareCache(): void {
  mkdirSync(place(defaultDirectory).cache, { recursive: true })
  mkdirSync(directory, { recursive: true })
  if (!lstatSync(at.cache, { throwIfNoEntry: false })) symlinkSync(place(defaultDirectory).cache, at.cache)
}

const startRig = (): Promise<Rig> => rig({ directory })

const ssh = (server: Server, key: string, login: string, command: string) => {
  const knownHosts = join(at.run, 'known_hosts')
  writeFileSync(knownHosts, `${server.knownHosts}\n`)
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
  ]
  const flags = options.flatMap(option => ['-o', option])
  return attempt('ssh', ['-F', 'none', ...flags, '-i', key, `${login}@${server.address}`, command], {
    timeout: 20_000,
  })
}

const statusOf = async (registry: Registry, login?: string): Promise<number> => {
  const headers = login ? { authorization: `Basic ${Buffer.from(login).toString('base64')}` } : {}
  return (await fetch(`${registry.url}/v2/`, { headers })).status
}

before(async () => {
  shareCache()
  await down(directory)
})

after(async () => {
  await down(directory)
  // The cache is a symbolic link here: removing the directory does not remove the cache itself.
  rmSync(directory, { recursive: true })
})

test('two processes that start the rig at once get the same rig', async () => {
  const env = { ...process.env, SLIPWAY_RIG: directory }
  await Promise.all([1, 2].map(() => run(process.execPath, [cli, 'up'], { env })))
  const first = await startRig()
  const names = readdirSync(join(at.run, 'machines')).sort()
  assert.deepEqual(names, ['modern', 'runner-modern'])
  const started = performance.now()
  const second = await startRig()
  await second.server('modern')
  assert.ok(performance.now() - started < 10_000, `${performance.now() - started} ms`)
  assert.deepEqual(second.runner.machine.first, first.runner.machine.first)
})

test('the registry requires a login, and the anonymous one does not', async () => {
  const { registry, anonymousRegistry } = await startRig()
  const { username, password } = registry
  const statuses = {
    nobody: await statusOf(registry),
    wrong: await statusOf(registry, `${username}:wrong`),
    right: await statusOf(registry, `${username}:${password}`),
    anonymous: await statusOf(await anonymousRegistry()),
  }
  assert.deepEqual(statuses, { nobody: 401, wrong: 401, right: 200, anonymous: 200 })
})

test('a manifest can be read while it is pushed under other tags', async () => {
  const { registry } = await startRig()
  const type = 'application/vnd.oci.image.index.v1+json'
  const body = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [] })
  const push = async (tag: string) => {
    const headers = { 'content-type': type }
    const answer = await askRegistry(registry, `octo/shared/manifests/${tag}`, {
      method: 'PUT',
      headers,
      body,
    })
    return answer.status
  }
  const read = async () => await (await askRegistry(registry, 'octo/shared/manifests/first')).text()
  assert.equal(await push('first'), 201)
  const tags = Array.from({ length: 400 }, (_, at) => `other-${at}`)
  const answers = await Promise.all(tags.flatMap(tag => [push(tag), read()]))
  assert.deepEqual(new Set(answers), new Set([201, body]))
})

test('the token registry issues tokens, and rejects a push by a user without push permission', async () => {
  const registry = await (await startRig()).tokenRegistry()
  const upload = async (user: string): Promise<string> => {
    const scope = 'repository:octo/app:pull,push'
    const authorization = `Basic ${Buffer.from(`${user}:${registry.password}`).toString('base64')}`
    const answer = await fetch(`${registry.url}/token?service=rig&scope=${scope}`, {
      headers: { authorization },
    })
    const { token } = (await answer.json()) as { token: string }
    const started = await fetch(`${registry.url}/v2/octo/app/blobs/uploads/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    })
    return `${started.status} ${(await started.text()).replace(/^.*"message":"([^"]*)".*$/s, '$1')}`.trim()
  }
  assert.equal(await upload('shipwright'), '202')
  assert.equal(await upload('reader'), '403 permission_denied: write_package')
  assert.match(
    (await fetch(`${registry.url}/v2/octo/app/manifests/latest`)).headers.get('www-authenticate') ?? '',
    /^Bearer realm="http:.*",scope="repository:octo\/app:pull"$/,
  )
})

test('only the users of a server can log in, each with the configured method', async () => {
  const server = await (await startRig()).server('modern')
  const { key, rsaKey, strangeKey } = server.access
  const seen = {
    key: (await ssh(server, key.file, 'deploy', 'id -un && docker version -f {{.Server.Version}}')).stdout,
    rsa: (await ssh(server, rsaKey.file, 'second', 'id -un')).stdout,
    strange: (await ssh(server, strangeKey.file, 'deploy', 'id -un')).code,
    password: (await ssh(server, key.file, 'password', 'id -un')).code,
    nobodys: (await ssh(server, key.file, 'nobodys', 'docker ps')).code,
    sudo: (await ssh(server, key.file, 'sudoer', 'sudo -n docker ps -q && ! sudo -n id 2>&1')).stdout,
  }
  assert.match(seen.key, /^deploy\n28\./)
  assert.equal(seen.rsa, 'second\n')
  assert.deepEqual([seen.strange, seen.password, seen.nobodys], [255, 255, 1])
  assert.match(seen.sudo, /a password is required/)
})

test("a server's files, processes and images are isolated", async () => {
  const { runner, server: serverOf, registry, base } = await startRig()
  const server = await serverOf('modern')
  const { reference } = await base(registry)
  assert.equal((await runner.docker('image', 'inspect', reference)).code, 0)
  assert.equal((await server.docker('image', 'inspect', reference)).code, 1)
  await server.exec('echo here >/srv/mark; echo here >/etc/mark')
  assert.deepEqual(['/srv/mark', '/etc/mark', '/home/deploy'].filter(existsSync), [])
  assert.equal(readFileSync(join(server.machine.directory, 'upper/etc/mark'), 'utf8'), 'here\n')
  assert.notEqual((await server.exec(`test -e ${cli}`)).code, 0)
  const pull = `docker login ${registry.host} -u ${registry.username} --password-stdin && docker pull -q ${reference}`
  const pulled = await server.exec(pull, { stdin: registry.password })
  assert.equal(pulled.code, 0, pulled.stderr)
  const processes = (await server.exec('ps -e -o comm=')).stdout
    .split('\n')
    .filter(name => /node|npm/.test(name))
  assert.deepEqual(processes, [])
})

test('machines reach each other through a bridge that no firewall of this machine can see', async () => {
  const { server } = await startRig()
  const [one, other] = await Promise.all([server('modern'), server('trixie')])
  const script = `exec 3<>/dev/tcp/${other.address}/22; head -c 4 <&3`
  assert.equal((await one.exec(`timeout 10 bash -c '${script}'`)).stdout, 'SSH-')
  assert.ok(existsSync(`/sys/class/net/${at.prefix}`))
  assert.ok(!existsSync(`/sys/class/net/${at.prefix}/bridge`))
})

test('an engine can be stopped and started, and a server power-cycled', async () => {
  const server = await (await startRig()).server({ name: 'fault' })
  await server.exec('docker volume create kept; echo kept >/srv/kept; echo gone >/run/gone')
  for (const signal of ['TERM', 'KILL'] as const) {
    await server.stopEngine(signal)
    assert.notEqual((await server.docker('ps')).code, 0)
    await server.startEngine()
    assert.equal((await server.docker('volume', 'inspect', 'kept')).code, 0)
  }
  const { exec, docker, remove } = await server.reboot()
  assert.equal((await exec('cat /srv/kept; test -e /run/gone || echo lost')).stdout, 'kept\nlost\n')
  assert.equal((await docker('volume', 'inspect', 'kept')).code, 0)
  await remove()
  assert.ok(!existsSync(server.machine.directory))
})

test('a server can kill processes at logout, and have docker outside the PATH of a login', async () => {
  const server = await (await startRig()).server({ name: 'odd', logoutKills: true, dockerIn: '/snap/bin' })
  const { file } = server.access.key
  const linger = 'setsid sleep 1234 >/dev/null 2>&1 </dev/null & docker ps'
  assert.equal((await ssh(server, file, 'deploy', linger)).code, 127)
  assert.equal((await ssh(server, file, 'sudoer', 'sudo -n /snap/bin/docker ps')).code, 0)
  assert.equal((await server.docker('ps')).code, 0)
  assert.doesNotMatch((await server.exec('ps -e -o args=')).stdout, /sleep 1234/)
  await server.remove()
})

test('a rig whose processes died is started again', async () => {
  const { runner, registry, server } = await startRig()
  const before = await server('modern')
  for (const { pid } of [runner.machine.first, before.machine.first, registry.process])
    process.kill(pid, 'SIGKILL')
  const again = await startRig()
  assert.equal((await again.runner.docker('version')).code, 0)
  assert.equal(await statusOf(again.registry), 401)
  assert.equal((await (await again.server('modern')).docker('ps')).code, 0)
})

test('a start that is killed halfway does not block the next one', async () => {
  await down(directory)
  for (const delay of [100, 250, 500]) {
    const env = { ...process.env, SLIPWAY_RIG: directory }
    const ended = await attempt(process.execPath, [cli, 'up'], { env, timeout: delay })
    assert.equal(ended.code, null, 'the rig was up before the command could be killed')
  }
  const { runner, server } = await startRig()
  assert.equal((await runner.docker('version')).code, 0)
  assert.equal((await (await server('modern')).docker('ps')).code, 0)
})

const commandLines = (): string[] =>
  readdirSync('/proc').flatMap(pid => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8')] : []
    } catch {
      return []
    }
  })

/** Finds the rig's control groups in every hierarchy. Ignores directories that vanish during the search. */
function controlGroups(directory = '/sys/fs/cgroup'): string[] {
  const folders = (() => {
    try {
      return readdirSync(directory, { withFileTypes: true }).filter(entry => entry.isDirectory())
    } catch {
      return []
    }
  })()
  return folders.flatMap(({ name }) =>
    name === at.prefix ? [join(directory, name)] : controlGroups(join(directory, name)),
  )
}

test('down leaves no process, namespace, link, mount, control group or file', async () => {
  const { emulator, base, server, registry } = await startRig()
  await emulator()
  const { exec } = await server('modern')
  const { reference } = await base(registry)
  const login = `docker login ${registry.host} -u ${registry.username} --password-stdin`
  const ran = await exec(`${login} && docker run -d ${reference} sleep 1000`, { stdin: registry.password })
  assert.equal(ran.code, 0, ran.stderr)
  assert.notDeepEqual(controlGroups(), [])
  await down(directory)
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  assert.deepEqual(leftovers(at), [])
  assert.deepEqual(controlGroups(), [])
  const ofRig = (line: string): boolean => line.includes(`${directory}/`)
  assert.deepEqual([...commandLines(), ...mounts].filter(ofRig), [])
  assert.ok(!existsSync(at.run))
})
