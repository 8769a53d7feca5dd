import type { Command } from '../core/command.ts'
import { atLeast } from '../core/version.ts'
import type { BuilderNode, Driver } from './builder-plan.ts'
import type { BuildPlan } from './plan.ts'

/** A builder to make. */
export interface NewBuilder {
  readonly name: string
  readonly driver: Driver
  /** Where the content of `buildkitd-config-inline` stands; undefined when none is given. */
  readonly configFile: string | undefined
  readonly buildxVersion: string
  /** What each node is shown to by TLS, as options of its driver: by its place, the first one's first. */
  readonly certificates?: readonly (readonly string[])[]
}

/** The commands that make a builder: one for its first node, one for each that is appended; the last one boots it. */
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

/** Every node of a builder may be the one that builds: what is allowed, and its configuration, is that of all. */
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

/** What the build asks to be allowed, the builder has to allow; nothing more than that. */
export function entitlements({ allow, network }: Pick<BuildPlan, 'allow' | 'network'>): string {
  const known = ['network.host', 'security.insecure'].filter(
    name =>
      allow.some(each => each.split('=')[0] === name) || (name === 'network.host' && network === 'host'),
  )
  return known.map(name => `--allow-insecure-entitlement ${name}`).join(' ')
}

/** The flag got its present name in buildx 0.13. */
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

/** Reads what `docker buildx inspect` says: which platforms the builder's nodes build for, by themselves or not. */
export function readPlatforms(inspected: string): string[] {
  const nodes = [...inspected.matchAll(/^\s*Platforms:\s*(.*)$/gm)].map(([, platforms = '']) => platforms)
  return [...new Set(nodes.flatMap(platforms => platforms.split(',')).map(clean))].filter(each => each !== '')
}

/** A platform that the user fixed for a node is marked with a star; linux/amd64 with variants in parentheses. */
const clean = (platform: string): string =>
  platform
    .replace(/\*$/, '')
    .replace(/^\(\+\d+\)$/, '')
    .trim()

/** Whether a node of the builder that was inspected runs. */
export const isRunning = (inspected: string): boolean => /^Status:\s+running\b/m.test(inspected)

/** Returns what is wrong with the nodes of a builder that cannot be reached, each as a line like an error of docker's. */
export const deadNodes = (inspected: string): string =>
  [...inspected.matchAll(/^Error:\s+(.*)$/gm)].map(([, error]) => `ERROR: ${error}\n`).join('')

/** The driver that `docker buildx inspect` tells of. */
export const readDriver = (inspected: string): string => /^Driver:\s*(\S+)/m.exec(inspected)?.[1] ?? ''
