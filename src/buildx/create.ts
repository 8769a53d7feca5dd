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
  /** The file with the content of `buildkitd-config-inline`; undefined if the input is empty. */
  readonly configFile: string | undefined
  readonly buildxVersion: string
  /** The driver options with the TLS files of each node, in the order of the nodes. */
  readonly certificates?: readonly (readonly string[])[]
}

/** Returns the commands that create a builder, one for each node; the last command boots the builder. */
export function createCommands(plan: BuildPlan, created: NewBuilder): Command[] {
  const { builder } = plan
  const appended = builder.nodes.map(node => [
    ...['--name', created.name, '--append'],
    ...(node.name === undefined ? [] : ['--node', node.name]),
    ...(node.platforms.length === 0 ? [] : ['--platform', node.platforms.join(',')]),
  ])
  const nodeNames = [['--name', created.name, '--driver', created.driver], ...appended]
  return [builder, ...builder.nodes].map((node, index, nodes) => ({
    file: 'docker',
    args: [
      ...['buildx', 'create', ...(index === nodes.length - 1 ? ['--bootstrap'] : [])],
      ...(nodeNames[index] ?? []),
      ...nodeArguments(node, entitlements(plan), created, created.certificates?.[index] ?? []),
    ],
  }))
}

/**
 * Returns the arguments of one node. Any node may run the build, so all nodes get the same entitlements and the same
 * configuration.
 */
function nodeArguments(
  { driverOpts, flags, endpoint }: Pick<BuilderNode, 'driverOpts' | 'flags' | 'endpoint'>,
  allowed: string,
  { driver, configFile, buildxVersion }: NewBuilder,
  certificates: readonly string[],
): string[] {
  const remote = driver === 'remote'
  const buildkitdFlags = flags ?? allowed
  return [
    ...[...driverOpts, ...certificates].flatMap(option => ['--driver-opt', option]),
    ...(remote || buildkitdFlags === '' ? [] : ['--buildkitd-flags', buildkitdFlags]),
    ...(remote || configFile === undefined ? [] : [configFlag(buildxVersion), configFile]),
    ...(endpoint === undefined ? [] : [endpoint]),
  ]
}

/** Returns the buildkitd flags for the entitlements that the build needs; the builder allows no others. */
function entitlements({ allow, network }: Pick<BuildPlan, 'allow' | 'network'>): string {
  const known = ['network.host', 'security.insecure'].filter(
    name =>
      allow.some(each => each.split('=')[0] === name) || (name === 'network.host' && network === 'host'),
  )
  return known.map(name => `--allow-insecure-entitlement ${name}`).join(' ')
}

/** Returns the flag for the configuration file; buildx 0.13 renamed it. */
const configFlag = (buildxVersion: string): string =>
  atLeast(buildxVersion, '0.13') ? '--buildkitd-config' : '--config'

export const inspectCommand = (name: string): Command => ({
  file: 'docker',
  args: ['buildx', 'inspect', '--bootstrap', name],
})

/** Returns the command that removes a builder and its container; `keepState` keeps the volume with the cache. */
export const removeCommand = (name: string, keepState: boolean): Command => ({
  file: 'docker',
  args: ['buildx', 'rm', '--force', ...(keepState ? ['--keep-state'] : []), name],
})

/** Parses the platforms of a builder's nodes, native or emulated, from the output of `docker buildx inspect`. */
export function readPlatforms(inspected: string): string[] {
  const nodes = [...inspected.matchAll(/^\s*Platforms:\s*(.*)$/gm)].map(([, platforms = '']) => platforms)
  return [...new Set(nodes.flatMap(platforms => platforms.split(',')).map(clean))].filter(
    platform => platform !== '',
  )
}

/**
 * Removes the star of a platform that the user has set, and the entry that only counts the omitted variants: `(+3)`.
 */
const clean = (platform: string): string =>
  platform
    .replace(/\*$/, '')
    .replace(/^\(\+\d+\)$/, '')
    .trim()

/** Reports whether at least one node of the inspected builder is running. */
export const isRunning = (inspected: string): boolean => /^Status:\s+running\b/m.test(inspected)

