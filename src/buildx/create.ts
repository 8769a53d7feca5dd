import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../core/command.ts'
import { privateDirectory } from '../core/private-files.ts'
import type { Runtime } from '../core/runtime.ts'
import { atLeast } from '../core/version.ts'
import type { Docker } from '../docker/docker.ts'
import { parseReference, registryOf } from '../image/reference.ts'
import { isInsecure } from '../registry/trust.ts'
import type { BuilderNode, BuilderPlan, Driver } from './builder-plan.ts'
import type { BuildPlan } from './plan.ts'

/** A builder to create. */
interface NewBuilder {
  readonly name: string
  readonly driver: Driver
  /** Where the content of `buildkitd-config-inline` stands; undefined when none is given. */
  readonly configFile: string | undefined
  readonly buildxVersion: string
  /** The TLS certificates of each node, as driver options, in the order of the nodes. */
  readonly certificates?: readonly (readonly string[])[]
}

/** Returns the commands that create a builder: one for each node; the last one boots it. */
export function createCommands(plan: BuildPlan, made: NewBuilder): Command[] {
  const { builder } = plan
  const appended = builder.nodes.map(node => [
    ...['--name', made.name, '--append'],
    ...(node.name === undefined ? [] : ['--node', node.name]),
    ...(node.platforms.length === 0 ? [] : ['--platform', node.platforms.join(',')]),
  ])
  const beginnings = [['--name', made.name, '--driver', made.driver], ...appended]
  return [builder, ...builder.nodes].map((node, place, nodes) => ({
    file: 'docker',
    args: [
      ...['buildx', 'create', ...(place === nodes.length - 1 ? ['--bootstrap'] : [])],
      ...(beginnings[place] ?? []),
      ...nodeArguments(node, entitlements(plan), made, made.certificates?.[place] ?? []),
    ],
  }))
}

/**
 * Returns the arguments of one node. Any node may run the build, so all get the same entitlements and configuration.
 */
function nodeArguments(
  { driverOpts, flags, endpoint }: Pick<BuilderNode, 'driverOpts' | 'flags' | 'endpoint'>,
  allowed: string,
  { driver, configFile, buildxVersion }: NewBuilder,
  certificates: readonly string[],
): string[] {
  const remote = driver === 'remote'
  const given = flags ?? allowed
  return [
    ...[...driverOpts, ...certificates].flatMap(option => ['--driver-opt', option]),
    ...(remote || given === '' ? [] : ['--buildkitd-flags', given]),
    ...(remote || configFile === undefined ? [] : [configFlag(buildxVersion), configFile]),
    ...(endpoint === undefined ? [] : [endpoint]),
  ]
}

/** Returns the entitlements that the build asks for; the builder allows these and no others. */
function entitlements({ allow, network }: Pick<BuildPlan, 'allow' | 'network'>): string {
  const known = ['network.host', 'security.insecure'].filter(
    name =>
      allow.some(each => each.split('=')[0] === name) || (name === 'network.host' && network === 'host'),
  )
  return known.map(name => `--allow-insecure-entitlement ${name}`).join(' ')
}

/** Returns the flag for the configuration file, which was renamed in buildx 0.13. */
const configFlag = (buildxVersion: string): string =>
  atLeast(buildxVersion, '0.13') ? '--buildkitd-config' : '--config'

export const inspectCommand = (name: string): Command => ({
  file: 'docker',
  args: ['buildx', 'inspect', '--bootstrap', name],
})

/** Removes a builder with its container; `keepState` keeps the volume that holds its cache. */
export const removeCommand = (name: string, keepState: boolean): Command => ({
  file: 'docker',
  args: ['buildx', 'rm', '--force', ...(keepState ? ['--keep-state'] : []), name],
})

/** Reads the platforms of a builder's nodes, native or emulated, from `docker buildx inspect`. */
export function readPlatforms(inspected: string): string[] {
  const nodes = [...inspected.matchAll(/^\s*Platforms:\s*(.*)$/gm)].map(([, platforms = '']) => platforms)
  return [...new Set(nodes.flatMap(platforms => platforms.split(',')).map(clean))].filter(each => each !== '')
}

/** Removes the star that marks a platform set by the user, and the count of variants in parentheses. */
const clean = (platform: string): string =>
  platform
    .replace(/\*$/, '')
    .replace(/^\(\+\d+\)$/, '')
    .trim()

