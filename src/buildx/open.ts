import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Outcome } from '../core/command.ts'
import { Failure, lastLines, type Problem } from '../core/errors.ts'
import { privateDirectory } from '../core/private-files.ts'
import type { Runtime, Undo } from '../core/runtime.ts'
import { currentBuilder } from '../docker/current.ts'
import { diagnose } from '../docker/diagnosis.ts'
import type { Docker } from '../docker/docker.ts'
import { withoutClient } from '../docker/plugins.ts'
import { runWithRetries } from '../docker/run-with-retries.ts'
import { type BuilderChoice, chooseBuilder, requireVersion } from './builder.ts'
import type { Driver } from './builder-plan.ts'
import { provideBuildx } from './buildx.ts'
import {
  builderImage,
  createCommands,
  deadNodes,
  inspectCommand,
  isRunning,
  nodeCertificates,
  readDriver,
  readPlatforms,
  withinReach,
} from './create.ts'
import { provideEmulators } from './emulators.ts'
import type { BuildPlan } from './plan.ts'

/** A builder that is ready to build. */
export interface Builder {
  readonly name: string
  /** Why it was created; undefined if it existed. */
  readonly why: string | undefined
  /** The engine's classic image store drops annotations, or refuses them; every other builder writes them. */
  readonly annotates: boolean
  /** It is the engine's own, whose images are the engine's. */
  readonly isEngine: boolean
  /** The buildx program, if it runs without the docker client. */
  readonly buildx?: string
}

/** What the builder must reach, and where plugins go. */
interface Around {
  /** The registries that it must reach. */
  readonly registries?: readonly string[]
  /** The directory of this step's own docker plugins, if there is one. */
  readonly plugins?: string | undefined
}

/**
 * Chooses the builder, makes it when it is not there, boots it, and registers the emulators that it lacks. One that
 * is made here can reach the registries (`localhost:5000`) that the engine can.
 */
export async function openBuilder(
  runtime: Runtime,
  plan: BuildPlan,
  found: Docker,
  { registries = [], plugins }: Around = {},
): Promise<Builder> {
  const docker = await provideBuildx(runtime, plan.builder.buildxVersion, found, plugins)
  const { buildx } = docker
  const own = { ...runtime, run: withoutClient(runtime.run, buildx) }
  const builder = await openWith(own, plan, docker, registries)
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
  requireVersion(docker, plan, atLeastSurely(choice, docker))
  const reaching = { ...plan, builder: withinReach(plan.builder, docker, registries) }
  const builder = await openChosen(runtime, reaching, docker, choice)
  requireVersion(docker, plan, builder)
  return builder
}

/** Returns what is known of a builder before it is open. Of a named one, it assumes what an old buildx can do. */
const atLeastSurely = ({ kind }: BuilderChoice, { imageStore }: Docker) => ({
  annotates: kind === 'made' || (kind === 'engine' && imageStore === 'containerd'),
  isEngine: kind !== 'made',
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
    case 'made': {
      const name = `slipway-${randomBytes(4).toString('hex')}`
      return await makeBuilder(runtime, plan, docker, { ...choice, name })
    }
    default:
      return choice satisfies never
  }
}

/**
 * Opens the builder that an earlier step, or somebody on this machine, has chosen (`docker buildx use`), where the
 * inputs say nothing of one. Nobody asked for it by name: one that does not boot is passed over.
 */
async function openCurrent(runtime: Runtime, plan: BuildPlan, docker: Docker): Promise<Builder | undefined> {
  const { name, driver, endpoint, nodes } = plan.builder
  if (name !== undefined || driver !== undefined || endpoint !== undefined || nodes.length > 0)
    return undefined
  const current = await currentBuilder(runtime.env, docker.context)
  if (current === undefined || current === docker.context) return undefined
  const boot = await bootBuilder(runtime, current)
  if (boot.kind === 'booted') return await openBooted(runtime, plan, docker, current, boot.inspected)
  const cause = boot.kind === 'absent' ? 'There is no such builder.' : diagnose(boot.outcome).cause
  runtime.log.notice(
    `The builder \`${current}\`, which is the current one of this machine, does not boot and is passed over. ${cause} Remove it with \`docker buildx rm ${current}\`.`,
  )
  return undefined
}

async function openEngine(runtime: Runtime, plan: BuildPlan, docker: Docker): Promise<Builder> {
  await provideEmulators(runtime, plan, docker)
  return {
    name: docker.context,
    why: undefined,
    annotates: docker.imageStore === 'containerd',
    isEngine: true,
  }
}

