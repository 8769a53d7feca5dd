import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { rig } from '../rig/rig.ts'
import type { ActionRun } from '../rig/runner.ts'
import { assertGreen, assertRed } from '../scenario/expect.ts'
import { openSite, type Site, ship } from '../scenario/site.ts'
import { begin, lostOf, outside, shown, type Tally, totalOf } from './load.ts'
import { compile, pushBase } from './program.ts'
import { type ProxyName, proxies, pushProxy, type ReverseProxy } from './proxies.ts'

// `strategy: start-first` behind reverse proxies: no request is lost, and a release that does not hold costs none.

type Mode = 'graceful' | 'abrupt' | 'crash' | 'sick'

const all = await rig()
const program = await compile(all)
const base = await pushBase(all, program)

let requests = 0
const rows: string[] = []
after(() => process.stdout.write(`${rows.join('\n')}\nzero: ${requests} requests in all\n`))

const images = new Map<string, Promise<string>>()
function imageOf({ program: name }: ReverseProxy): Promise<string> {
  if (name === undefined) return Promise.resolve(base)
  const image = images.get(name) ?? pushProxy(all, name)
  images.set(name, image)
  return image
}

/** The proxy stands in the same project, as the page says; nobody deploys it. */
const composeOf =
  (proxy: ReverseProxy, image: string, more = '') =>
  (site: Pick<Site, 'image' | 'port' | 'name'>): string =>
    `services:
  web:
    image: ${site.image}:latest
    restart: unless-stopped
    stop_grace_period: 5s
    labels: ["zero=${site.name}"]
    healthcheck:
      test: ["CMD", "/zero", "health"]
      interval: 1s
      timeout: 2s
      retries: 3
${more}  proxy:
    image: ${image}
    restart: unless-stopped
    entrypoint: ${JSON.stringify(proxy.command)}
    environment: { LABELS: "zero=${site.name}" }
    ports: ["${site.port}:8080"]
    volumes: ["./proxy:/proxy:ro", "/var/run/docker.sock:/docker.sock"]
`

/** A site with a proxy in front of it, which serves the page `one`. */
async function openProxied(name: ProxyName, server: (typeof engines)[number], more = ''): Promise<Site> {
  const proxy: ReverseProxy = proxies[name]
  const compose = composeOf(proxy, await imageOf(proxy), more)
  const site = await openSite(`zero-${name}`, { server, compose })
  await site.sh('mkdir -p proxy && chown deploy: proxy')
  for (const [file, text] of Object.entries(proxy.files)) await site.write(`proxy/${file}`, text)
  assertGreen(await deploy(site, name, 'one', 'graceful'))
  await site.sh('docker compose up -d --no-deps --quiet-pull proxy')
  const end = Date.now() + 20_000
  while ((await site.page()) !== 'one' && Date.now() < end) await pause(300)
  assert.equal(await site.page(), 'one', await site.sh('docker compose logs proxy'))
  return site
}

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds))

function deploy(
  site: Site,
  name: ProxyName,
  page: string,
  mode: Mode,
  inputs: Readonly<Record<string, unknown>> = {},
) {
  const { reload }: ReverseProxy = proxies[name]
  const told = reload === undefined ? {} : { 'proxy-reload': `docker compose exec -T proxy ${reload}` }
  const files = { Dockerfile: `FROM ${base}\nENV PAGE=${page} MODE=${mode} BOOT=700\n` }
  const given = { strategy: 'start-first', drain: '3', ...told, ...inputs }
  return ship(site, { page, files }, { with: given as never })
}

/** Does something under load, and holds that no more requests are lost than are allowed. */
async function underLoad<T>(site: Site, title: string, work: () => Promise<T>, allowed = 0): Promise<T> {
  const load = begin([outside(program, `${site.server.address}:${site.port}`)])
  await pause(1000)
  let tallies: Tally[] = []
  try {
    return await work()
  } finally {
    await pause(1000)
    tallies = await load.end()
    requests += totalOf(tallies)
    rows.push(`| ${title} | ${lostOf(tallies)} of ${totalOf(tallies).toLocaleString('en')} |`)
    process.stdout.write(`${site.name}: lost ${lostOf(tallies)} of ${totalOf(tallies)}\n${shown(tallies)}\n`)
    for (const each of tallies) assert.ok(each.total > 0, `no request was made: ${shown([each])}`)
    assert.ok(lostOf(tallies) <= allowed, shown(tallies))
  }
}

/** One container with the proper name, no rule, and a plain `up` leaves what runs. */
async function assertTidy(site: Site, count = 1): Promise<void> {
  const names = await site.sh(
    `docker ps -a --filter label=com.docker.compose.project=${site.name} --filter label=com.docker.compose.service=web --format '{{.Names}}'`,
  )
  const expected = Array.from({ length: count }, (_, index) => `${site.name}-web-${index + 1}`)
  assert.deepEqual(names.trim().split('\n').sort(), expected)
  for (const id of await site.running()) {
    const rules = await site.sh(`docker inspect -f '{{.State.Pid}} {{.State.Health.Status}}' ${id}`)
    const [pid = '', health = ''] = rules.trim().split(' ')
    assert.equal(health, 'healthy')
    const { stdout } = await site.server.exec(`nsenter -t ${pid} -n iptables -w 5 -S INPUT`)
    assert.doesNotMatch(stdout, /slipway/)
  }
  // Whatever number the container has by now.
  await site.sh('docker compose exec -T web /zero health')
  const running = await site.running()
  await site.sh('docker compose up -d')
  assert.deepEqual(await site.running(), running, 'a plain `up` leaves it')
}

