import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { push, type Version } from '../faults/images.ts'
import { run } from '../rig/command.ts'
import { type Rig, rig, type Server } from '../rig/rig.ts'
import { runAction } from '../rig/runner.ts'
import { action } from './action.ts'
import { inTurn, quantile, ratios, spread, table } from './samples.ts'
import { sendVisitors, type Visits } from './visitors.ts'

const directory = '/srv/bench'
const port = 8080

/** Seconds that the gate waits for: no part of what bringing up costs. */
const stability = 1

/** What an image is deployed by, to its end as whoever waits for it sees it. */
type Deploy = (version: Version) => Promise<unknown>

/** A way to deploy, and what came of it each time. */
interface Way {
  readonly name: string
  readonly deploy: Deploy
  readonly visits: Visits[]
}

const rounds = 6

/**
 * How long the service is away, and how long a deploy of an image that is pushed takes, against what is typed by hand
 * on the same server: the same service, one after the other, with visitors all the while.
 */
export async function deploy(): Promise<string> {
  const all = await rig()
  const server = await all.server({})
  const image = `${all.registry.host}/octo/bench-${randomBytes(3).toString('hex')}`
  try {
    const ssh = await openShell(all, server, image)
    const ways: readonly Way[] = [
      { name: '`docker compose pull && up -d`', deploy: () => ssh(pullAndUp), visits: [] },
      { name: '`stop; rm -f; image rm; pull; up -d`', deploy: () => ssh(seed(image)), visits: [] },
      { name: 'the action', deploy: version => ship(all, server, image, version), visits: [] },
    ]
    const next = openVersions(all, image.slice(all.registry.host.length + 1))
    await ways[0]?.deploy(await next())
    const subjects = ways.map(way => ({ name: way.name, once: async () => once(server, way, await next()) }))
    const taken = await inTurn(subjects, rounds, 150)
    return render(ways, taken)
  } finally {
    await server.remove()
  }
}

const pullAndUp = `cd ${directory} && docker compose pull -q && docker compose up -d`

const seed = (image: string): string =>
  `cd ${directory} && docker compose stop web && docker compose rm -f web && docker image rm ${image}:latest && docker compose pull -q && docker compose up -d`

/** Each time an image that the server has not seen, which `latest` has come to mean. */
function openVersions(all: Rig, repository: string): () => Promise<Version> {
  let count = 0
  return async () => {
    count += 1
    const [version] = await push(all, repository, [{ page: `page-${count}`, also: 'latest' }])
    return version as Version
  }
}

async function once(server: Server, way: Way, version: Version): Promise<number> {
  const visitors = sendVisitors(server.address, port)
  const began = performance.now()
  await way.deploy(version)
  const took = performance.now() - began
  way.visits.push(await visitors.seen(version.page))
  return took
}

/** Deploys a pushed image, with inputs that take the place of the usual ones. */
export async function ship(
  all: Rig,
  server: Server,
  image: string,
  { digest }: Version,
  inputs: Readonly<Record<string, string | number>> = {},
): Promise<void> {
  const { registry, runner } = all
  const workspace = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  try {
    const shipped = await runAction({
      action,
      env: runner.env,
      workspace,
      with: {
        build: false,
        image: `${image}@${digest}`,
        tags: '',
        'registry-username': registry.username,
        'registry-password': registry.password,
        'ssh-host': `deploy@${server.address}`,
        'ssh-key': server.access.key.text,
        'ssh-known-hosts': server.knownHosts,
        'project-directory': directory,
        service: 'web',
        stability,
        ...inputs,
      },
    })
    if (shipped.conclusion !== 'success') throw new Error(shipped.log)
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
}

/** A project on the server, whose user is logged in to the registry there; commands of that user over ssh. */
async function openShell({ registry, place }: Rig, server: Server, image: string) {
  const known = join(place.run, `known-hosts-${server.name}`)
  writeFileSync(known, `${server.knownHosts}\n`)
  const options = ['-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${known}`]
  const args = ['-F', 'none', ...options, '-i', server.access.key.file]
  const ssh = (command: string, stdin = '') =>
    run('ssh', [...args, `deploy@${server.address}`, command], { stdin })
  await server.exec(
    `mkdir -p ${directory} && cat >${directory}/compose.yaml && chown -R deploy: ${directory}`,
    {
      stdin: composeFile(image),
    },
  )
  await ssh(`docker login -u ${registry.username} --password-stdin ${registry.host}`, registry.password)
  return ssh
}

/** It heeds SIGTERM, as most do: its stop is no matter of Compose's patience. */
const composeFile = (image: string): string => `services:
  web:
    image: ${image}:latest
    restart: unless-stopped
    init: true
    ports: ["${port}:8080"]
`

function render(ways: readonly Way[], taken: ReadonlyMap<string, number[]>): string {
  const [byHand] = ways
  const timesOf = (way: Way | undefined) => taken.get(way?.name ?? '') ?? []
  // The first of them warmed the caches.
  const of = (way: Way | undefined, key: keyof Visits) =>
    way?.visits.slice(1).map(visits => visits[key]) ?? []
  const rows = ways.map(way => {
    const gate = way.name === 'the action' ? stability * 1000 : 0
    const times = timesOf(way)
    const without = times.map(time => time - gate)
    return [
      way.name,
      spread(of(way, 'failed'), 0),
      spread(of(way, 'gap'), 0, ' ms'),
      spread(ratios(of(way, 'gap'), of(byHand, 'gap')), 2),
      spread(times, 0, ' ms'),
      spread(ratios(without, timesOf(byHand)), 2),
    ]
  })
  const made = ways.flatMap(way => of(way, 'made')).reduce((sum, count) => sum + count, 0)
  const head = [
    'Deploy by',
    'Failed requests',
    'Longest gap',
    'By hand = 1',
    'Whole time',
    `By hand = 1, without the gate's ${stability} s`,
  ]
  return `${table([head, ...rows])}\n\n${made} requests, ${timesOf(byHand).length} rounds; fastest by hand ${quantile(timesOf(byHand), 0).toFixed(0)} ms.`
}
