import { join } from 'node:path'
import type { Command } from '../core/command.ts'
import { annotationLines, substituteMeta } from '../image/labels.ts'
import type { ImagePlan } from '../image/plan.ts'
import { isAttested } from './attestations.ts'
import { cacheFromArguments, cacheScope, cacheToArguments } from './cache.ts'
import type { BuildPlan } from './plan.ts'
import { exportersOf, exportsTo, isByDigest, pushes, type Result } from './result.ts'
import { secretArguments } from './secrets.ts'
import { sourceArgument } from './source.ts'

/** The tags, labels and annotations of the image. */
export type ImageNames = Pick<ImagePlan, 'images' | 'tags' | 'labels' | 'annotations' | 'version'>

/** Return the paths of the files that buildx writes, in a private directory of this run. */
export const metadataFile = (directory: string): string => join(directory, 'metadata.json')
export const imageIdFile = (directory: string): string => join(directory, 'image-id')

/** The builder, and the directory that Slipway shares with buildx. */
interface BuildSetup {
  /** The builder's name. */
  readonly builder: string
  readonly directory: string
  /** The builder can write annotations; with the engine's classic image store it cannot. */
  readonly annotates: boolean
  /** The engine's own builder, which also stores in the engine what it pushes. */
  readonly isEngine: boolean
}

/** Returns the command that builds and pushes. */
export function buildCommand(plan: BuildPlan, image: ImageNames, setup: BuildSetup): Command {
  const args = [
    'buildx',
    'build',
    ...['--builder', setup.builder],
    ...fileArguments(plan),
    ...valueArguments(plan, image),
    ...repeatedFlag('--secret', secretArguments(plan.secrets, setup.directory)),
    ...cacheArguments(plan, image),
    ...limitArguments(plan),
    ...resultArguments(plan, image, setup),
    ...repeatedFlag('--attest', plan.result.kind === 'call' ? [] : plan.attests),
    ...['--metadata-file', metadataFile(setup.directory)],
    sourceArgument(plan.source),
  ]
  // buildx (0.16 or later) reports the warnings of Dockerfile checks only in the metadata, and only with this variable.
  return { file: 'docker', args, env: { BUILDX_METADATA_WARNINGS: 'true' } }
}

function fileArguments({
  file,
  target,
  platforms,
  buildContexts,
  pull,
  noCache,
  ...plan
}: BuildPlan): string[] {
  return [
    ...optionalFlag('--file', file),
    ...optionalFlag('--target', target),
    ...optionalFlag('--platform', platforms.length > 0 ? platforms.join(',') : undefined),
    ...repeatedFlag('--build-context', buildContexts),
    ...(pull ? ['--pull'] : []),
    ...(noCache ? ['--no-cache'] : []),
    ...repeatedFlag('--no-cache-filter', plan.noCacheFilters),
  ]
}

const valueArguments = ({ buildArgs }: BuildPlan, image: ImageNames): string[] =>
  repeatedFlag(
    '--build-arg',
    buildArgs.map(arg => substituteMeta(arg, image)),
  )

function cacheArguments(plan: BuildPlan, { tags, images }: ImageNames): string[] {
  const { cacheFrom, cacheTo, target, platforms, result } = plan
  const name = (tags[0] ?? images[0]?.name ?? '').replace(/:[^:/]*$/, '')
  // The jobs of a matrix each build one platform by digest, at the same time.
  const scope = cacheScope(name, isByDigest(result) ? [target, ...platforms] : [target])
  return [
    ...repeatedFlag('--cache-from', cacheFromArguments(cacheFrom, scope)),
    ...repeatedFlag('--cache-to', cacheToArguments(cacheTo, scope)),
  ]
}

const limitArguments = (plan: BuildPlan): string[] => [
  ...repeatedFlag('--ssh', plan.ssh),
  ...repeatedFlag('--allow', plan.allow),
  ...optionalFlag('--network', plan.network),
  ...repeatedFlag('--add-host', plan.addHosts),
  ...repeatedFlag('--ulimit', plan.ulimits),
  ...optionalFlag('--shm-size', plan.shmSize),
  ...optionalFlag('--cgroup-parent', plan.cgroupParent),
]

function resultArguments(
  plan: BuildPlan,
  image: ImageNames,
  { directory, annotates, isEngine }: BuildSetup,
): string[] {
  const { result } = plan
  if (result.kind === 'call') return ['--call', result.method]
  return [
    ...repeatedFlag('--tag', result.byDigest ? [] : image.tags),
    ...repeatedFlag('--label', image.labels),
    ...repeatedFlag('--annotation', annotates ? annotationLines(image.annotations, exportsIndex(plan)) : []),
    ...exporterArguments(result, isEngine),
    ...(isFiles(result) ? [] : ['--iidfile', imageIdFile(directory)]),
  ]
}

/**
 * Returns the flags for the exporters. buildx reports the digest of the last exporter, and appends `--load` after every
 * `--output`. A load next to other exporters is therefore written as `--output type=docker`, in its place before a
 * push.
 */
function exporterArguments(result: Result, isEngine: boolean): string[] {
  const all = exportersOf(result, isEngine)
  const outputs = all.map(({ from }) => {
    if (from === '--push') return []
    if (from === '--load') return all.length === 1 ? ['--load'] : ['--output', 'type=docker']
    return ['--output', from.output]
  })
  return [...(result.kind === 'image' && result.push ? ['--push'] : []), ...outputs.flat()]
}

/** Reports whether the build exports an index: for several platforms, or for one platform with attestations. */
export function exportsIndex({ platforms, attests, result }: BuildPlan): boolean {
  const images = pushes(result) || exportsTo(result, 'image') || exportsTo(result, 'oci')
  return images && (platforms.length > 1 || isAttested(attests))
}

/** Reports whether the build exports files. They have no image ID, so buildx rejects `--iidfile`. */
const isFiles = (result: Result): boolean => exportsTo(result, 'local') || exportsTo(result, 'tar')

const optionalFlag = (flag: string, value: string | undefined): string[] =>
  value === undefined ? [] : [flag, value]

const repeatedFlag = (flag: string, values: readonly string[]): string[] =>
  values.flatMap(value => [flag, value])
