import { attemptInside } from './machine.ts'
import { plug } from './network.ts'
import type { Place } from './place.ts'
import { ensure } from './record.ts'
import { disposableServer, runningServer, type Server } from './server.ts'
import type { Say } from './unpacked.ts'
import { until } from './until.ts'

export const managerNames = ['manager1', 'manager2', 'manager3'] as const
export const nodeNames = [...managerNames, 'worker'] as const
export type NodeName = (typeof nodeNames)[number]

/** A swarm of three managers and a worker. Each is a server of the rig with its own engine and sshd. */
export interface Swarm {
  readonly place: Place
  /** The kernel features that the swarm can use on this machine. */
  readonly kernel: Kernel
  node(name: NodeName): Server
  /** Runs docker on the first manager. */
  docker(...args: string[]): Promise<string>
  /** Unplugs a node's network cable, or plugs it in again. */
  plug(name: NodeName, state: 'in' | 'out'): Promise<void>
  /** Cuts a node's power and boots it again. */
  reboot(name: NodeName): Promise<void>
  /** Waits until all nodes are ready and all managers reachable. */
  waitUntilReady(milliseconds?: number): Promise<void>
}

export interface Kernel {
  /** Networks that span nodes (vxlan). */
  readonly overlay: boolean
  /** Virtual addresses of services, and the routing mesh (ipvs). */
  readonly ipvs: boolean
}

type Nodes = Record<NodeName, Server>

/** Returns the swarm if all its nodes are ready. Otherwise starts a new one. */
export async function swarmOf(at: Place, say: Say): Promise<Swarm> {
  const nodes = await ensure(
    at,
    'swarm',
    () => readyNodes(at, say),
    () => start(at, say),
  )
  const kernel = await kernelOf(nodes.manager1, say)
  return {
    place: at,
    kernel,
    node: name => nodes[name],
    docker: (...args) => docker(nodes.manager1, ...args),
    plug: (name, state) => plug(at, name, state),
    reboot: async name => {
      nodes[name] = await nodes[name].reboot()
    },
    waitUntilReady: async milliseconds => {
      await until(
        async () => (await isReady(nodes)) || undefined,
        async () => `the swarm is not ready:\n${(await nodes.manager1.docker('node', 'ls')).stdout}`,
        milliseconds ?? 60_000,
      )
    },
  }
}

async function readyNodes(at: Place, say: Say): Promise<Nodes | undefined> {
  const servers = await Promise.all(nodeNames.map(name => runningServer(at, { name }, say)))
  if (servers.some(server => server === undefined)) return undefined
  const nodes = byName(servers as Server[])
  return (await isReady(nodes)) ? nodes : undefined
}

async function start(at: Place, say: Say): Promise<Nodes> {
  say('Starting a swarm of three managers and a worker')
  const nodes = byName(await Promise.all(nodeNames.map(name => disposableServer(at, { name }, say))))
  const first = nodes.manager1
  // A dead node counts as up for three heartbeats (5 s each by default), and every verdict has to wait for them.
  await docker(first, 'swarm', 'init', '--advertise-addr', first.address, '--dispatcher-heartbeat', '3s')
  const token = async (role: string) => (await docker(first, 'swarm', 'join-token', '-q', role)).trim()
  const [manager, worker] = [await token('manager'), await token('worker')]
  const join = (name: NodeName, joinToken: string) =>
    docker(nodes[name], 'swarm', 'join', '--token', joinToken, `${first.address}:2377`)
  await Promise.all([join('manager2', manager), join('manager3', manager), join('worker', worker)])
  await until(
    async () => (await isReady(nodes)) || undefined,
    () => 'the swarm is not ready',
  )
  return nodes
}

const byName = (servers: readonly Server[]): Nodes =>
  Object.fromEntries(nodeNames.map((name, index) => [name, servers[index]])) as Nodes

async function docker(server: Server, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await server.docker(...args)
  if (code !== 0)
    throw new Error(`docker ${args.join(' ')} on ${server.name}: exit ${code}\n${stdout}${stderr}`)
  return stdout
}

/** Reports whether every node is ready and every manager reports that the managers reach a leader. */
async function isReady(nodes: Nodes): Promise<boolean> {
  const seen = await Promise.all(
    managerNames.map(name => nodes[name].docker('node', 'ls', '--format', '{{.Status}} {{.ManagerStatus}}')),
  )
  return seen.every(({ code, stdout }) => {
    const lines = stdout
      .trim()
      .split('\n')
      .map(line => line.trim())
    const managers = lines.filter(line => /^Ready (Leader|Reachable)$/.test(line))
    return code === 0 && lines.length === nodeNames.length && lines.includes('Ready') && managers.length === 3
  })
}

/** Probes the kernel features that a swarm's networks need, and reports the missing ones. */
async function kernelOf({ machine }: Server, say: Say): Promise<Kernel> {
  const script = `modprobe -qa vxlan ip_vs 2>/dev/null
    if ip link add slipvx type vxlan id 77 dstport 4790 2>/dev/null; then ip link delete slipvx; echo overlay; fi
    test ! -e /proc/net/ip_vs || echo ipvs`
  const { stdout } = await attemptInside(machine, ['sh', '-c', script])
  const kernel = { overlay: /^overlay$/m.test(stdout), ipvs: /^ipvs$/m.test(stdout) }
  if (!kernel.overlay)
    say('NO OVERLAY NETWORKS: this kernel has no vxlan. Services on different nodes cannot reach each other.')
  if (!kernel.ipvs)
    say('NO ROUTING MESH: this kernel has no ipvs. Ports use mode=host, service names resolve with dnsrr.')
  return kernel
}
