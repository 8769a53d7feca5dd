import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Outcome } from '../core/command.ts'
import { Failure, lastLines, type Problem } from '../core/errors.ts'
import { privateDirectory } from '../core/private-files.ts'
import type { Runtime, Undo } from '../core/runtime.ts'
import { currentBuilder } from '../docker/configuration.ts'
import { diagnose } from '../docker/diagnosis.ts'
import type { Docker } from '../docker/docker.ts'
import { withoutClient } from '../docker/plugins.ts'
import { runWithRetries } from '../docker/run-with-retries.ts'
import { type BuilderChoice, chooseBuilder, requiredByInput, requireVersion } from './builder.ts'
import type { Driver } from './builder-plan.ts'
import { provideBuildx } from './buildx.ts'
import {
  builderImage,
  createCommands,
  inspectCommand,
  isRunning,
  nodeErrors,
  readDriver,
  readPlatforms,
  withRegistryAccess,
  writeNodeCertificates,
} from './create.ts'
import { provideEmulators } from './emulators.ts'
import type { BuildPlan } from './plan.ts'

/** A builder that is ready to build. */
export interface Builder {
  readonly name: string
  /** The builder writes annotations. Only the engine's classic image store drops or rejects them. */
  readonly annotates: boolean
  /** The engine's own builder, which stores images in the engine. */
  readonly isEngine: boolean
  /** The buildx program, if it runs without the docker client. */
  readonly buildx?: string
}

interface OpenOptions {
  /** The registries that the builder must reach. */
  readonly registries?: readonly string[]
  /** The directory of this step's own docker plugins, if there is one. */
  readonly plugins?: string | undefined
}

/**
 * Chooses the builder, creates it if it does not exist, boots it, and registers the emulators that it lacks. A builder
 * that Slipway creates reaches the same registries as the engine (`localhost:5000`).
 */
export async function openBuilder(
  runtime: Runtime,
  plan: BuildPlan,
  installed: Docker,
  { registries = [], plugins }: OpenOptions = {},
): Promise<Builder> {
  const docker = await provideBuildx(runtime, plan.builder.buildxVersion, installed, plugins)
  const { buildx } = docker
  const buildxRuntime = { ...runtime, run: withoutClient(runtime.run, buildx) }
  const builder = await openWith(buildxRuntime, plan, docker, registries)
  return buildx === undefined ? builder : { ...builder, buildx }
}

async function openWith(
  runtime: Runtime,
  plan: BuildPlan,
  docker: Docker,
  registries: readonly string[],
): Promise<Builder> {
  const current = await openCurrent(runtime, plan, docker)
  if (current !== undefined) {
    requireVersion(docker, plan, current)
    return current
  }
  const choice = chooseBuilder(docker, plan)
  requireVersion(docker, plan, assumedTraits(choice, docker))
  const reachable = { ...plan, builder: withRegistryAccess(plan.builder, docker, registries) }
  const builder = await openChosen(runtime, reachable, docker, choice)
  requireVersion(docker, plan, builder)
  return builder
}

/**
 * Returns the traits of a builder before it is open. The driver of a named builder is not known yet; its traits are
 * assumed such that no version of buildx is rejected too early.
 */
const assumedTraits = ({ kind }: BuilderChoice, { imageStore }: Docker) => ({
  annotates: kind === 'new' || (kind === 'engine' && imageStore === 'containerd'),
  isEngine: kind !== 'new',
})

async function openChosen(
  runtime: Runtime,
  plan: BuildPlan,
  docker: Docker,
  choice: BuilderChoice,
): Promise<Builder> {
  switch (choice.kind) {
    case 'engine':
      return await openEngine(runtime, plan, docker)
    case 'named':
      return await openNamed(runtime, plan, docker, choice.name)
    case 'new': {
      const name = `slipway-${randomBytes(4).toString('hex')}`
      return await createBuilder(runtime, plan, docker, { ...choice, name })
    }
    default:
      return choice satisfies never
  }
}