/** Returns the errors of unreachable nodes, one line each, in the format of docker's errors. */
export const nodeErrors = (inspected: string): string =>
  [...inspected.matchAll(/^Error:\s+(.*)$/gm)].map(([, error]) => `ERROR: ${error}\n`).join('')

/** Parses the driver from the output of `docker buildx inspect`. */
export const readDriver = (inspected: string): string => /^Driver:\s*(\S+)/m.exec(inspected)?.[1] ?? ''

const kinds = ['cacert', 'cert', 'key'] as const

/**
 * Writes the TLS certificates and keys for nodes at `tcp://` addresses to files, and returns the options of the driver
 * `remote` for each node. They come from the variables of docker/setup-buildx-action: `BUILDER_NODE_0_AUTH_TLS_CACERT`,
 * `…_CERT`, `…_KEY`; each appended node has the next number. buildx reads the files at every use, so they stay until
 * `post:`.
 */
export async function writeNodeCertificates(
  { env, log, context, remember }: Pick<Runtime, 'env' | 'log' | 'context' | 'remember'>,
  { builder }: Pick<BuildPlan, 'builder'>,
): Promise<string[][]> {
  const certificates = [builder, ...builder.nodes].flatMap(({ endpoint = '' }, index) =>
    kinds.flatMap(kind => {
      const text = env[`BUILDER_NODE_${index}_AUTH_TLS_${kind.toUpperCase()}`] ?? ''
      return text !== '' && endpoint.startsWith('tcp:') ? [{ index, kind, text }] : []
    }),
  )
  const options: string[][] = [builder, ...builder.nodes].map(() => [])
  if (certificates.length === 0) return options
  const directory = await privateDirectory(context.temp, 'certificates')
  remember({ kind: 'directory', path: directory })
  for (const { index, kind, text } of certificates) {
    if (kind === 'key') log.mask(text)
    const file = join(directory, `${kind}-${index}.pem`)
    await writeFile(file, text, { mode: 0o600 })
    options[index]?.push(`${kind}=${file}`)
  }
  return options
}

/** The default image of a container builder (docker/buildx, bkimage). */
const defaultImage = 'docker.io/moby/buildkit:buildx-stable-1'

/** Returns the images that `driver-opts` sets. */
const configuredImages = ({ driverOpts, nodes }: BuilderPlan): string[] =>
  [...driverOpts, ...nodes.flatMap(node => node.driverOpts)].flatMap(option =>
    option.startsWith('image=') ? [option.slice('image='.length)] : [],
  )

/** Returns the image of a container builder. */
export const builderImage = (plan: BuilderPlan): string => configuredImages(plan)[0] ?? defaultImage

/** Returns the registries of BuildKit's and the emulators' images. Slipway must log in there before it pulls them. */
export function builderRegistries(plan: BuilderPlan): string[] {
  const images = configuredImages(plan)
  const references = [...(images.length === 0 ? [defaultImage] : images), plan.qemuImage].map(parseReference)
  return references.flatMap(reference => ('registry' in reference ? [registryOf(reference)] : []))
}

/**
 * Returns the builder plan with the options that a container builder needs to reach the same registries as the engine.
 * The engine shares the network of this machine and knows which registries have no TLS; a container does not. Settings
 * of the user have precedence.
 */
export function withRegistryAccess(
  plan: BuilderPlan,
  docker: Docker,
  registries: readonly string[],
): BuilderPlan {
  const insecure = registries.filter(host => isInsecure(host, docker.insecure))
  const network = plan.driverOpts.some(option => option.startsWith('network='))
  const inContainer = (plan.driver ?? 'docker-container') === 'docker-container'
  const host = inContainer && !network && registries.some(isLoopback) ? ['network=host'] : []
  const config = plan.config ?? (insecure.map(registryConfig).join('\n') || undefined)
  return { ...plan, driverOpts: [...plan.driverOpts, ...host], config }
}

const isLoopback = (host: string): boolean => /^(?:localhost|127\.[0-9.]+|\[::1\])(?::\d+)?$/.test(host)

/**
 * Returns the configuration of an insecure registry. With both keys, BuildKit tries TLS without verification first,
 * then plain HTTP, as the engine does.
 */
const registryConfig = (host: string): string => `[registry."${host}"]\n  http = true\n  insecure = true\n`
