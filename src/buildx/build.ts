import { rm } from 'node:fs/promises'
import type { Command, Outcome } from '../core/command.ts'
import { Failure, lastLines } from '../core/errors.ts'
import { privateDirectory } from '../core/private-files.ts'
import { registryWaits, retry } from '../core/retry.ts'
import type { Environment, World } from '../core/runtime.ts'
import { shown } from '../core/shown.ts'
import { type Diagnosis, diagnose } from '../docker/diagnosis.ts'
import { buildCommand, imageIdFile, metadataFile, type Named } from './command.ts'
import { type Metadata, readMetadata } from './metadata.ts'
import type { Builder } from './open.ts'
import type { BuildPlan } from './plan.ts'
import { pushes } from './result.ts'
import { writeSecrets } from './secrets.ts'
import { dockerfileOf, inWorkspace } from './source.ts'

/** What is to be built, by whom. */
interface Task {
  readonly plan: BuildPlan
  readonly image: Named
  readonly builder: Builder
  /** What the build's environment has more than this machine's: a `build-arg` without a value is taken from there. */
  readonly variables?: Environment
}

/** What was built. */
export interface Built extends Metadata {
  /** Something reached a registry; then there is a digest. */
  readonly pushed: boolean
}

interface BuildOptions {
  /** Waits before repetitions, in milliseconds. */
  readonly waits?: readonly number[]
  /** Milliseconds without a word after which a push counts as stalled. */
  readonly stalledAfter?: number
}

/**
 * A layer of many gigabytes is pushed without a word; ten minutes at 30 MB/s are 18 GB. `SLIPWAY_STALLED_AFTER`, in
 * milliseconds, is for tests, which do not wait that long.
 */
const stalledAfter = ({ env }: World): number => Number(env['SLIPWAY_STALLED_AFTER'] ?? 600_000)