/** Kills the script of the next deploy with SIGKILL once it has come to a stage; what it has called goes on. */
const killAt = (site: Site, stage: string): Promise<string> =>
  site.sh(`end=$(($(date +%s) + 90)); while [ $(date +%s) -lt $end ]; do
  if grep -qs ' ${stage}$' .slipway/*/runs/*/stages; then
    sleep 0.3
    for process in /proc/[0-9]*; do
      case $(tr '\\0' ' ' <$process/cmdline 2>/dev/null) in 'sh ${site.directory}/.slipway/'*'/script run '*) kill -9 \${process#/proc/} ;; esac
    done
    echo killed; exit
  fi
  sleep 0.05
done`)

/** Every proxy, every mode and every stage take the long form: ZERO=long. */
const whole = process.env['ZERO'] === 'long'
const engines = whole ? (['modern', 'trixie'] as const) : (['modern'] as const)
const names: readonly ProxyName[] = whole
  ? ['nginx', 'resolver', 'haproxy', 'caddy', 'labels']
  : ['nginx', 'caddy', 'labels']
const stages = whole
  ? ['beside', 'gate', 'beside-proxy', 'beside-withdraw', 'drain', 'up', 'keep']
  : ['beside-withdraw', 'up']
/** It asks its resolver at most every 5 s, and tries an address that is gone. */
const allowed: Partial<Record<ProxyName, number>> = { resolver: 20 }

for (const server of engines) {
  // They mostly wait.
  suite(`behind a proxy on the server ${server}`, { concurrency: whole ? 2 : 3 }, () => {
    for (const name of names) {
      const { title } = proxies[name]
      test(`${name}: a release loses no request`, async () => {
        await using site = await openProxied(name, server)
        for (const mode of whole ? (['graceful', 'abrupt'] as const) : (['graceful'] as const)) {
          const [before] = await site.running()
          const run = await underLoad(
            site,
            `${title}, ${mode}, ${server}`,
            async () => {
              // The mode is that of the container which stops.
              if (mode === 'abrupt') assertGreen(await deploy(site, name, 'abrupt', mode))
              return await deploy(site, name, 'two', mode)
            },
            allowed[name],
          )
          assertGreen(run)
          assert.equal(await site.page(), 'two')
          assert.notDeepEqual(await site.running(), [before])
          await assertTidy(site)
        }
      })
    }

    test('a release that does not hold costs no request, and leaves the container that serves', async () => {
      await using site = await openProxied('labels', server)
      const before = await site.running()
      const public_ = {
        'check-url': `http://${site.server.address}:${site.port}/`,
        'check-contains': 'five',
        'check-timeout': '3',
      }
      const bad: [Mode, Readonly<Record<string, unknown>>, RegExp][] = [
        ['crash', {}, /exit code 3|restarted|stay up/],
        ['sick', { 'wait-timeout': '6' }, /not healthy/],
        ['graceful', public_, /did not answer as it should/],
      ]
      await underLoad(
        site,
        `three bad releases: crash, never healthy, public check fails, ${server}`,
        async () => {
          for (const [mode, inputs, cause] of bad) {
            const run: ActionRun = await deploy(site, 'labels', mode, mode, inputs)
            assertRed(run, { stage: 'deploy', cause, remedy: /./ })
            assert.match(run.annotations.at(-1)?.message ?? '', /Nothing was changed on the server/)
            assert.deepEqual(await site.running(), before)
          }
        },
      )
      assert.equal(await site.page(), 'one')
      await assertTidy(site)
    })

    test('a script that is killed and settled costs no request', async () => {
      await using site = await openProxied('labels', server)
      await underLoad(site, `script killed in ${stages.length} stages, ${server}`, async () => {
        for (const stage of stages) {
          const killed = killAt(site, stage)
          const run = await deploy(site, 'labels', stage, 'graceful')
          assert.equal((await killed).trim(), 'killed', `${stage}: ${run.log}`)
          const page = await site.page()
          assert.equal(run.conclusion === 'success', page === stage, `${stage}: ${page}\n${run.log}`)
          await assertTidy(site)
        }
      })
    })

    // Only in the long form, and not as a skipped test: in CI nothing is skipped.
    if (whole)
      test('two replicas, back and forth by hand', async () => {
        await using site = await openProxied('caddy', server, '    scale: 2\n')
        await underLoad(site, `two replicas, and back by \`rollback-to\`, ${server}`, async () => {
          assertGreen(await deploy(site, 'caddy', 'two', 'graceful'))
          assert.equal((await site.running()).length, 2)
          assertGreen(await deploy(site, 'caddy', '', 'graceful', { 'rollback-to': 'previous' }))
        })
        assert.equal(await site.page(), 'one')
        await assertTidy(site, 2)
      })
  })
}
