import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { dockerConfigFor } from '../rig/base.ts'
import { run } from '../rig/command.ts'
import { fetchPage } from '../rig/fetch-page.ts'
import { until } from '../rig/until.ts'
import { begin, lostOf, outside, shown, totalOf } from '../zero/load.ts'
import { compile, pushBase } from '../zero/program.ts'
import { deploy } from './deploy.ts'
import { openFixture, type Project } from './fixture.ts'
import { long } from './service-case.ts'

// Counts the requests that are lost while a service is updated, depending on how they reach it. On shutdown the app
// closes its listeners and finishes open requests. It has a healthcheck, and takes 0.7 s to start.

const fixture = await openFixture()
const { all, swarm } = fixture
const program = await compile(all)
const base = await pushBase(all, program)
const repository = `${all.registry.host}/octo/zero-${randomInt(36 ** 6).toString(36)}`
await Promise.all(['first', 'second'].map(page => push(page)))

async function push(page: string): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), 'slipway-requests-'))
  const lines = `FROM ${base}\nENV PAGE=${page} MODE=graceful BOOT=700\nHEALTHCHECK --interval=1s --timeout=5s --retries=3 CMD ["/zero", "health"]\n`
  writeFileSync(join(context, 'Dockerfile'), lines)
  const DOCKER_CONFIG = dockerConfigFor(all.place, all.registry, all.runner.plugins)
  const options = ['-q', '--provenance=false', '--push', '-t', `${repository}:${page}`]
  await run('docker', ['buildx', 'build', ...options, context], {
    env: { ...process.env, ...all.runner.env, DOCKER_CONFIG },
  })
  rmSync(context, { recursive: true })
}

/**
 * Updates a project's service under load on an address. Returns how many paced requests were lost, their total, and how
 * many requests of any kind were lost.
 */
async function updateUnderLoad(
  project: Project,
  address: string,
): Promise<{ lost: number; total: number; lostOfAll: number }> {
  await until(
    async () => (await fetchPage(`http://${address}/`)) === 'first' || undefined,
    async () =>
      `nothing answers at ${address}:\n${await swarm.docker('service', 'ps', '--no-trunc', project.name)}`,
    60_000,
  )
  await sleep(3000)
  const load = await begin([outside(program, address)])
  await sleep(1000)
  const { verdict, run: ended } = await deploy(project, 'two', {
    with: { image: repository, tags: 'second' },
  })
  await sleep(1000)
  const tallies = await load.end()
  // A slow request that is refused is repeated almost without a pause, so it would be counted a thousand times.
  const paced = tallies.filter(({ kind }) => kind !== 'slow')
  const [lost, total] = [lostOf(paced), totalOf(paced)]
  process.stdout.write(`swarm: ${project.name}: lost ${lost} of ${total}\n${shown(tallies)}\n`)
  assert.equal(verdict, 'ok', ended.log)
  const pages = Object.keys(Object.assign({}, ...tallies.map(each => each.pages))).sort()
  assert.deepEqual(pages, ['first', 'second'])
  return { lost, total, lostOfAll: lostOf(tallies) }
}

const create = (project: Project, flags: string): Promise<string> =>
  project.sh(
    `docker service create -d -q --with-registry-auth --stop-grace-period 10s --name ${project.name} ${flags} ${repository}:first`,
  )

suite('requests during an update', { concurrency: false }, () => {
  // Only one task can use a port of a node, so the new one cannot start before the old one has ended.
  if (long)
    test('with a host-mode port, those between the old task and the new one are lost', async () => {
      await using project = await fixture.open('host')
      await create(project, `--mode global --publish mode=host,published=${project.port},target=8080`)
      const { lost, total } = await updateUnderLoad(
        project,
        `${swarm.node('manager2').address}:${project.port}`,
      )
      assert.ok(lost > 0 && lost < total / 2, 'the Swarm documentation says that requests are lost')
    })

  if (swarm.kernel.overlay)
    test('with start-first behind a proxy on the swarm, no request is lost', async () => {
      await using project = await fixture.open('behind')
      await using proxy = await fixture.open('proxy')
      await project.sh(`docker network create -d overlay ${project.name}`)
      try {
        await create(
          project,
          `--replicas 3 --update-order start-first --endpoint-mode dnsrr --network ${project.name}`,
        )
        await project.sh(
          `docker service create -d -q --name ${proxy.name} --constraint node.hostname==manager2 --network ${project.name} --publish mode=host,published=${proxy.port},target=8080 ${base} proxy tasks.${project.name}:8080`,
        )
        const { lostOfAll: lost } = await updateUnderLoad(
          project,
          `${swarm.node('manager2').address}:${proxy.port}`,
        )
        assert.equal(lost, 0)
      } finally {
        await project.sh(
          `docker service rm ${project.name} ${proxy.name}; for try in 1 2 3 4 5 6 7 8; do docker network rm ${project.name} && break; sleep 2; done`,
          { fails: true },
        )
      }
    })
  if (swarm.kernel.ipvs)
    test('with start-first behind the routing mesh', async () => {
      await using project = await fixture.open('mesh')
      await create(project, `--replicas 3 --update-order start-first --publish ${project.port}:8080`)
      await updateUnderLoad(project, `${swarm.node('manager2').address}:${project.port}`)
    })
})
