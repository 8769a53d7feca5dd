import assert from 'node:assert/strict'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { rig } from '../rig/rig.ts'
import { type Site, ship } from '../scenario/site.ts'
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

// What the tests under load have in common: the app, its deploys, and the requests on it.

/** How the app ends, or does not even begin; see program/serve.go. */
export type Mode = 'graceful' | 'abrupt' | 'crash' | 'sick'

export const all = await rig()
export const program = await compile(all)
export const base = await pushBase(all, program)

/** What is not named by the issue takes the long form: ZERO=long. */
export const whole = process.env['ZERO'] === 'long'

let requests = 0
const rows: string[] = []
after(() => process.stdout.write(`${rows.join('\n')}\nzero: ${requests} requests in all\n`))

const healthcheck = `    healthcheck:
      test: ["CMD", "/zero", "health"]
      interval: 1s
      timeout: 2s
      retries: 3
`

/** A service of the app without ports, and with a label that a proxy can follow. */
export const service = (
  name: string,
  { image, name: project }: Pick<Site, 'image' | 'name'>,
  lines = '',
): string => `  ${name}:
    image: ${image}:latest
    restart: unless-stopped
    stop_grace_period: 5s
    labels: ["zero=${project}"]
    environment: { ROLE: ${name} }
${lines}${healthcheck}`

export const composeOf = (site: Pick<Site, 'image' | 'port' | 'name'>, more = ''): string =>
  `services:\n${service('web', site, `    ports: ["${site.port}:8080"]\n`)}${more}`

/** The mode is that of one service alone where that is named. */
const dockerfile = (page: string, mode: Mode, only = ''): string =>
  `FROM ${base}\nENV PAGE=${page} MODE=${mode} BOOT=700 ONLY=${only}\n`

export type Inputs = Readonly<Record<string, unknown>>

/** Deploys the app by relay, if the inputs say nothing else. */
export const deploy = (site: Site, page: string, mode: Mode, inputs: Inputs = {}, only?: string) =>
  ship(
    site,
    { page, files: { Dockerfile: dockerfile(page, mode, only) } },
    { with: { strategy: 'relay', drain: '3', ...inputs } as never },
  )

/** All ways in that a published port has. */
export const everyWay = ({ server, port, name }: Site): From[] => [
  outside(program, `${server.address}:${port}`),
  onServer(server, program, `127.0.0.1:${port}`, `[::1]:${port}`, `${server.address}:${port}`),
  inContainer(server, `${name}-load1`, base, 'bridge', `${server.address}:${port}`),
  inContainer(server, `${name}-load2`, base, `${name}_default`, `${server.address}:${port}`),
]

/** What a test is called in the table at the end, and what it may lose. */
export interface Loaded {
  readonly title: string
  readonly ways?: readonly From[]
  readonly allowed?: number
}

/** Does something under load; gives what came of it, and of the requests. */
export async function measured<T>(
  site: Site,
  { title, ways = everyWay(site) }: Loaded,
  work: () => Promise<T>,
): Promise<{ result: T; tallies: Tally[] }> {
  await site.server.docker('pull', '-q', base)
  const load = begin(ways)
  const end = async (): Promise<Tally[]> => {
    await sleep(1000)
    const tallies = await load.end()
    requests += totalOf(tallies)
    const said = `${lostOf(tallies)} of ${totalOf(tallies).toLocaleString('en')}`
    rows.push(`| ${title} | ${said} |`)
    process.stdout.write(`${site.name}: lost ${said}\n${shown(tallies)}\n`)
    return tallies
  }
  await sleep(1000)
  try {
    const result = await work()
    return { result, tallies: await end() }
  } catch (error) {
    await end()
    throw error
  }
}

/** Does something under load, and holds that no more requests are lost than are allowed. */
export async function withoutLoss<T>(site: Site, loaded: Loaded, work: () => Promise<T>): Promise<T> {
  const { result, tallies } = await measured(site, loaded, work)
  for (const each of tallies) assert.ok(each.total > 0, `no request was made: ${shown([each])}`)
  assert.ok(lostOf(tallies) <= (loaded.allowed ?? 0), shown(tallies))
  return result
}

/** No rule, no shadow, and a plain `up` leaves what runs. */
export async function assertTidy(site: Site): Promise<void> {
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

/** Waits until the next deploy has come to a stage, then runs a shell command on the server. */
export const atStage = (site: Site, stage: string, command: string): Promise<string> =>
  site.sh(`end=$(($(date +%s) + 90)); while [ $(date +%s) -lt $end ]; do
  if grep -qs ' ${stage}$' .slipway/*/runs/*/stages; then
    sleep 0.3
    ${command}
    exit
  fi
  sleep 0.05
done`)

/** Kills the script of the next deploy with SIGKILL once it has come to a stage; what it has called goes on. */
export const killAt = (site: Site, stage: string): Promise<string> =>
  atStage(
    site,
    stage,
    `for process in /proc/[0-9]*; do
      case $(tr '\\0' ' ' <$process/cmdline 2>/dev/null) in 'sh ${site.directory}/.slipway/'*'/script run '*) kill -9 \${process#/proc/} ;; esac
    done
    echo killed`,
  )
