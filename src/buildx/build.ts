import { rm } from 'node:fs/promises'
import type { Command, Outcome } from '../core/command.ts'
import { Failure, lastLines } from '../core/errors.ts'
import { formatCommand } from '../core/format-command.ts'
import { privateDirectory } from '../core/private-files.ts'
import { registryWaits, retry } from '../core/retry.ts'
import type { Environment, Runtime } from '../core/runtime.ts'
import { type Diagnosis, diagnose } from '../docker/diagnosis.ts'
import { buildCommand, imageIdFile, metadataFile, type Named } from './command.ts'
import { type Metadata, readMetadata } from './metadata.ts'
import type { Builder } from './open.ts'
import type { BuildPlan } from './plan.ts'
import { pushes } from './result.ts'
import { writeSecrets } from './secrets.ts'
import { dockerfileOf, inWorkspace } from './source.ts'

/** A build: its plan, the names of its image, and the builder that runs it. */
interface Task {
  readonly plan: BuildPlan
  readonly image: Named
  readonly builder: Builder
  /** Variables added to the build's environment; a `build-arg` without a value is read from it. */
  readonly variables?: Environment
}

/** The result of a build. */
interface Built extends Metadata {
  /** The build pushed to a registry, so `digest` is set. */
  readonly pushed: boolean
}

interface BuildOptions {
  /** Waits before retries, in milliseconds. */
  readonly waits?: readonly number[]
  /** Milliseconds without output after which a push counts as stalled. */
  readonly stalledAfter?: number
}

/**
 * A layer of many gigabytes is pushed without a word; ten minutes at 30 MB/s are 18 GB. `SLIPWAY_STALLED_AFTER`, in
 * milliseconds, is for tests, which do not wait that long.
 */
const stalledAfter = ({ env }: Runtime): number => Number(env['SLIPWAY_STALLED_AFTER'] ?? 600_000)

/** Runs the build, which also pushes if the plan says so. Streams the log. */
export async function build(
  runtime: Runtime,
  { plan, image, builder, variables = {} }: Task,
  options: BuildOptions = {},
): Promise<Built> {
  const directory = await privateDirectory(runtime.context.temp, 'build')
  runtime.remember({ kind: 'directory', path: directory })
  try {
    const secrets = await writeSecrets(plan.secrets, directory, runtime.context.workspace)
    for (const secret of [...secrets, ...variableSecrets(plan, runtime.env)]) runtime.log.mask(secret)
    const { name, annotates, isEngine } = builder
    const place = { builder: name, directory, annotates, isEngine }
    const command = buildCommand(plan, image, place)
    await run(runtime, { ...command, env: environment(command, variables, runtime.env) }, directory, options)
    const built = await readBuilt(plan, directory)
    annotate(runtime, plan, built)
    return built
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Returns the values of secret variables, which the runner does not mask by itself. */
const variableSecrets = ({ secrets }: BuildPlan, env: Environment): string[] =>
  secrets.flatMap(secret => (secret.kind === 'variable' ? [env[secret.variable] ?? ''] : []))

/** Returns the build's environment; a variable that the user has set wins over the command's own. */
function environment({ env = {} }: Command, variables: Environment, own: Environment): Environment {
  const unset = Object.entries(env).filter(([name]) => own[name] === undefined)
  return { ...variables, ...Object.fromEntries(unset) }
}

/** Runs the build with retries; on the same builder, a retry finds every finished layer in the cache. */
async function run(
  runtime: Runtime,
  command: Command,
  directory: string,
  options: BuildOptions,
): Promise<void> {
  runtime.log.line(formatCommand(command))
  const { outcome, failure } = await retry(
    async () => {
      await Promise.all([metadataFile, imageIdFile].map(file => rm(file(directory), { force: true })))
      const ended = await attempt(runtime, command, options.stalledAfter ?? stalledAfter(runtime))
      return ended.failure?.kind === 'transient'
        ? { value: ended, again: ended.failure.cause }
        : { value: ended }
    },
    text => runtime.log.warning(text),
    { waits: options.waits ?? registryWaits, signal: runtime.cancelled },
  )
  runtime.cancelled.throwIfAborted()
  if (failure !== undefined) throw buildFailure(outcome, failure)
  const uncached = cacheFailure(outcome)
  if (uncached !== undefined) runtime.log.warning(`The cache was not exported: ${uncached}`)
}

/** Returns the failure of a build; an error after the image was built belongs to the push. */
function buildFailure({ stdout, stderr }: Outcome, { cause, remedy }: Diagnosis): Failure {
  const output = lastLines(`${stdout}${stderr}`)
  const stage = /failed to push|^#\d+ pushing/m.test(output) || /\bpush\b/.test(cause) ? 'push' : 'build'
  return new Failure(stage, { cause, output, ...(remedy === undefined ? {} : { remedy }) })
}

/** Reads the result. A push without a digest is a failure, as nothing could be deployed. */
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

/** Annotates the lines of the Dockerfile with its warnings, unless docker's own switch for that is off. */
function annotate({ env, log, context: { workspace } }: Runtime, plan: BuildPlan, { warnings }: Built): void {
  if (/^(?:0|f|false)$/i.test(env['DOCKER_BUILD_CHECKS_ANNOTATIONS'] ?? '')) return
  const path = dockerfileOf(plan, workspace)
  const file = path === undefined ? undefined : inWorkspace(path, workspace)
  for (const { text, url, line } of warnings) {
    const place = file === undefined ? {} : { file, ...(line === undefined ? {} : { line }) }
    log.warning(url === undefined ? text : `${text} (${url})`, place)
  }
}

/** The result of one attempt. */
interface Ended {
  readonly outcome: Outcome
  readonly failure?: Diagnosis
}

/** Runs a build once. `patience` is how many milliseconds a push may go without output. */
async function attempt(runtime: Runtime, command: Command, patience: number): Promise<Ended> {
  const stall = watchStall(patience)
  const outcome = await runtime.run(command, {
    signal: AbortSignal.any([runtime.cancelled, stall.signal]),
    onLine(line) {
      stall.heard(line)
      runtime.log.foreign(line)
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

/** Returns why the cache was not exported; with `ignore-error=true`, such a build succeeds. */
function cacheFailure({ stdout, stderr }: Outcome): string | undefined {
  const text = `${stdout}\n${stderr}`
  const exports = [...text.matchAll(/^#(\d+) exporting cache/gm)].map(([, step]) => step)
  const failed = [...text.matchAll(/^#(\d+) ERROR: (.*)$/gm)].find(([, step]) => exports.includes(step))
  return failed?.[2]
}

/** Detects a push that makes no progress. */
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