/**
 * Opens the current builder of this machine (`docker buildx use`), unless the inputs configure a builder. No input
 * names it, so a current builder that does not boot is skipped with a notice.
 */
async function openCurrent(runtime: Runtime, plan: BuildPlan, docker: Docker): Promise<Builder | undefined> {
  if (plan.builder.name !== undefined || requiredByInput(plan.builder) !== undefined) return undefined
  const current = await currentBuilder(runtime.env, docker.context)
  if (current === undefined || current === docker.context) return undefined
  const boot = await bootBuilder(runtime, current)
  if (boot.kind === 'booted') return await openBooted(runtime, plan, docker, current, boot.inspected)
  const cause = boot.kind === 'absent' ? 'It does not exist.' : diagnose(boot.outcome).cause
  runtime.log.notice(
    `The current builder of this machine, \`${current}\`, does not boot; Slipway does not use it. ${cause} Remove it with \`docker buildx rm ${current}\`.`,
  )
  return undefined
}

async function openEngine(runtime: Runtime, plan: BuildPlan, docker: Docker): Promise<Builder> {
  await provideEmulators(runtime, plan, docker)
  return { name: docker.context, annotates: docker.imageStore === 'containerd', isEngine: true }
}

/** Opens a named builder; creates it if it does not exist. */
async function openNamed(runtime: Runtime, plan: BuildPlan, docker: Docker, name: string): Promise<Builder> {
  const boot = await bootBuilder(runtime, name)
  switch (boot.kind) {
    case 'booted':
      return await openBooted(runtime, plan, docker, name, boot.inspected)
    case 'failed':
      throw new Failure('preflight', notBooted(plan, name, boot.outcome))
    case 'absent':
      return await createBuilder(runtime, plan, docker, {
        name,
        driver: plan.builder.driver ?? 'docker-container',
        why: `the builder \`${name}\` does not exist`,
      })
    default:
      return boot satisfies never
  }
}

function notBooted({ builder }: BuildPlan, name: string, { stderr }: Outcome): Problem {
  const namedBy = builder.namedBy ?? 'builder'
  return {
    ...(namedBy === 'builder' ? { input: namedBy } : {}),
    cause: `The builder \`${name}\`, set by \`${namedBy}\`, does not boot.`,
    remedy: `Run \`docker buildx inspect --bootstrap ${name}\` on the runner, or unset \`${namedBy}\`.`,
    output: lastLines(stderr),
  }
}

type Boot =
  | { readonly kind: 'booted'; readonly inspected: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly outcome: Outcome }

/** Boots a builder. The exit code is not enough: buildx exits with 0 even if the only node is unreachable. */
async function bootBuilder(runtime: Runtime, name: string): Promise<Boot> {
  const outcome = await runtime.run(inspectCommand(name), { signal: runtime.cancelled })
  runtime.cancelled.throwIfAborted()
  const { code, stdout, stderr } = outcome
  if (code !== 0) return /no builder .* found/.test(stderr) ? { kind: 'absent' } : { kind: 'failed', outcome }
  const errors = nodeErrors(stdout)
  if (errors !== '' && !isRunning(stdout)) return { kind: 'failed', outcome: { ...outcome, stderr: errors } }
  return { kind: 'booted', inspected: stdout }
}

/** Registers the emulators that a booted builder lacks, and returns the builder. */
async function openBooted(
  runtime: Runtime,
  plan: BuildPlan,
  docker: Docker,
  name: string,
  inspected: string,
): Promise<Builder> {
  const driver = readDriver(inspected)
  if (driver === 'docker' || driver === 'docker-container') {
    await provideEmulators(runtime, plan, docker, { listed: readPlatforms(inspected) })
  }
  const isEngine = driver === 'docker'
  return { name, annotates: !(isEngine && docker.imageStore === 'classic'), isEngine }
}

/** A builder to create in this run. */
interface BuilderSpec {
  readonly name: string
  readonly driver: Driver
  readonly why: string
}