/** Opens a named builder; creates it if it does not exist. */
async function openNamed(runtime: Runtime, plan: BuildPlan, docker: Docker, name: string): Promise<Builder> {
  const boot = await bootBuilder(runtime, name)
  switch (boot.kind) {
    case 'booted':
      return await openBooted(runtime, plan, docker, name, boot.inspected)
    case 'dead':
      throw new Failure('preflight', deadBuilder(plan, name, boot.outcome))
    case 'absent':
      return await makeBuilder(runtime, plan, docker, {
        name,
        driver: plan.builder.driver ?? 'docker-container',
        why: `there is no builder \`${name}\` yet`,
      })
    default:
      return boot satisfies never
  }
}

function deadBuilder({ builder }: BuildPlan, name: string, { stderr }: Outcome): Problem {
  const given = builder.namedBy ?? 'builder'
  return {
    ...(given === 'builder' ? { input: given } : {}),
    cause: `The builder \`${name}\`, which \`${given}\` names, does not boot.`,
    remedy: `Try \`docker buildx inspect --bootstrap ${name}\` on the runner, or leave out \`${given}\`.`,
    output: lastLines(stderr),
  }
}

type Boot =
  | { readonly kind: 'booted'; readonly inspected: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'dead'; readonly outcome: Outcome }

/** Boots a builder. buildx exits with 0 even if its only node is unreachable. */
async function bootBuilder(runtime: Runtime, name: string): Promise<Boot> {
  const outcome = await runtime.run(inspectCommand(name), { signal: runtime.cancelled })
  runtime.cancelled.throwIfAborted()
  const { code, stdout, stderr } = outcome
  if (code !== 0) return /no builder .* found/.test(stderr) ? { kind: 'absent' } : { kind: 'dead', outcome }
  const dead = deadNodes(stdout)
  if (dead !== '' && !isRunning(stdout)) return { kind: 'dead', outcome: { ...outcome, stderr: dead } }
  return { kind: 'booted', inspected: stdout }
}

/** Registers the emulators that a booted builder lacks. */
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
  return { name, why: undefined, annotates: !(isEngine && docker.imageStore === 'classic'), isEngine }
}

/** A builder to create in this run. */
interface Made {
  readonly name: string
  readonly driver: Driver
  readonly why: string
}

/**
 * Makes a builder and boots it. Emulators come first: a builder finds out what it can run when it boots
 * (docker/setup-qemu-action#206).
 */
async function makeBuilder(runtime: Runtime, plan: BuildPlan, docker: Docker, made: Made): Promise<Builder> {
  const { cleanup, keepState } = plan.builder
  const here = made.driver === 'docker-container' ? builtHere(plan) : []
  if (here.length > 0)
    await provideEmulators(runtime, { ...plan, platforms: here }, docker, {
      meanwhile: () => pull(runtime, plan),
    })
  const certificates = made.driver === 'remote' ? await nodeCertificates(runtime, plan) : []
  // Recorded before it exists, so that it is removed even if this step is killed while it is created.
  if (cleanup) runtime.remember(removal(runtime, docker, made.name, keepState))
  await create(runtime, plan, docker, { ...made, certificates })
  return { name: made.name, why: made.why, annotates: true, isEngine: false }
}

/**
 * Returns the platforms that this machine builds. The platforms of a node that names none are unknown until it boots.
 */
function builtHere({ platforms, builder: { endpoint, nodes } }: BuildPlan): readonly string[] {
  if (endpoint !== undefined || nodes.some(node => node.platforms.length === 0)) return []
  const elsewhere = nodes.flatMap(node => node.platforms)
  return platforms.filter(platform => !elsewhere.includes(platform))
}

/** Pulls the builder's image while the emulators are installed. If the pull fails, the boot reports why. */
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
 * What the `post:` step needs to find the builder, and this step's own plugins, again: the docker configuration is
 * taken away later than what was made with it.
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
  made: Made & { readonly certificates: readonly (readonly string[])[] },
): Promise<void> {
  const directory = await privateDirectory(runtime.context.temp, 'builder')
  const { config } = plan.builder
  const configFile = config === undefined ? undefined : join(directory, 'buildkitd.toml')
  try {
    if (configFile !== undefined) await writeFile(configFile, config ?? '', { mode: 0o600 })
    for (const command of createCommands(plan, {
      ...made,
      configFile,
      buildxVersion: docker.buildxVersion,
    })) {
      // What did not boot is there all the same: then only the boot is tried again.
      const outcome = await runWithRetries(runtime, command, { next: inspectCommand(made.name) })
      if (outcome.code !== 0) throw bootFailure(made, diagnose(outcome), lastLines(outcome.stderr))
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function bootFailure(
  { driver, why }: Made,
  { kind, cause, remedy }: ReturnType<typeof diagnose>,
  output: string,
) {
  const offline = 'It needs the image `moby/buildkit`; give another by `driver-opts: image=…`.'
  return new Failure('preflight', {
    cause: `A builder (${driver}) was needed, as ${why}, and did not boot. ${cause}`,
    remedy: kind === 'unknown-host' || remedy === undefined ? offline : remedy,
    output,
  })
}
