import { rm } from 'node:fs/promises'
import type { Command, Outcome } from '../core/command.ts'
import { Failure, lastLines } from '../core/errors.ts'
import { formatCommand } from '../core/format-command.ts'
import { privateDirectory } from '../core/private-files.ts'
import { registryWaits, retry } from '../core/retry.ts'
import type { Environment, Runtime } from '../core/runtime.ts'
import { type Diagnosis, diagnose } from '../docker/diagnosis.ts'
import { buildCommand, type ImageNames, imageIdFile, metadataFile } from './command.ts'
import { type Metadata, readMetadata } from './metadata.ts'
import type { Builder } from './open.ts'
import type { BuildPlan } from './plan.ts'
import { pushes } from './result.ts'
import { writeSecrets } from './secrets.ts'
import { dockerfileOf, inWorkspace } from './source.ts'

/** A build: its plan, the names of the image, and the builder. */
interface Task {
  readonly plan: BuildPlan
  readonly image: ImageNames
  readonly builder: Builder
  /** Variables added to the build's environment. buildx takes the value of a `build-arg` without `=` from there. */
  readonly variables?: Environment
}

/** The result of a build. */
interface Built extends Metadata {
  /** The build pushed to a registry; `digest` is then set. */
  readonly pushed: boolean
}

interface BuildOptions {
  /** Waits before retries, in milliseconds. */
  readonly waits?: readonly number[]
  /** Milliseconds without output after which a push counts as stalled. */
  readonly stallTimeout?: number
}

/**
 * Returns the stall timeout in milliseconds. buildx prints nothing while it pushes a layer; the default of ten minutes
 * is enough for 18 GB at 30 MB/s. Tests shorten it with `SLIPWAY_STALLED_AFTER`.
 */
const defaultStallTimeout = ({ env }: Runtime): number => Number(env['SLIPWAY_STALLED_AFTER'] ?? 600_000)

/** Runs the build, which also pushes if the plan says so. Streams buildx's output to the log. */
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
    const command = buildCommand(plan, image, { builder: name, directory, annotates, isEngine })
    await run(runtime, { ...command, env: environment(command, variables, runtime.env) }, directory, options)
    const built = await readBuilt(plan, directory)
    annotate(runtime, plan, built)
    return built
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Returns the values of secret variables, which the runner does not mask. */
const variableSecrets = ({ secrets }: BuildPlan, env: Environment): string[] =>
  secrets.flatMap(secret => (secret.kind === 'variable' ? [env[secret.variable] ?? ''] : []))

/** Returns the variables to set for the build. A variable of the runner's environment overrides the command's own. */
function environment({ env = {} }: Command, variables: Environment, runnerEnv: Environment): Environment {
  const unset = Object.entries(env).filter(([name]) => runnerEnv[name] === undefined)
  return { ...variables, ...Object.fromEntries(unset) }
}

/** Runs the build with retries. A retry uses the same builder, so it finds every finished layer in the cache. */
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
      const result = await attempt(runtime, command, options.stallTimeout ?? defaultStallTimeout(runtime))
      return result.failure?.kind === 'transient'
        ? { value: result, retryReason: result.failure.cause }
        : { value: result }
    },
    text => runtime.log.warning(text),
    { waits: options.waits ?? registryWaits, signal: runtime.cancelled },
  )
  runtime.cancelled.throwIfAborted()
  if (failure !== undefined) throw buildFailure(outcome, failure)
  const cacheError = cacheFailure(outcome)
  if (cacheError !== undefined) runtime.log.warning(`The cache was not exported: ${cacheError}`)
}

/** Returns the failure of a build. An error after the image was built belongs to the stage `push`. */
function buildFailure({ stdout, stderr }: Outcome, { cause, remedy }: Diagnosis): Failure {
  const output = lastLines(`${stdout}${stderr}`)
  const stage = /failed to push|^#\d+ pushing/m.test(output) || /\bpush\b/.test(cause) ? 'push' : 'build'
  return new Failure(stage, { cause, output, ...(remedy === undefined ? {} : { remedy }) })
}

