import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, test } from 'node:test'
import { attempt } from '../rig/command.ts'
import { rig } from '../rig/rig.ts'
import { managerNames, nodeNames } from '../rig/swarm.ts'
import { until } from '../rig/until.ts'

// The swarm of the rig: what the other tests of this directory assume.

const all = await rig()
const swarm = await all.swarm()
const base = await all.base(all.registry)
const service = `rig-${randomInt(36 ** 6).toString(36)}`
const port = randomInt(20_000, 30_000)

after(() => swarm.docker('service', 'rm', service))

const running = async (): Promise<string[]> => {
  const format = '{{.Node}} {{.CurrentState}}'
  const tasks = await swarm.docker(
    'service',
    'ps',
    '-f',
    'desired-state=running',
    '--format',
    format,
    service,
  )
  return tasks
    .split('\n')
    .flatMap(line => /^(\S+) Running/.exec(line)?.[1] ?? [])
    .sort()
}

const answers = async (address: string): Promise<boolean> =>
  await fetch(`http://${address}:${port}/hostname`, { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false,
  )

test('a running swarm is reused', async () => {
  const started = performance.now()
  const again = await all.swarm()
  assert.ok(performance.now() - started < 5000)
  for (const name of nodeNames) assert.deepEqual(again.node(name).machine, swarm.node(name).machine)
})

test('a user can log in to a manager with ssh and use docker', async () => {
  const { address, access } = swarm.node('manager1')
  const options = [
    '-i',
    access.key.file,
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
  ]
  const { stdout } = await attempt('ssh', [...options, `deploy@${address}`, 'docker node ls -q | wc -l'])
  assert.equal(stdout.trim(), '4')
})

test('every node pulls from the registry with a login, and answers on a host-mode port', async () => {
  const { host, username, password } = all.registry
  const create = `docker login ${host} -u ${username} --password-stdin 2>/dev/null &&
    docker service create -d -q --with-registry-auth --mode global --name ${service} \
      --publish mode=host,published=${port},target=8080 ${base.reference} httpd -f -p 8080 -h /etc; code=$?
    docker logout ${host} >/dev/null; exit $code`
  const created = await swarm.node('manager1').exec(create, { stdin: password })
  assert.equal(created.code, 0, created.stderr)
  await until(
    async () => (await running()).length === 4 || undefined,
    async () => await swarm.docker('service', 'ps', '--no-trunc', service),
  )
  for (const name of nodeNames) {
    const { address } = swarm.node(name)
    await until(
      async () => (await answers(address)) || undefined,
      () => `${name} does not answer`,
    )
  }
})

test('an unplugged node is disconnected from all others until it is plugged in again', async () => {
  const { address } = swarm.node('worker')
  await swarm.plug('worker', 'out')
  const reachable = await answers(address)
  await swarm.plug('worker', 'in')
  assert.equal(reachable, false)
  await until(
    async () => (await answers(address)) || undefined,
    () => 'the worker does not reconnect',
  )
  await swarm.waitUntilReady()
})

test('a rebooted manager rejoins as a manager, with its tasks', async () => {
  await swarm.reboot('manager3')
  await swarm.waitUntilReady()
  await until(
    async () => (await answers(swarm.node('manager3').address)) || undefined,
    async () => await swarm.docker('service', 'ps', '--no-trunc', service),
    60_000,
  )
  for (const name of managerNames) assert.equal((await swarm.node(name).docker('node', 'ls')).code, 0)
})
