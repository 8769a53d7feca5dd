import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { dockerConfigFor } from '../rig/base.ts'
import { run } from '../rig/command.ts'
import { until } from '../rig/until.ts'
import { begin, lostOf, outside, shown, totalOf } from '../zero/load.ts'
import { compile, pushBase } from '../zero/program.ts'
import { deploy } from './deploy.ts'
import { type Ground, openField } from './field.ts'
import { whole } from './row.ts'

// Requests that are lost while a service is updated, by the way in which they come to it. An app that is stopped closes
// its listeners and finishes what is under way; it has a healthcheck, and takes 0.7 s to start.

const field = await openField()
const { all, swarm } = field
const program = await compile(all)
const base = await pushBase(all, program)
const repository = `${all.registry.host}/octo/zero-${randomInt(36 ** 6).toString(36)}`
await Promise.all(['first', 'second'].map(page => push(page)))

async function push(page: string): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), 'slipway-requests-'))
  const lines = `FROM ${base}\nENV PAGE=${page} MODE=graceful BOOT=700\nHEALTHCHECK --interval=1s --timeout=2s --retries=3 CMD ["/zero", "health"]\n`
  writeFileSync(join(context, 'Dockerfile'), lines)
  const DOCKER_CONFIG = dockerConfigFor(all.place, all.registry, all.runner.plugins)
  const options = ['-q', '--provenance=false', '--push', '-t', `${repository}:${page}`]
  await run('docker', ['buildx', 'build', ...options, context], {
    env: { ...process.env, ...all.runner.env, DOCKER_CONFIG },
  })
  rmSync(context, { recursive: true })
}

/**
 * Updates the service of a ground under load on an address; how many paced requests it lost, of how many, and how many
 * of all.
 */
async function lostBy(
  ground: Ground,
  address: string,
): Promise<{ lost: number; total: number; slowToo: number }> {
  await until(
    async () => (await answers(address)) || undefined,
    async () =>
      `nothing answers at ${address}:\n${await swarm.docker('service', 'ps', '--no-trunc', ground.name)}`,
    60_000,
  )
  await sleep(3000)
  const load = begin([outside(program, address)])
  await sleep(1000)
  const { verdict, run: ended } = await deploy(ground, 'two', { with: { image: repository, tags: 'second' } })
  await sleep(1000)
  const tallies = await load.end()
  // A slow one that is refused comes again without a pause: it would count a thousand times.
  const paced = tallies.filter(({ kind }) => kind !== 'slow')
  const [lost, total] = [lostOf(paced), totalOf(paced)]
  process.stdout.write(`swarm: ${ground.name}: lost ${lost} of ${total}\n${shown(tallies)}\n`)
  assert.equal(verdict, 'ok', ended.log)
  const pages = Object.keys(Object.assign({}, ...tallies.map(each => each.pages))).sort()
  assert.deepEqual(pages, ['first', 'second'])
  return { lost, total, slowToo: lostOf(tallies) }
}

const answers = (address: string): Promise<boolean> =>
  fetch(`http://${address}/`, { signal: AbortSignal.timeout(2000) }).then(
    async response => (await response.text()) === 'first',
    () => false,
  )

const create = (ground: Ground, flags: string): Promise<string> =>
  ground.sh(
    `docker service create -d -q --with-registry-auth --stop-grace-period 10s --name ${ground.name} ${flags} ${repository}:first`,
  )

suite('requests during an update', { concurrency: false }, () => {
  // A port of a node is held by one task: the new one cannot start before the old one has ended.
  if (whole)
    test('behind a host-mode port, those that come between the old task and the new one are lost', async () => {
      await using ground = await field.open('host')
      await create(ground, `--mode global --publish mode=host,published=${ground.port},target=8080`)
      const { lost, total } = await lostBy(ground, `${swarm.node('manager2').address}:${ground.port}`)
      assert.ok(lost > 0 && lost < total / 2, 'the page on Swarm says that they are lost')
    })

  if (swarm.kernel.overlay)
    test('with start-first behind a proxy on the swarm, none is lost', async () => {
      await using ground = await field.open('behind')
      await using front = await field.open('proxy')
      await ground.sh(`docker network create -d overlay ${ground.name}`)
      try {
        await create(
          ground,
          `--replicas 3 --update-order start-first --endpoint-mode dnsrr --network ${ground.name}`,
        )
        await ground.sh(
          `docker service create -d -q --name ${front.name} --constraint node.hostname==manager2 --network ${ground.name} --publish mode=host,published=${front.port},target=8080 ${base} proxy tasks.${ground.name}:8080`,
        )
        const { slowToo: lost } = await lostBy(ground, `${swarm.node('manager2').address}:${front.port}`)
        assert.equal(lost, 0)
      } finally {
        await ground.sh(
          `docker service rm ${ground.name} ${front.name}; for try in 1 2 3 4 5 6 7 8; do docker network rm ${ground.name} && break; sleep 2; done`,
          { fails: true },
        )
      }
    })
  if (swarm.kernel.ipvs)
    test('with start-first behind the routing mesh', async () => {
      await using ground = await field.open('mesh')
      await create(ground, `--replicas 3 --update-order start-first --publish ${ground.port}:8080`)
      await lostBy(ground, `${swarm.node('manager2').address}:${ground.port}`)
    })
})