/** Reads the result of the build. A push without a digest fails: Slipway deploys by digest. */
async function readBuilt(plan: BuildPlan, directory: string): Promise<Built> {
  const metadata = await readMetadata(directory)
  const pushed = pushes(plan.result)
  if (pushed && metadata.digest === undefined) {
    throw new Failure('push', {
      cause: 'The build succeeded, but buildx reported no digest of the pushed image.',
      remedy: 'Update buildx on the runner to 0.6 or later, or set `buildx-version: latest`.',
    })
  }
  return { ...metadata, pushed }
}

/** Annotates the lines of the Dockerfile with its warnings, unless DOCKER_BUILD_CHECKS_ANNOTATIONS is false. */
function annotate({ env, log, context: { workspace } }: Runtime, plan: BuildPlan, { warnings }: Built): void {
  if (/^(?:0|f|false)$/i.test(env['DOCKER_BUILD_CHECKS_ANNOTATIONS'] ?? '')) return
  const path = dockerfileOf(plan, workspace)
  const file = path === undefined ? undefined : inWorkspace(path, workspace)
  for (const { text, url, line } of warnings) {
    const location = file === undefined ? {} : { file, ...(line === undefined ? {} : { line }) }
    log.warning(url === undefined ? text : `${text} (${url})`, location)
  }
}

/** The result of one attempt. */
interface AttemptResult {
  readonly outcome: Outcome
  readonly failure?: Diagnosis
}

/** Runs a build once. Aborts a push that prints nothing for `stallTimeout` milliseconds. */
async function attempt(runtime: Runtime, command: Command, stallTimeout: number): Promise<AttemptResult> {
  const stall = watchStall(stallTimeout)
  const outcome = await runtime.run(command, {
    signal: AbortSignal.any([runtime.cancelled, stall.signal]),
    onLine(line) {
      stall.onLine(line)
      runtime.log.output(line)
    },
  })
  stall.stop()
  if (stall.signal.aborted) return { outcome, failure: stalled(stallTimeout) }
  return outcome.code === 0 ? { outcome } : { outcome, failure: diagnose(outcome) }
}

const stalled = (stallTimeout: number): Diagnosis => ({
  kind: 'transient',
  cause: `The push made no progress for ${Math.round(stallTimeout / 1000)} seconds.`,
  remedy: 'Check the status page of the registry, and run the job again later.',
})

/** Returns the error of a failed cache export; with `ignore-error=true`, the build succeeds all the same. */
function cacheFailure({ stdout, stderr }: Outcome): string | undefined {
  const text = `${stdout}\n${stderr}`
  const exports = [...text.matchAll(/^#(\d+) exporting cache/gm)].map(([, step]) => step)
  const failed = [...text.matchAll(/^#(\d+) ERROR: (.*)$/gm)].find(([, step]) => exports.includes(step))
  return failed?.[2]
}

/** Detects a push that makes no progress. */
interface StallWatch {
  /** Aborted when the push stalls. */
  readonly signal: AbortSignal
  readonly onLine: (line: string) => void
  readonly stop: () => void
}

/**
 * Starts a watch that aborts its signal when a push has begun and buildx then prints nothing for `stallTimeout`
 * milliseconds. A step of the Dockerfile may be silent for any length of time.
 */
function watchStall(stallTimeout: number): StallWatch {
  const controller = new AbortController()
  let pushing: string | undefined
  let timer: NodeJS.Timeout | undefined
  const arm = () => {
    clearTimeout(timer)
    if (pushing !== undefined) timer = setTimeout(() => controller.abort(), stallTimeout)
  }
  return {
    signal: controller.signal,
    onLine(line) {
      const [, step, word] = /^(#\d+) (pushing|writing|DONE|ERROR|CANCELED)\b/.exec(line) ?? []
      if (word === 'pushing' || word === 'writing') pushing = step
      else if (step !== undefined && step === pushing) pushing = undefined
      arm()
    },
    stop: () => clearTimeout(timer),
  }
}