/** Whether at least one node of the inspected builder is running. */
export const isRunning = (inspected: string): boolean => /^Status:\s+running\b/m.test(inspected)

/** Returns the errors of unreachable nodes, each as a line in the form of a docker error. */
export const deadNodes = (inspected: string): string =>
  [...inspected.matchAll(/^Error:\s+(.*)$/gm)].map(([, error]) => `ERROR: ${error}\n`).join('')

/** Reads the driver from `docker buildx inspect`. */
export const readDriver = (inspected: string): string => /^Driver:\s*(\S+)/m.exec(inspected)?.[1] ?? ''

const kinds = ['cacert', 'cert', 'key'] as const

/**
 * What a buildkitd behind `tcp://` is shown by TLS, from the variables of docker/setup-buildx-action
 * (`BUILDER_NODE_0_AUTH_TLS_CACERT`, `…_CERT`, `…_KEY`; each appended node has the next number), as options of the
 * driver `remote` for each node. buildx reads the files at every use: they stay until `post:`.
 */
export async function nodeCertificates(
  { env, log, context, remember }: Pick<Runtime, 'env' | 'log' | 'context' | 'remember'>,
  { builder }: Pick<BuildPlan, 'builder'>,
): Promise<string[][]> {
  const given = [builder, ...builder.nodes].flatMap(({ endpoint = '' }, place) =>
    kinds.flatMap(kind => {
      const text = env[`BUILDER_NODE_${place}_AUTH_TLS_${kind.toUpperCase()}`] ?? ''
      return text !== '' && endpoint.startsWith('tcp:') ? [{ place, kind, text }] : []
    }),
  )
  const options: string[][] = [builder, ...builder.nodes].map(() => [])
  if (given.length === 0) return options
  const directory = await privateDirectory(context.temp, 'certificates')
  remember({ kind: 'directory', path: directory })
  for (const { place, kind, text } of given) {
    if (kind === 'key') log.mask(text)
    const file = join(directory, `${kind}-${place}.pem`)
    await writeFile(file, text, { mode: 0o600 })
    options[place]?.push(`${kind}=${file}`)
  }
  return options
}

/** The default image of a builder in a container (docker/buildx, bkimage). */
const buildkit = 'docker.io/moby/buildkit:buildx-stable-1'

const asked = ({ driverOpts, nodes }: BuilderPlan): string[] =>
  [...driverOpts, ...nodes.flatMap(node => node.driverOpts)].flatMap(option =>
    option.startsWith('image=') ? [option.slice('image='.length)] : [],
  )

/** Returns the image of a builder in a container. */
export const builderImage = (plan: BuilderPlan): string => asked(plan)[0] ?? buildkit

/** Returns the registries that the builder's own images come from: a login there must precede the pull. */
export function builderRegistries(plan: BuilderPlan): string[] {
  const booted = asked(plan)
  const references = [...(booted.length === 0 ? [buildkit] : booted), plan.qemuImage].map(parseReference)
  return references.flatMap(each => ('registry' in each ? [registryOf(each)] : []))
}

/**
 * The builder plan with what a builder in a container needs to reach the registries that the engine reaches: the
 * engine shares this machine's network and knows which registries have no TLS, a container does not. What the user
 * says holds.
 */
export function withinReach(plan: BuilderPlan, docker: Docker, registries: readonly string[]): BuilderPlan {
  const insecure = registries.filter(host => isInsecure(host, docker.insecure))
  const network = plan.driverOpts.some(option => option.startsWith('network='))
  const contained = (plan.driver ?? 'docker-container') === 'docker-container'
  const host = contained && !network && registries.some(isLoopback) ? ['network=host'] : []
  const config = plan.config ?? (insecure.map(registryConfig).join('\n') || undefined)
  return { ...plan, driverOpts: [...plan.driverOpts, ...host], config }
}

const isLoopback = (host: string): boolean => /^(?:localhost|127\.[0-9.]+|\[::1\])(?::\d+)?$/.test(host)

/**
 * Returns the configuration of an insecure registry: with both keys, BuildKit tries TLS without verification, then
 * plain HTTP, as the engine does.
 */
const registryConfig = (host: string): string => `[registry."${host}"]\n  http = true\n  insecure = true\n`
