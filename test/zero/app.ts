import assert from 'node:assert/strict'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { rig } from '../rig/rig.ts'
import { type Site, ship } from '../scenario/site.ts'
import {
  begin,
  inContainer,
  lostOf,
  type Origin,
  onServer,
  outside,
  shown,
  type Tally,
  totalOf,
} from './load.ts'
import { compile, pushBase } from './program.ts'

// Shared by the tests under load: the app, its deploys, and the requests to it.

/** How the app stops or fails. See program/serve.go. */
export type Mode = 'graceful' | 'abrupt' | 'crash' | 'sick'

export const all = await rig()
export const program = await compile(all)
export const base = await pushBase(all, program)

/** Whether to run the long form, with every proxy, stage and firewall: ZERO=long. */
export const long = process.env['ZERO'] === 'long'

let requests = 0
const rows: string[] = []
after(() => process.stdout.write(`${rows.join('\n')}\nzero: ${requests} requests in all\n`))

const healthcheck = `    healthcheck:
      test: ["CMD", "/zero", "health"]
      interval: 1s
      timeout: 5s
      retries: 3
`

/** Returns a service that runs the app, without ports, and with a label that a proxy can follow. */
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

/** Returns a Dockerfile for the app. If `only` names a service, the mode applies to that service only. */
const dockerfile = (page: string, mode: Mode, only = ''): string =>
  `FROM ${base}\nENV PAGE=${page} MODE=${mode} BOOT=700 ONLY=${only}\n`

export type Inputs = Readonly<Record<string, unknown>>

/** Deploys the app, with the strategy `relay` unless the inputs set another. */
export const deploy = (site: Site, page: string, mode: Mode, inputs: Inputs = {}, only?: string) =>
  ship(
    site,
    { page, files: { Dockerfile: dockerfile(page, mode, only) } },
    { with: { strategy: 'relay', drain: '3', ...inputs } as never },
  )

/** Returns every origin from which a published port can be reached. */
export const everyOrigin = ({ server, port, name }: Site): Origin[] => [
  outside(program, `${server.address}:${port}`),
  onServer(server, program, `127.0.0.1:${port}`, `[::1]:${port}`, `${server.address}:${port}`),
  inContainer(server, `${name}-load1`, base, 'bridge', `${server.address}:${port}`),
  inContainer(server, `${name}-load2`, base, `${name}_default`, `${server.address}:${port}`),
]

/** The load during a test. */
export interface LoadOptions {
  /** The title of the test in the final table. */
  readonly title: string
  /** Default: {@link everyOrigin}. */
  readonly origins?: readonly Origin[]
  /** The number of requests that may be lost. Default: none. */
  readonly allowed?: number
}

/** Runs `work` under load. Returns its result, and the results of the requests. */
export async function measured<T>(
  site: Site,
  { title, origins = everyOrigin(site) }: LoadOptions,
  work: () => Promise<T>,
): Promise<{ result: T; tallies: Tally[] }> {
  await site.server.docker('pull', '-q', base)
  const load = await begin(origins)
  const end = async (): Promise<Tally[]> => {
    await sleep(1000)
    const tallies = await load.end()
    requests += totalOf(tallies)
    const losses = `${lostOf(tallies)} of ${totalOf(tallies).toLocaleString('en')}`
    rows.push(`| ${title} | ${losses} |`)
    process.stdout.write(`${site.name}: lost ${losses}\n${shown(tallies)}\n`)
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

/** Runs `work` under load, and asserts that no more requests are lost than allowed. */
export async function withoutLoss<T>(site: Site, options: LoadOptions, work: () => Promise<T>): Promise<T> {
  const { result, tallies } = await measured(site, options, work)
  for (const each of tallies) assert.ok(each.total > 0, `no request was sent: ${shown([each])}`)
  assert.ok(lostOf(tallies) <= (options.allowed ?? 0), shown(tallies))
  return result
}

/** Asserts that no firewall rule and no second container is left, and that a plain `up` changes nothing. */
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
  assert.deepEqual(await site.running(), running, 'a plain `up` changes nothing')
}

/** Waits until the next deploy reaches a stage, then runs a shell command on the server. */
export const atStage = (site: Site, stage: string, command: string): Promise<string> =>
  site.sh(`end=$(($(date +%s) + 90)); while [ $(date +%s) -lt $end ]; do
  if grep -qs ' ${stage}$' .slipway/*/runs/*/stages; then
    ${stage === 'keep' ? '' : 'sleep 0.3'}
    ${command}
    exit
  fi
  sleep 0.05
done`)

/** Kills the script of the next deploy with SIGKILL when it reaches a stage. Commands that it started continue. */
export const killAt = (site: Site, stage: string): Promise<string> =>
  atStage(
    site,
    stage,
    `for process in /proc/[0-9]*; do
      case $(tr '\\0' ' ' <$process/cmdline 2>/dev/null) in 'sh ${site.directory}/.slipway/'*'/script run '*) kill -9 \${process#/proc/} && echo killed ;; esac
    done`,
  )
