import type { PublishedPort } from '../../compose/config.ts'
import type { Answer } from './answer.ts'
import { line, listOf, optional, readObjects, recordOf, type Shape, yesOrNo } from './shape.ts'

/** Everything else on the server that can conflict with a service, or share its image. */
export interface Surroundings {
  /** Every container of the engine, this project's too. */
  readonly containers: readonly OtherContainer[]
  /** Undefined: the engine did not say. */
  readonly networks: readonly string[] | undefined
  readonly volumes: readonly string[] | undefined
  /** Ports that a program listens on, docker's own proxy among them. */
  readonly listening: readonly PublishedPort[]
}

export interface OtherContainer {
  readonly name: string
  readonly running: boolean
  /** The image as it was asked for when the container was made. */
  readonly reference: string
  /** Those that it asks for, and those that the engine chose for it. */
  readonly ports: readonly PublishedPort[]
  /** It uses the network of the host: its ports are the ports of the host. */
  readonly onHost: boolean
  /** `compose run` made it: `up` leaves it alone. */
  readonly oneOff: boolean
  /** A relay created it: the run that settles its deploy removes it. */
  readonly shadow: boolean
  /** Compose's labels; undefined: no project made it. */
  readonly project: string | undefined
  readonly service: string | undefined
  readonly directory: string | undefined
}

type Bindings = Readonly<Record<string, readonly { HostIp?: string; HostPort?: string }[] | null>> | null

/** As containers.sh asks for it. */
interface Inspected {
  readonly name: string
  readonly running: boolean
  readonly reference: string
  readonly ports: Bindings
  readonly bound?: Bindings
  readonly network?: string | null
  readonly oneoff: string | null
  readonly shadow: string | null
  readonly project: string | null
  readonly service: string | null
  readonly directory: string | null
}

const bindings = optional(recordOf(optional(listOf(recordOf(optional(line))))))

const shape: Shape<Inspected> = {
  name: line,
  running: yesOrNo,
  reference: line,
  ports: bindings,
  bound: bindings,
  network: optional(line),
  oneoff: optional(line),
  shadow: optional(line),
  project: optional(line),
  service: optional(line),
  directory: optional(line),
}

/** Parses the answer of containers.sh. */
export const parseSurroundings = (answer: Answer): Surroundings => ({
  containers: readObjects(answer, 'others', shape).map(
    ({
      name,
      running,
      reference,
      ports,
      bound = null,
      network,
      oneoff,
      shadow,
      project,
      service,
      directory,
    }) => ({
      name: name.replace(/^\//, ''),
      running,
      reference,
      ports: [...portsOf(ports), ...portsOf(bound)],
      onHost: network === 'host',
      oneOff: oneoff === 'True',
      shadow: Boolean(shadow),
      project: project || undefined,
      service: service || undefined,
      directory: directory || undefined,
    }),
  ),
  networks: answer.has('networks') ? answer.lines('networks') : undefined,
  volumes: answer.has('volumes') ? answer.lines('volumes') : undefined,
  listening: (['tcp', 'udp'] as const).flatMap(protocol =>
    answer.lines(`listening.${protocol}`).flatMap(line => socketOf(line, protocol)),
  ),
})

/** A binding without a port, with 0 or with a range asks the engine to choose one: `NetworkSettings.Ports` has it. */
const portsOf = (bindings: Bindings): PublishedPort[] =>
  Object.entries(bindings ?? {}).flatMap(([target, bound]) =>
    (bound ?? []).flatMap(({ HostIp, HostPort }) => {
      const port = Number(HostPort)
      const protocol = target.split('/')[1] ?? 'tcp'
      return Number.isInteger(port) && port > 0 ? [{ ip: address(HostIp), port, protocol }] : []
    }),
  )

const address = (ip = ''): string | undefined => (['', '0.0.0.0', '::'].includes(ip) ? undefined : ip)

/** `0100007F:1F90`: words of an address as this little-endian kernel has them in memory, and the port. */
function socketOf(line: string, protocol: string): PublishedPort[] {
  const [, hex = '', port = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(line) ?? []
  if (hex === '') return []
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap(word => (word.match(/../g) ?? []).reverse())
  const mapped = bytes.length === 16 && bytes.slice(0, 12).join('') === '00000000000000000000FFFF'
  const four = bytes.length === 4 || mapped
  const ip = four
    ? bytes
        .slice(-4)
        .map(byte => Number.parseInt(byte, 16))
        .join('.')
    : new URL(`http://[${bytes.join('').replace(/(.{4})(?=.)/g, '$1:')}]`).hostname.slice(1, -1)
  return [{ ip: address(ip), port: Number.parseInt(port, 16), protocol }]
}
