import { existsSync } from 'node:fs'
import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import type { Environment } from '../core/runtime.ts'
import { isPlatform, normalizePlatform } from '../image/platform.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { boolean } from '../inputs/values.ts'
import { planAttestations } from './attestations.ts'
import { type BuilderPlan, planBuilder } from './builder-plan.ts'
import { type CacheEntry, planCache } from './cache.ts'
import { planResult, type Result } from './result.ts'
import { planSecrets, type Secret } from './secrets.ts'
import { fillContext, planSource, requireDockerfile, type Source } from './source.ts'

/** The build that the inputs describe. Inputs mean the same as in Docker's own actions. Paths are unresolved. */
export interface BuildPlan {
  /** `never`: deploy an existing image. `missing`: build only if the registry has no image of this commit. */
  readonly when: 'always' | 'never' | 'missing'
  readonly source: Source
  readonly file: string | undefined
  readonly target: string | undefined
  /** Such as `linux/amd64`; empty: the builder's own platform. */
  readonly platforms: readonly string[]
  /** `NAME=value`, or `NAME` for the value in the environment. May hold `{{meta.version}}` and `{{meta.tags}}`. */
  readonly buildArgs: readonly string[]
  /** `name=path`, `name=docker-image://…`. */
  readonly buildContexts: readonly string[]
  readonly secrets: readonly Secret[]
  readonly ssh: readonly string[]
  readonly cacheFrom: readonly CacheEntry[]
  readonly cacheTo: readonly CacheEntry[]
  readonly noCache: boolean
  readonly noCacheFilters: readonly string[]
  readonly pull: boolean
  readonly result: Result
  /** The values of `--attest`. */
  readonly attests: readonly string[]
  /** The user sets annotations, in addition to the automatic ones. */
  readonly annotated: boolean
  readonly network: string | undefined
  readonly addHosts: readonly string[]
  readonly allow: readonly string[]
  readonly ulimits: readonly string[]
  readonly shmSize: string | undefined
  readonly cgroupParent: string | undefined
  readonly builder: BuilderPlan
}

/** What the plan reads from this machine; a parameter, so that tests can replace it. */
export interface Machine {
  readonly env: Environment
  readonly exists?: (path: string) => boolean
}

/** Parses all inputs of the build and the builder. Adds problems to the findings. */
export async function planBuild(
  inputs: Inputs,
  context: Context,
  findings: Findings,
  { env, exists = existsSync }: Machine,
): Promise<BuildPlan> {
  const result = planResult(inputs, context, findings)
  const source = planSource(inputs, context, findings, exists)
  const when = planWhen(inputs, findings)
  if (when !== 'never') requireDockerfile(source, inputs, context, findings, exists)
  const buildContexts = list(inputs['build-contexts'], 'build-contexts', findings, { wholeLines: true })
  return {
    when,
    source,
    file: optional(inputs.file),
    target: optional(inputs.target),
    // buildx reads this variable too, but the choice of the builder and the emulators depends on it.
    platforms: planPlatforms(inputs.platforms || (env['DOCKER_DEFAULT_PLATFORM'] ?? ''), findings),
    buildArgs: planBuildArgs(inputs, findings),
    buildContexts: buildContexts.map(entry => fillContext(entry, context)),
    secrets: planSecrets(inputs, { source, buildContexts, serverUrl: context.serverUrl }, findings),
    ssh: list(inputs.ssh, 'ssh', findings),
    ...planCache(inputs, findings),
    noCache: boolean(inputs, 'no-cache', findings, false),
    noCacheFilters: list(inputs['no-cache-filters'], 'no-cache-filters', findings),
    pull: boolean(inputs, 'pull', findings, false),
    result,
    attests: planAttestations(inputs, context, { result, env }, findings),
    annotated: inputs.annotations !== '',
    network: optional(inputs.network),
    addHosts: list(inputs['add-hosts'], 'add-hosts', findings),
    allow: list(inputs.allow, 'allow', findings),
    ulimits: list(inputs.ulimit, 'ulimit', findings, { wholeLines: true }),
    shmSize: optional(inputs['shm-size']),
    cgroupParent: optional(inputs['cgroup-parent']),
    builder: await planBuilder(inputs, env, findings),
  }
}

const optional = (text: string): string | undefined => (text === '' ? undefined : text)

function planWhen(inputs: Inputs, findings: Findings): BuildPlan['when'] {
  if (inputs.build === 'auto') return 'missing'
  return boolean(inputs, 'build', findings, true) ? 'always' : 'never'
}

/** Parses `build-args`. Warns of an empty value, which often comes from an expression that no longer has one. */
function planBuildArgs(inputs: Inputs, findings: Findings): string[] {
  const args = list(inputs['build-args'], 'build-args', findings, { wholeLines: true })
  const empty = args.filter(arg => arg.endsWith('=') && arg.indexOf('=') === arg.length - 1)
  for (const arg of empty) {
    findings.warnings.push(
      `\`build-args\`: \`${arg.slice(0, -1)}\` is empty. For the version, use \`{{meta.version}}\`.`,
    )
  }
  return args
}

/** Parses platforms: `linux/amd64,linux/arm/v7`. An architecture without an operating system means Linux. */
function planPlatforms(text: string, findings: Findings): string[] {
  const platforms = list(text, 'platforms', findings).map(normalizePlatform)
  for (const platform of platforms.filter(name => !isPlatform(name))) {
    findings.problems.push({
      input: 'platforms',
      cause: `\`platforms\` contains \`${platform}\`, which is not a platform.`,
      remedy: 'List the platforms of the image, such as `linux/amd64,linux/arm64`.',
    })
  }
  return [...new Set(platforms)]
}
