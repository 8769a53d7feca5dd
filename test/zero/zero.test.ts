import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { rig } from '../rig/rig.ts'
import type { ActionRun } from '../rig/runner.ts'
import { assertGreen, assertRed } from '../scenario/expect.ts'
import { openSite, type Site, ship } from '../scenario/site.ts'
import {
  begin,
  type From,
  inContainer,
  lostOf,
  onServer,
  outside,
  shown,
  type Tally,
  totalOf,
} from './load.ts'
import { compile, pushBase } from './program.ts'

// `strategy: relay` loses no request, whoever sends it; and a release that does not hold costs none.

type Mode = 'graceful' | 'abrupt' | 'crash' | 'sick'

const all = await rig()
const program = await compile(all)
const base = await pushBase(all, program)

let requests = 0
after(() => process.stdout.write(`zero: ${requests} requests in all\n`))

const composeOf = ({ image, port }: Pick<Site, 'image' | 'port'>, more = ''): string => `services:
  web:
    image: ${image}:latest
    restart: unless-stopped
    stop_grace_period: 5s
    ports: ["${port}:8080"]
    healthcheck:
      test: ["CMD", "/zero", "health"]
      interval: 1s
      timeout: 2s
      retries: 3
${more}`

const dockerfile = (page: string, mode: Mode, boot: number): string =>
  `FROM ${base}\nENV PAGE=${page} MODE=${mode} BOOT=${boot}\n`

const deploy = (
  site: Site,
  page: string,
  mode: Mode,
  inputs: Readonly<Record<string, unknown>> = {},
  boot = 700,
) =>
  ship(
    site,
    { page, files: { Dockerfile: dockerfile(page, mode, boot) } },
    { with: { strategy: 'relay', drain: '3', ...inputs } as never },
  )

/** All ways in that a published port has. */
const everyWay = ({ server, port, name }: Site): From[] => [
  outside(program, `${server.address}:${port}`),
  onServer(server, program, `127.0.0.1:${port}`, `[::1]:${port}`, `${server.address}:${port}`),
  inContainer(server, `${name}-load1`, base, 'bridge', `${server.address}:${port}`),
  inContainer(server, `${name}-load2`, base, `${name}_default`, `${server.address}:${port}`),
]

/** Does something under load, and holds that no request is lost. */
async function withoutLoss<T>(site: Site, work: () => Promise<T>, ways = everyWay(site)): Promise<T> {
  await site.server.docker('pull', '-q', base)
  const load = begin(ways)
  await new Promise(resolve => setTimeout(resolve, 1000))
  let tallies: Tally[] = []
  try {
    return await work()
  } finally {
    await new Promise(resolve => setTimeout(resolve, 1000))
    tallies = await load.end()
    requests += totalOf(tallies)
    process.stdout.write(`${site.name}: lost ${lostOf(tallies)} of ${totalOf(tallies)}\n${shown(tallies)}\n`)
    for (const each of tallies) assert.ok(each.total > 0, `no request was made: ${shown([each])}`)
    assert.equal(lostOf(tallies), 0, shown(tallies))
  }
}

/**
 * Lets the server track IPv6 connections, as one with a firewall does. Where nothing else needs it, the kernel tracks
 * them only while rules of the relay are set, and remembers them for two minutes: a request over [::1] that happens to
 * be under way from the same port when the next relay begins would go where that one went.
 */
async function trackSix({ server }: Site): Promise<void> {
  const rule = 'INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT'
  await server.exec(`ip6tables -w 5 -C ${rule} 2>/dev/null || ip6tables -w 5 -I ${rule}`)
}

/** No rule, no shadow, and a plain `up` leaves what runs. */
async function assertTidy(site: Site): Promise<void> {
  const { stdout } = await site.server.exec('iptables -w 5 -t nat -S; ip6tables -w 5 -t nat -S')
  assert.doesNotMatch(stdout, new RegExp(`slipway:${site.name}`))
  const names = await site.sh(
    `docker ps -a --filter label=com.docker.compose.project=${site.name} --format '{{.Names}}'`,
  )
  assert.doesNotMatch(names, /slipway/)
  assert.equal(await site.sh('ls .slipway/*/relay .slipway/*/shadows 2>/dev/null || :'), '')
  const running = await site.running()
  await site.sh('docker compose up -d')
  assert.deepEqual(await site.running(), running, 'a plain `up` leaves it')
}

