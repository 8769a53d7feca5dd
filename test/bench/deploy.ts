import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { push, type Version } from '../faults/images.ts'
import { run } from '../rig/command.ts'
import { type Rig, rig, type Server } from '../rig/rig.ts'
import { runAction } from '../rig/runner.ts'
import { action } from './action.ts'
import { type LoadResult, startLoad } from './load.ts'
import { inTurn, quantile, ratios, spread, table } from './samples.ts'

const directory = '/srv/bench'
const port = 8080

/** The input `stability`, in seconds. Subtracted from the duration, because it is a chosen wait. */
const stability = 1

/** A deploy method, and the results of each of its deploys. */
interface Method {
  readonly name: string
  /** Deploys a version. Resolves when its caller sees the deploy end. */
  readonly deploy: (version: Version) => Promise<unknown>
  readonly results: LoadResult[]
}

const rounds = 6

/**
 * Compares the downtime and the duration of a deploy of a pushed image with manual commands. All methods deploy the
 * same service on the same server, one after another, under load.
 */
export async function deploy(): Promise<string> {
  const all = await rig()
  const server = await all.server({})
  const image = `${all.registry.host}/octo/bench-${randomBytes(3).toString('hex')}`
  try {
    const ssh = await openShell(all, server, image)
    const methods: readonly Method[] = [
      { name: '`docker compose pull && up -d`', deploy: () => ssh(pullAndUp), results: [] },
      { name: '`stop; rm -f; image rm; pull; up -d`', deploy: () => ssh(stopAndUp(image)), results: [] },
      { name: 'the action', deploy: version => ship(all, server, image, version), results: [] },
    ]
    const next = versionPusher(all, image.slice(all.registry.host.length + 1))
    await methods[0]?.deploy(await next())
    const subjects = methods.map(method => ({
      name: method.name,
      once: async () => once(server, method, await next()),
    }))
    const taken = await inTurn(subjects, rounds, 150)
    return render(methods, taken)
  } finally {
    await server.remove()
  }
}

const pullAndUp = `cd ${directory} && docker compose pull -q && docker compose up -d`

const stopAndUp = (image: string): string =>
  `cd ${directory} && docker compose stop web && docker compose rm -f web && docker image rm ${image}:latest && docker compose pull -q && docker compose up -d`

/** Returns a function that pushes a new image as `latest`, which the server does not have yet. */
function versionPusher(all: Rig, repository: string): () => Promise<Version> {
  let count = 0
  return async () => {
    count += 1
    const [version] = await push(all, repository, [{ page: `page-${count}`, also: 'latest' }])
    return version as Version
  }
}

async function once(server: Server, method: Method, version: Version): Promise<number> {
  const load = startLoad(server.address, port)
  const began = performance.now()
  await method.deploy(version)
  const took = performance.now() - began
  method.results.push(await load.untilServed(version.page))
  return took
}

/** Deploys a pushed image with the action. `inputs` override the default inputs. */
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
    const deployed = await runAction({
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
    if (deployed.conclusion !== 'success') throw new Error(deployed.log)
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
}

/** Creates a project on the server, and logs its user in to the registry. Returns a function for commands over ssh. */
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

/** With `init`, so that the service handles SIGTERM like most do, and a stop does not take Compose's timeout. */
const composeFile = (image: string): string => `services:
  web:
    image: ${image}:latest
    restart: unless-stopped
    init: true
    ports: ["${port}:8080"]
`

function render(methods: readonly Method[], taken: ReadonlyMap<string, number[]>): string {
  const [byHand] = methods
  const timesOf = (method: Method | undefined) => taken.get(method?.name ?? '') ?? []
  // Skips the first result, which is from the round that warms the caches.
  const of = (method: Method | undefined, key: keyof LoadResult) =>
    method?.results.slice(1).map(result => result[key]) ?? []
  const rows = methods.map(method => {
    const gate = method.name === 'the action' ? stability * 1000 : 0
    const times = timesOf(method)
    const without = times.map(time => time - gate)
    return [
      method.name,
      spread(of(method, 'failed'), 0),
      spread(of(method, 'gap'), 0, ' ms'),
      spread(ratios(of(method, 'gap'), of(byHand, 'gap')), 2),
      spread(times, 0, ' ms'),
      spread(ratios(without, timesOf(byHand)), 2),
    ]
  })
  const sent = methods.flatMap(method => of(method, 'sent')).reduce((sum, count) => sum + count, 0)
  const head = [
    'Deploy with',
    'Failed requests',
    'Longest gap',
    'By hand = 1',
    'Total time',
    `By hand = 1, without the gate's ${stability} s`,
  ]
  return `${table([head, ...rows])}\n\n${sent} requests, ${timesOf(byHand).length} rounds; fastest by hand ${quantile(timesOf(byHand), 0).toFixed(0)} ms.`
}
