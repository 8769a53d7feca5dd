import { canonicalAddress, type PublishedPort } from '../../compose/config.ts'
import type { Answer } from './answer.ts'
import { line, listOf, optional, readObjects, recordOf, type Shape, yesOrNo } from './shape.ts'

/** Everything on the server that can conflict with a service, or share its image. */
export interface Surroundings {
  /** All containers of the engine, this project's included. */
  readonly containers: readonly OtherContainer[]
  /** Undefined if the engine did not answer. */
  readonly networks: readonly string[] | undefined
  readonly volumes: readonly string[] | undefined
  /** Ports that programs listen on, including docker-proxy. */
  readonly listening: readonly PublishedPort[]
}

export interface OtherContainer {
  readonly name: string
  readonly running: boolean
  /** The image reference that the container was created from. */
  readonly reference: string
  /** The ports that it requests, and those that the engine chose for it. */
  readonly ports: readonly PublishedPort[]
  /** It uses the network of the host: its ports are the ports of the host. */
  readonly onHost: boolean
  /** `compose run` created it, so `up` does not touch it. */
  readonly oneOff: boolean
  /** A relay created it: the run that settles its deploy removes it. */
  readonly shadow: boolean
  /** From Compose's labels; undefined if it belongs to no project. */
  readonly project: string | undefined
  readonly service: string | undefined
  readonly directory: string | undefined
}

type Bindings = Readonly<Record<string, readonly { HostIp?: string; HostPort?: string }[] | null>> | null

/** The fields that containers.sh prints. */
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

/**
 * Returns the fixed ports of bindings. For a binding without a port, with 0 or with a range, the engine chooses the
 * port, which is in `NetworkSettings.Ports`.
 */
const portsOf = (bindings: Bindings): PublishedPort[] =>
  Object.entries(bindings ?? {}).flatMap(([target, bound]) =>
    (bound ?? []).flatMap(({ HostIp, HostPort }) => {
      const port = Number(HostPort)
      const protocol = target.split('/')[1] ?? 'tcp'
      return Number.isInteger(port) && port > 0 ? [{ ip: address(HostIp), port, protocol }] : []
    }),
  )

/** Returns undefined for all addresses. */
function address(text: string | undefined): string | undefined {
  const ip = canonicalAddress(text) ?? ''
  return ['', '0.0.0.0', '::'].includes(ip) ? undefined : ip
}

/** Parses `0100007F:1F90`: the words of the address in memory order of a little-endian kernel, and the port. */
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
    : canonicalAddress(bytes.join('').replace(/(.{4})(?=.)/g, '$1:'))
  return [{ ip: address(ip), port: Number.parseInt(port, 16), protocol }]
}
