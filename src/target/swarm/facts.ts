import { lastLines, type Problem } from '../../core/errors.ts'
import type { Answer } from '../compose-host/answer.ts'
import {
  type Check,
  integer,
  line,
  listOf,
  matching,
  optional,
  readObjects,
  recordOf,
  type Shape,
  yesOrNo,
} from '../compose-host/shape.ts'
import { constraintsOf, fields, type UpdateConfig } from './stack-file.ts'

/** What preflight knows about the swarm. */
export interface SwarmFacts {
  readonly stack: string | undefined
  /** The interval between two heartbeats of a node, in seconds. */
  readonly heartbeat: number
  readonly nodes: readonly Node[]
  /** The existing services of this deploy, under their full names. */
  readonly services: readonly SwarmService[]
  /** The full names of all services of the swarm. */
  readonly names: readonly string[]
}

export interface Node {
  readonly id: string
  readonly hostname: string
  /** `ready`, `down`, … */
  readonly status: string
  /** `active`, `pause`, `drain` */
  readonly availability: string
  readonly role: string
  readonly os: string
  /** The kernel's name: `x86_64`. */
  readonly architecture: string
  readonly labels: Readonly<Record<string, string>>
}

export interface SwarmService {
  readonly name: string
  readonly image: string
  readonly mode: string
  readonly replicas: number | undefined
  readonly hostPorts: boolean
  readonly update: UpdateConfig
  readonly constraints: readonly string[]
  readonly hasHealthcheck: boolean
  /** The state of the last update; empty if there was none. */
  readonly state: string
  readonly tasks: readonly Task[]
}

interface Task {
  /** The full name of its service. */
  readonly service: string
  readonly id: string
  readonly name: string
  readonly node: string
  /** `Running 3 minutes ago` */
  readonly state: string
}

const word = matching(/^[\w.-]*$/)
const id = matching(/^[a-z0-9]{1,64}$/)
const anything: Check = () => true

const nodeShape: Shape<Node> = {
  id,
  hostname: line,
  status: word,
  availability: word,
  role: word,
  os: word,
  architecture: word,
  labels: optional(recordOf(line)),
}

interface InspectedService {
  readonly name: string
  readonly image: string
  readonly mode: string
  readonly replicas: number | null
  readonly ports: readonly unknown[] | null
  readonly update: unknown
  readonly constraints: readonly string[] | null
  readonly healthcheck: unknown
  readonly state: string
}

const serviceShape: Shape<InspectedService> = {
  name: matching(/^[a-zA-Z0-9._-]+$/),
  image: line,
  mode: word,
  replicas: optional(integer),
  ports: optional(listOf(anything)),
  update: anything,
  constraints: optional(listOf(line)),
  healthcheck: anything,
  state: word,
}

const serviceName = matching(/^[a-zA-Z0-9._-]+$/)

const taskShape: Shape<Task> = { service: serviceName, id, name: line, node: line, state: line }

interface Membership {
  readonly state: string
  readonly control: boolean
  readonly error: string | null
  /** Nanoseconds. */
  readonly heartbeat: number
}

const membershipShape: Shape<Membership> = {
  state: word,
  control: yesOrNo,
  error: optional(line),
  heartbeat: integer,
}

/**
 * Parses the answer of swarm-probe.sh; returns a problem if the server is not a manager of a swarm with a quorum.
 */
export function parseSwarm(answer: Answer, stack: string | undefined): SwarmFacts | Problem {
  const [membership] = readObjects(answer, 'swarm', membershipShape)
  if (membership === undefined || membership.state !== 'active') return notInSwarm
  if (!membership.control) return noManager
  if (answer.text('nodes.code') !== '0') return noQuorum(answer.text('nodes.error'))
  const tasks = readObjects(answer, 'task', taskShape)
  return {
    stack,
    heartbeat: Math.ceil(membership.heartbeat / 1e9),
    nodes: readObjects(answer, 'node', nodeShape).map(node => ({ ...node, labels: node.labels ?? {} })),
    names: answer.lines('names'),
    services: readObjects(answer, 'service', serviceShape).map(service => serviceOf(service, tasks)),
  }
}

function serviceOf(inspected: InspectedService, tasks: readonly Task[]): SwarmService {
  const { name, image, mode, replicas, ports, update, constraints, healthcheck, state } = inspected
  const config = fields(update)
  return {
    name,
    image,
    mode,
    replicas: replicas ?? undefined,
    hostPorts: (ports ?? []).some(port => fields(port)['PublishMode'] === 'host'),
    update: {
      order: optionalText(config['Order']),
      failureAction: optionalText(config['FailureAction']),
      maxFailureRatio: Number(config['MaxFailureRatio'] ?? 0),
    },
    constraints: constraintsOf(constraints),
    hasHealthcheck: isHealthcheck(fields(healthcheck)['Test']),
    state,
    tasks: tasks.filter(({ service }) => service === name),
  }
}

const optionalText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const isHealthcheck = (test: unknown): boolean => Array.isArray(test) && test.length > 0 && test[0] !== 'NONE'

const notInSwarm: Problem = {
  cause: 'The engine on the server is not part of a swarm.',
  remedy:
    'Set `ssh-host` to a manager of the swarm, or make this server a manager: run `docker swarm init` there. To deploy with Compose, remove `stack` and `swarm`.',
}

const noManager: Problem = {
  input: 'ssh-host',
  cause: 'The server is a worker of its swarm, but only a manager can update a service.',
  remedy: 'Set `ssh-host` to a manager: `docker node ls` on a manager lists them.',
}

const noQuorum = (said: string): Problem => ({
  cause: 'The managers of the swarm have no quorum, so nothing can be changed.',
  remedy:
    'Start the managers that are down (once a majority is up, `docker node ls` works again), then run the job again.',
  ...(said === '' ? {} : { output: lastLines(said) }),
})