/** A name of its own, two ports (one on loopback), and replicas that share a range. */
const variedCompose = ({ image, port, name }: Pick<Site, 'image' | 'port' | 'name'>): string =>
  `${composeOf({ image, port }).replace(
    `ports: ["${port}:8080"]`,
    `container_name: ${name}-own\n    ports: ["${port}:8080", "127.0.0.1:${port + 1}:8081"]`,
  )}  pair:
    image: ${image}:latest
    restart: unless-stopped
    stop_grace_period: 5s
    scale: 2
    ports: ["${port + 2}-${port + 3}:8080"]
`

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

/** Every stage takes the long form: ZERO=long. */
const whole = process.env['ZERO'] === 'long'
const stages = whole
  ? ['rehearse', 'gate', 'verify', 'divert', 'drain', 'up', 'direct', 'keep']
  : ['divert', 'up', 'direct']

const engines = ['modern', 'trixie'] as const

for (const server of engines) {
  suite(`on the server ${server}`, { concurrency: false }, () => {
    for (const mode of ['graceful', 'abrupt'] as const) {
      test(`a release whose app is ${mode} loses no request`, async () => {
        await using site = await openSite('zero', { server, compose: composeOf })
        assertGreen(await deploy(site, 'one', mode))
        const [before] = await site.running()
        const run = await withoutLoss(site, () => deploy(site, 'two', mode))
        assertGreen(run)
        assert.equal(await site.page(), 'two')
        assert.notDeepEqual(await site.running(), [before])
        await assertTidy(site)
      })
    }

    test('a release that does not hold costs no request, and leaves the container that serves', async () => {
      await using site = await openSite('zero-bad', { server, compose: composeOf })
      assertGreen(await deploy(site, 'one', 'graceful'))
      const before = await site.running()
      const bad: [string, Promise<ActionRun> | (() => Promise<ActionRun>), RegExp][] = [
        ['crash', () => deploy(site, 'two', 'crash'), /code 3|restarted|stay up/],
        ['sick', () => deploy(site, 'three', 'sick', { 'wait-timeout': '6' }), /not healthy/],
        [
          'check',
          () =>
            deploy(site, 'four', 'graceful', {
              'check-url': `http://${site.server.address}:${site.port}/`,
              'check-contains': 'five',
              'check-timeout': '3',
            }),
          /did not answer as it should/,
        ],
      ]
      await withoutLoss(site, async () => {
        for (const [, work, cause] of bad) {
          const run = await (typeof work === 'function' ? work() : work)
          assertRed(run, { stage: 'deploy', cause, remedy: /./ })
          assert.match(run.annotations.at(-1)?.message ?? '', /Nothing was changed on the server/)
          assert.deepEqual(await site.running(), before)
        }
      })
      assert.equal(await site.page(), 'one')
      await assertTidy(site)
    })

    test('a script that is killed and settled costs no request', async () => {
      await using site = await openSite('zero-kill', { server, compose: composeOf })
      await trackSix(site)
      assertGreen(await deploy(site, 'one', 'graceful'))
      await withoutLoss(site, async () => {
        for (const stage of stages) {
          const killed = killAt(site, stage)
          const run = await deploy(site, stage, 'graceful')
          assert.equal((await killed).trim(), 'killed', `${stage}: ${run.log}`)
          const page = await site.page()
          assert.equal(run.conclusion === 'success', page === stage, `${stage}: ${page}\n${run.log}`)
          await assertTidy(site)
        }
      })
    })

    test('a container with a name, two ports, one of them on loopback, and two replicas lose no request, back and forth', async () => {
      await using site = await openSite('zero-more', { server, compose: variedCompose })
      await trackSix(site)
      const { port, server: host } = site
      const services = { service: 'web, pair' }
      assertGreen(await deploy(site, 'one', 'graceful', services))
      const ways = [
        outside(
          program,
          `${host.address}:${port}`,
          `${host.address}:${port + 2}`,
          `${host.address}:${port + 3}`,
        ),
        onServer(host, program, `127.0.0.1:${port + 1}`, `[::1]:${port + 2}`),
      ]
      const served = () => site.sh(`docker inspect -f '{{.Config.Env}}' ${site.name}-own`)
      await withoutLoss(
        site,
        async () => {
          assertGreen(await deploy(site, 'two', 'graceful', services))
          assert.equal((await site.running('pair')).length, 2)
          assert.match(await served(), /PAGE=two/)
          assertGreen(await deploy(site, '', 'graceful', { ...services, 'rollback-to': 'previous' }))
          assert.match(await served(), /PAGE=one/)
        },
        ways,
      )
      await assertTidy(site)
    })
  })
}