/**
 * Creates a builder and boots it. Emulators are registered before, because a builder detects its platforms when it
 * boots (docker/setup-qemu-action#206).
 */
async function createBuilder(
  runtime: Runtime,
  plan: BuildPlan,
  docker: Docker,
  spec: BuilderSpec,
): Promise<Builder> {
  const { cleanup, keepState } = plan.builder
  const platforms = spec.driver === 'docker-container' ? localPlatforms(plan) : []
  if (platforms.length > 0)
    await provideEmulators(runtime, { ...plan, platforms }, docker, {
      meanwhile: () => pull(runtime, plan),
    })
  const certificates = spec.driver === 'remote' ? await writeNodeCertificates(runtime, plan) : []
  // Recorded before the builder exists: `post:` then removes it even if this step is killed during the creation.
  if (cleanup) runtime.remember(removal(runtime, docker, spec.name, keepState))
  await create(runtime, plan, docker, { ...spec, certificates })
  return { name: spec.name, annotates: true, isEngine: false }
}

/**
 * Returns the platforms that this machine builds. If a node sets no platforms, they are unknown until the node boots,
 * and the result is empty.
 */
function localPlatforms({ platforms, builder: { endpoint, nodes } }: BuildPlan): readonly string[] {
  if (endpoint !== undefined || nodes.some(node => node.platforms.length === 0)) return []
  const remotePlatforms = nodes.flatMap(node => node.platforms)
  return platforms.filter(platform => !remotePlatforms.includes(platform))
}

/** Pulls the builder's image. Errors are ignored, because the boot pulls again and reports them. */
async function pull({ run, cancelled }: Runtime, { builder }: BuildPlan): Promise<void> {
  const command = { file: 'docker', args: ['pull', '--quiet', builderImage(builder)] }
  await run(command, { signal: cancelled }).catch(() => undefined)
}

const removal = (runtime: Runtime, { buildx }: Docker, name: string, keepState: boolean): Undo => ({
  kind: 'builder',
  name,
  env: buildxEnvironment(runtime),
  keepState,
  ...(buildx === undefined ? {} : { buildx }),
})

/**
 * Returns the variables that `post:` needs to find the builder and this step's own plugins. `post:` removes this step's
 * docker configuration only after the builders that were created with it.
 */
function buildxEnvironment({ env }: Runtime): Record<string, string> {
  const engine = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_TLS', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH']
  const names = [...engine, 'DOCKER_CONFIG', 'BUILDX_CONFIG']
  return Object.fromEntries(names.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])))
}

async function create(
  runtime: Runtime,
  plan: BuildPlan,
  docker: Docker,
  spec: BuilderSpec & { readonly certificates: readonly (readonly string[])[] },
): Promise<void> {
  const directory = await privateDirectory(runtime.context.temp, 'builder')
  const { config } = plan.builder
  const configFile = config === undefined ? undefined : join(directory, 'buildkitd.toml')
  try {
    if (configFile !== undefined) await writeFile(configFile, config ?? '', { mode: 0o600 })
    for (const command of createCommands(plan, {
      ...spec,
      configFile,
      buildxVersion: docker.buildxVersion,
    })) {
      // A builder that fails to boot exists already, so a retry only boots it.
      const outcome = await runWithRetries(runtime, command, { next: inspectCommand(spec.name) })
      if (outcome.code !== 0) throw bootFailure(spec, diagnose(outcome), lastLines(outcome.stderr))
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function bootFailure(
  { driver, why }: BuilderSpec,
  { kind, cause, remedy }: ReturnType<typeof diagnose>,
  output: string,
) {
  const offline = 'The builder needs the image `moby/buildkit`; set another with `driver-opts: image=…`.'
  return new Failure('preflight', {
    cause: `Slipway needs a ${driver} builder because ${why}, but it did not boot. ${cause}`,
    remedy: kind === 'unknown-host' || remedy === undefined ? offline : remedy,
    output,
  })
}
