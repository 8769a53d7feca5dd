import { join } from 'node:path'
import type { Command } from '../core/command.ts'
import { annotationLines, substituteMeta } from '../image/labels.ts'
import type { ImagePlan } from '../image/plan.ts'
import { isAttested } from './attestations.ts'
import { cacheFromArguments, cacheScope, cacheToArguments } from './cache.ts'
import type { BuildPlan } from './plan.ts'
import { exportersOf, exportsTo, pushes, type Result } from './result.ts'
import { secretArguments } from './secrets.ts'
import { sourceArgument } from './source.ts'

/** The names, labels and annotations of the image. */
export type Named = Pick<ImagePlan, 'tags' | 'labels' | 'annotations' | 'version'>

/** The files that buildx writes, in a directory of the run's own. */
export const metadataFile = (directory: string): string => join(directory, 'metadata.json')
export const imageIdFile = (directory: string): string => join(directory, 'image-id')

interface BuildPlace {
  /** The builder's name. */
  readonly builder: string
  readonly directory: string
  /** The engine's classic image store takes no annotations. */
  readonly annotates: boolean
  /** It is the engine's own, and stores what it pushes in the engine's image store. */
  readonly isEngine: boolean
}

/** Returns the command that builds and pushes. */
export function buildCommand(plan: BuildPlan, image: Named, place: BuildPlace): Command {
  const args = [
    'buildx',
    'build',
    ...['--builder', place.builder],
    ...fileArguments(plan),
    ...valueArguments(plan, image),
    ...each('--secret', secretArguments(plan.secrets, place.directory)),
    ...cacheArguments(plan, image),
    ...limitArguments(plan),
    ...resultArguments(plan, image, place),
    ...each('--attest', plan.result.kind === 'call' ? [] : plan.attests),
    ...['--metadata-file', metadataFile(place.directory)],
    sourceArgument(plan.source),
  ]
  // Warnings of the Dockerfile's checks are told only in the metadata, and only when asked for (buildx 0.16).
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
    ...one('--file', file),
    ...one('--target', target),
    ...one('--platform', platforms.length > 0 ? platforms.join(',') : undefined),
    ...each('--build-context', buildContexts),
    ...(pull ? ['--pull'] : []),
    ...(noCache ? ['--no-cache'] : []),
    ...each('--no-cache-filter', plan.noCacheFilters),
  ]
}

const valueArguments = ({ buildArgs }: BuildPlan, image: Named): string[] =>
  each(
    '--build-arg',
    buildArgs.map(arg => substituteMeta(arg, image)),
  )

function cacheArguments({ cacheFrom, cacheTo, target }: BuildPlan, { tags }: Named): string[] {
  const scope = cacheScope((tags[0] ?? '').replace(/:[^:/]*$/, ''), target)
  return [
    ...each('--cache-from', cacheFromArguments(cacheFrom, scope)),
    ...each('--cache-to', cacheToArguments(cacheTo, scope)),
  ]
}

const limitArguments = (plan: BuildPlan): string[] => [
  ...each('--ssh', plan.ssh),
  ...each('--allow', plan.allow),
  ...one('--network', plan.network),
  ...each('--add-host', plan.addHosts),
  ...each('--ulimit', plan.ulimits),
  ...one('--shm-size', plan.shmSize),
  ...one('--cgroup-parent', plan.cgroupParent),
]

function resultArguments(
  plan: BuildPlan,
  image: Named,
  { directory, annotates, isEngine }: BuildPlace,
): string[] {
  const { result } = plan
  if (result.kind === 'call') return ['--call', result.method]
  return [
    ...each('--tag', result.byDigest ? [] : image.tags),
    ...each('--label', image.labels),
    ...each('--annotation', annotates ? annotationLines(image.annotations, exportsIndex(plan)) : []),
    ...exporterArguments(result, isEngine),
    ...(isFiles(result) ? [] : ['--iidfile', imageIdFile(directory)]),
  ]
}

/**
 * Returns the flags for what is exported. buildx appends `--load` after every `--output`, where its digest would hide
 * that of a push.
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

/** Whether an index is exported: for several platforms, or for one with attestations. */
export function exportsIndex({ platforms, attests, result }: BuildPlan): boolean {
  const images = pushes(result) || exportsTo(result, 'image') || exportsTo(result, 'oci')
  return images && (platforms.length > 1 || isAttested(attests))
}

/** Whether files are exported: they have no image ID, and buildx rejects `--iidfile`. */
const isFiles = (result: Result): boolean => exportsTo(result, 'local') || exportsTo(result, 'tar')

const one = (flag: string, value: string | undefined): string[] => (value === undefined ? [] : [flag, value])

const each = (flag: string, values: readonly string[]): string[] => values.flatMap(value => [flag, value])
