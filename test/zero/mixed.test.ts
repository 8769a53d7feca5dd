import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { assertGreen, assertRed } from '../scenario/expect.ts'
import { openSite, type Site } from '../scenario/site.ts'
import { assertTidy, deploy, long, program, service, withoutLoss } from './app.ts'
import { proxyService } from './behind-proxy.ts'
import { onServer, outside } from './load.ts'

// Services of one deploy that `strategy: auto` replaces with different strategies. Only in the long form.

const names = ['web', 'api', 'worker'] as const
type Name = (typeof names)[number]

/**
 * Opens a site with three services: `web` publishes a port, `api` is behind a proxy, and `worker` writes to a volume,
 * so that two copies of it must not run at once.
 */
async function openMixed(server: 'modern' | 'trixie'): Promise<Site> {
  const site = await openSite('zero-mixed', { server, empty: true })
  const labels = `zero=${site.name},com.docker.compose.service=api`
  const proxy = await proxyService('labels', { ...site, port: site.port + 1 }, labels)
  await site.write(
    'compose.yaml',
    `services:
${service('web', site, `    ports: ["${site.port}:8080"]\n`)}${service('api', site)}${service('worker', site, '    volumes: ["data:/data"]\n')}${proxy}volumes: { data: {} }
`,
  )
  await site.sh('mkdir -p proxy && chown deploy: proxy')
  assertGreen(await deploy(site, 'one', 'graceful', auto))
  await site.sh('docker compose up -d --no-deps --quiet-pull proxy')
  return site
}

const auto = { service: names.join(', '), strategy: 'auto' }

const idsOf = async (site: Site): Promise<Record<Name, string>> =>
  Object.fromEntries(await Promise.all(names.map(async name => [name, (await site.running(name)).join(' ')])))

/** Returns the page of each service, from its containers' environment, because the worker cannot be requested. */
const pagesOf = async (site: Site): Promise<string[]> =>
  await Promise.all(
    names.map(async name =>
      (
        await site.sh(
          `docker ps -q --filter label=com.docker.compose.project=${site.name} --filter label=com.docker.compose.service=${name} | xargs docker inspect -f '{{range .Config.Env}}{{println .}}{{end}}' | sed -n 's/^PAGE=//p'`,
        )
      ).trim(),
    ),
  )

const originsOf = ({ server, port }: Site) => [
  outside(program, `${server.address}:${port}`, `${server.address}:${port + 1}`),
  onServer(server, program, `127.0.0.1:${port}`),
]

if (long)
  for (const server of ['modern', 'trixie'] as const)
    suite(`a relay, a start-first and a recreate in one deploy on the server ${server}`, () => {
      test('start as one release, and lose no request with relay and start-first', async () => {
        await using site = await openMixed(server)
        const before = await idsOf(site)
        const load = { title: `relay, start-first and recreate in one, ${server}`, origins: originsOf(site) }
        const run = await withoutLoss(site, load, () => deploy(site, 'two', 'graceful', auto))
        assertGreen(run)
        assert.match(run.log, /worker: recreate, not start-first: it writes to/)
        assert.deepEqual(await pagesOf(site), ['two', 'two', 'two'])
        const after = await idsOf(site)
        for (const name of names) assert.notEqual(after[name], before[name])
        await assertTidy(site)
      })

      test('change nothing if the new release of one of them fails', async () => {
        await using site = await openMixed(server)
        const before = await idsOf(site)
        const title = `the same, bad for one service after the other, ${server}`
        await withoutLoss(site, { title, origins: originsOf(site) }, async () => {
          for (const bad of names) {
            const run = await deploy(site, `bad-${bad}`, 'crash', auto, bad)
            const result =
              bad === 'worker' ? /previous release is running again/ : /Nothing was changed on the server/
            assertRed(run, { stage: 'deploy', cause: new RegExp(bad), remedy: /./ })
            assert.match(run.annotations.at(-1)?.message ?? '', result)
            assert.deepEqual(await pagesOf(site), ['one', 'one', 'one'], bad)
            const after = await idsOf(site)
            // If the worker fails, `web` and `worker` have new containers, because they had been replaced before the
            // failure was known.
            const kept = bad === 'worker' ? (['api'] as const) : names
            for (const name of kept)
              assert.equal(after[name], before[name], `${bad} failed, but ${name} was replaced`)
          }
        })
        await assertTidy(site)
      })
    })
