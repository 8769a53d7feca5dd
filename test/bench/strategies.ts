import { randomBytes } from 'node:crypto'
import { push } from '../faults/images.ts'
import { type Rig, rig, type Server } from '../rig/rig.ts'
import { ship } from './deploy.ts'
import { inTurn, ratios, spread, table } from './samples.ts'

const rounds = 3
const drain = 2

/** Each strategy has its own project on the same server, with the same app. */
const strategies = ['recreate', 'relay', 'start-first'] as const
type Strategy = (typeof strategies)[number]

/** The resources that a deploy used. */
interface Cost {
  /** All containers created, including shadows and those that set firewall rules. */
  readonly created: number
  /** The maximum number of concurrent copies of the app, and their maximum memory in KiB. */
  readonly copies: number
  readonly memory: number
}

/** Measures the time, the memory and the containers of a deploy with each strategy. */
export async function strategiesCost(): Promise<string> {
  const all = await rig()
  const server = await all.server({})
  const costs = new Map<string, Cost[]>()
  try {
    const subjects = await Promise.all(strategies.map(name => open(all, server, name, costs)))
    const taken = await inTurn(subjects, rounds, 150)
    const times = (name: Strategy) => taken.get(name) ?? []
    // Skips the first result, which is from the round that warms the caches.
    const of = (name: Strategy, key: keyof Cost) => (costs.get(name) ?? []).slice(1).map(cost => cost[key])
    const rows = strategies.map(name => [
      `\`${name}\``,
      spread(times(name), 0, ' ms'),
      spread(ratios(times(name), times('recreate')), 1),
      spread(of(name, 'created'), 0),
      spread(of(name, 'copies'), 0),
      spread(of(name, 'memory'), 0, ' KiB'),
      spread(ratios(of(name, 'memory'), of('recreate', 'memory')), 1),
    ])
    const one = 'recreate = 1'
    const head = [
      'Strategy',
      'Total time',
      one,
      'Containers created',
      'Concurrent copies of the app',
      'Memory of the copies',
      one,
    ]
    return `${table([head, ...rows])}\n\n\`drain\` ${drain} s, \`stability\` 1 s; start-first gives its proxy 12 s and 4 s.`
  } finally {
    await server.remove()
  }
}

async function open(all: Rig, server: Server, name: Strategy, costs: Map<string, Cost[]>) {
  const directory = `/srv/bench-${name}`
  const repository = `octo/bench-${name}-${randomBytes(3).toString('hex')}`
  const image = `${all.registry.host}/${repository}`
  const stdin = composeFile(image, name)
  await server.exec(
    `mkdir -p ${directory} && cat >${directory}/compose.yaml && chown -R deploy: ${directory}`,
    {
      stdin,
    },
  )
  let count = 0
  const deploy = async (): Promise<void> => {
    count += 1
    const [version] = await push(all, repository, [{ page: `page-${count}`, also: 'latest' }])
    if (version === undefined) throw new Error('no image was pushed')
    await ship(all, server, image, version, { 'project-directory': directory, strategy: name, drain })
  }
  await deploy()
  return {
    name,
    once: async () => {
      await server.exec(watch(directory, `bench-${name}`))
      const began = performance.now()
      await deploy()
      const took = performance.now() - began
      const { stdout } = await server.exec(
        `cd ${directory}; touch over; until [ -s cost ]; do sleep 0.2; done; cat cost`,
      )
      const [created = 0, copies = 0, memory = 0] = stdout.trim().split(' ').map(Number)
      costs.set(name, [...(costs.get(name) ?? []), { created, copies, memory }])
      return took
    },
  }
}

/**
 * Returns a background script that measures until the file `over` exists: the proportional memory (PSS) of the app's
 * processes, and the created containers. It counts them as they are created, because the engine only keeps its last 256
 * events.
 */
const watch = (directory: string, project: string): string => `cd ${directory}; rm -f over cost
setsid sh -c '
docker events --filter type=container --filter event=create --format x >created & events=$!
copies=0; memory=0
while [ ! -e over ]; do
  ids=$(docker ps -q --filter label=com.docker.compose.project=${project} --filter label=com.docker.compose.service=web)
  now=0; size=0
  for id in $ids; do
    now=$((now + 1))
    for pid in $(docker top $id -o pid | tail -n +2); do
      part=$(sed -n "s/^Pss: *\\([0-9]*\\).*/\\1/p" /proc/$pid/smaps_rollup); size=$((size + \${part:-0}))
    done
  done
  [ $now -le $copies ] || copies=$now
  [ $size -le $memory ] || memory=$size
  sleep 0.2
done
kill $events; echo "$(wc -l <created) $copies $memory" >cost.new; mv cost.new cost' >/dev/null 2>&1 </dev/null &`

const composeFile = (image: string, name: Strategy): string => `services:
  web:
    image: ${image}:latest
    restart: unless-stopped
    init: true
${name === 'start-first' ? '' : `    ports: ["${name === 'relay' ? 8081 : 8082}:8080"]\n`}    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
      interval: 1s
      retries: 3
`