/** Builds, and pushes what the plan says is pushed. The log is streamed as it comes. */
export async function build(
  world: World,
  { plan, image, builder, variables = {} }: Task,
  options: BuildOptions = {},
): Promise<Built> {
  const directory = await privateDirectory(world.context.temp, 'build')
  world.remember({ kind: 'directory', path: directory })
  try {
    const secrets = await writeSecrets(plan.secrets, directory, world.context.workspace)
    for (const secret of [...secrets, ...variableSecrets(plan, world.env)]) world.log.mask(secret)
    const { name, annotates, isEngine } = builder
    const place = { builder: name, directory, annotates, isEngine }
    const command = buildCommand(plan, image, place)
    await run(world, { ...command, env: environment(command, variables, world.env) }, directory, options)
    const built = await readBuilt(plan, directory)
    annotate(world, plan, built)
    return built
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The runner does not know that these are secrets. */
const variableSecrets = ({ secrets }: BuildPlan, env: Environment): string[] =>
  secrets.flatMap(secret => (secret.kind === 'variable' ? [env[secret.variable] ?? ''] : []))

/** What the command sets for itself, the user may have set otherwise. */
function environment({ env = {} }: Command, variables: Environment, own: Environment): Environment {
  const unset = Object.entries(env).filter(([name]) => own[name] === undefined)
  return { ...variables, ...Object.fromEntries(unset) }
}

/** Runs the build to its end; on the same builder a repetition finds every layer that was built in its cache. */
async function run(world: World, command: Command, directory: string, options: BuildOptions): Promise<void> {
  world.log.line(shown(command))
  const { outcome, failure } = await retry(
    async () => {
      await Promise.all([metadataFile, imageIdFile].map(file => rm(file(directory), { force: true })))
      const ended = await attempt(world, command, options.stalledAfter ?? stalledAfter(world))
      return ended.failure?.kind === 'transient'
        ? { value: ended, again: ended.failure.cause }
        : { value: ended }
    },
    world.log.warning,
    { waits: options.waits ?? registryWaits, signal: world.cancelled },
  )
  world.cancelled.throwIfAborted()
  if (failure !== undefined) throw buildFailure(outcome, failure)
  const uncached = cacheFailure(outcome)
  if (uncached !== undefined) world.log.warning(`The cache was not exported: ${uncached}`)
}

/** What failed after the image was built belongs to the push. */
function buildFailure({ stdout, stderr }: Outcome, { cause, remedy }: Diagnosis): Failure {
  const output = lastLines(`${stdout}${stderr}`)
  const stage = /failed to push|^#\d+ pushing/m.test(output) || /\bpush\b/.test(cause) ? 'push' : 'build'
  return new Failure(stage, { cause, output, ...(remedy === undefined ? {} : { remedy }) })
}

/** A push that gives no digest has pushed nothing that could be deployed. */
async function readBuilt(plan: BuildPlan, directory: string): Promise<Built> {
  const metadata = await readMetadata(directory)
  const pushed = pushes(plan.result)
  if (pushed && metadata.digest === undefined) {
    throw new Failure('push', {
      cause: 'The build ended well, but buildx named no digest for what it pushed.',
      remedy: 'Update buildx on the runner (0.6 or later), or have it fetched by `buildx-version`.',
    })
  }
  return { ...metadata, pushed }
}

/** Shows what the checks of the Dockerfile found at its lines, unless docker's own switch for that is off. */
function annotate({ env, log, context: { workspace } }: World, plan: BuildPlan, { warnings }: Built): void {
  if (/^(?:0|f|false)$/i.test(env['DOCKER_BUILD_CHECKS_ANNOTATIONS'] ?? '')) return
  const path = dockerfileOf(plan, workspace)
  const file = path === undefined ? undefined : inWorkspace(path, workspace)
  for (const { text, url, line } of warnings) {
    const place = file === undefined ? {} : { file, ...(line === undefined ? {} : { line }) }
    log.warning(url === undefined ? text : `${text} (${url})`, place)
  }
}

/** What one run of a build came to. */
interface Ended {
  readonly outcome: Outcome
  readonly failure?: Diagnosis
}

/** Runs a build once. `patience` is how many milliseconds a push may go on without a word. */
export async function attempt(world: World, command: Command, patience: number): Promise<Ended> {
  const stall = watchStall(patience)
  const outcome = await world.run(command, {
    signal: AbortSignal.any([world.cancelled, stall.signal]),
    onLine(line) {
      stall.heard(line)
      world.log.foreign(line)
    },
  })
  stall.end()
  if (stall.signal.aborted) return { outcome, failure: stalled(patience) }
  return outcome.code === 0 ? { outcome } : { outcome, failure: diagnose(outcome) }
}

const stalled = (patience: number): Diagnosis => ({
  kind: 'transient',
  cause: `The push made no progress for ${Math.round(patience / 1000)} seconds.`,
  remedy: 'Run the job again later; the status page of the registry may say more.',
})

/** Why the cache was not exported; with `ignore-error=true` such a build ends well. */
function cacheFailure({ stdout, stderr }: Outcome): string | undefined {
  const text = `${stdout}\n${stderr}`
  const exports = [...text.matchAll(/^#(\d+) exporting cache/gm)].map(([, step]) => step)
  const failed = [...text.matchAll(/^#(\d+) ERROR: (.*)$/gm)].find(([, step]) => exports.includes(step))
  return failed?.[2]
}

/** Notices a push that makes no progress. */
interface StallWatch {
  readonly signal: AbortSignal
  readonly heard: (line: string) => void
  readonly end: () => void
}

/**
 * Aborts its signal when a push has begun and then nothing is said for so many milliseconds. A step of the
 * Dockerfile may be silent for as long as it likes.
 */
function watchStall(patience: number): StallWatch {
  const controller = new AbortController()
  let pushing: string | undefined
  let timer: NodeJS.Timeout | undefined
  const arm = () => {
    clearTimeout(timer)
    if (pushing !== undefined) timer = setTimeout(() => controller.abort(), patience)
  }
  return {
    signal: controller.signal,
    heard(line) {
      const [, step, word] = /^(#\d+) (pushing|writing|DONE|ERROR|CANCELED)\b/.exec(line) ?? []
      if (word === 'pushing' || word === 'writing') pushing = step
      else if (step !== undefined && step === pushing) pushing = undefined
      arm()
    },
    end: () => clearTimeout(timer),
  }
}
