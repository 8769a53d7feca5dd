import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, lastLines } from '../errors.ts'
import type { World } from '../world.ts'
import { chooseBuilder } from './builder.ts'
import type { Driver } from './builder-plan.ts'
import { provideBuildx } from './buildx.ts'
import { createCommands, inspectCommand, readDriver, readPlatforms } from './create.ts'
import { currentBuilder } from './current.ts'
import { diagnose } from './diagnosis.ts'
import type { Docker } from './docker.ts'
import { provideEmulators } from './emulation.ts'
import { privateDirectory } from './files.ts'
import { patiently } from './patient.ts'
import type { BuildPlan } from './plan.ts'
import { withinReach } from './reach.ts'

/** A builder that is ready to build. */
export interface Builder {
  readonly name: string
  /** Why it was made; undefined when it was there. */
  readonly why: string | undefined
  /** The engine's classic image store drops annotations, or refuses them; every other builder writes them. */
  readonly annotates: boolean
}

/**
 * Chooses the builder, makes it when it is not there, boots it, and registers the emulators that it lacks. One that
 * is made here can reach the registries (`localhost:5000`) that the engine can.
 */
export async function openBuilder(
  world: World,
  plan: BuildPlan,
  found: Docker,
  registries: readonly string[] = [],
): Promise<Builder> {
  const docker = await provideBuildx(world, plan.builder.buildxVersion, found)
  const reaching = { ...plan, builder: withinReach(plan.builder, docker, registries) }
  const choice = chooseBuilder(docker, await withCurrent(plan, docker, world))
  switch (choice.kind) {
    case 'engine':
      return await openEngine(world, plan, docker)
    case 'named':
      return (
        (await openNamed(world, plan, docker, choice.name)) ??
        (await makeBuilder(world, reaching, docker, {
          name: choice.name,
          driver: plan.builder.driver ?? 'docker-container',
          why: `there is no builder \`${choice.name}\` yet`,
        }))
      )
    case 'made': {
      const name = `slipway-${randomBytes(4).toString('hex')}`
      return await makeBuilder(world, reaching, docker, { ...choice, name })
    }
    default:
      return choice satisfies never
  }
}

/** Where nothing is said about the builder, one that an earlier step has chosen is meant. */
async function withCurrent(plan: BuildPlan, docker: Docker, world: World): Promise<BuildPlan> {
  const { name, driver, endpoint, nodes } = plan.builder
  if (name !== undefined || driver !== undefined || endpoint !== undefined || nodes.length > 0) return plan
  const current = await currentBuilder(world.env, docker.context)
  return current === undefined ? plan : { ...plan, builder: { ...plan.builder, name: current } }
}

async function openEngine(world: World, plan: BuildPlan, docker: Docker): Promise<Builder> {
  await provideEmulators(world, plan, docker)
  return { name: docker.context, why: undefined, annotates: docker.imageStore === 'containerd' }
}

/** Boots a builder that is there; undefined when there is none of that name. */
async function openNamed(world: World, plan: BuildPlan, docker: Docker, name: string) {
  const { code, stdout, stderr } = await world.run(inspectCommand(name), { signal: world.cancelled })
  world.cancelled.throwIfAborted()
  if (code !== 0 && /no builder .* found/.test(stderr)) return undefined
  if (code !== 0) {
    throw new Failure('preflight', {
      input: 'builder',
      cause: `The builder \`${name}\` cannot be booted.`,
      remedy: `Try \`docker buildx inspect --bootstrap ${name}\` on the runner, or leave out \`builder\`.`,
      output: lastLines(stderr),
    })
  }
  const driver = readDriver(stdout)
  if (driver === 'docker' || driver === 'docker-container') {
    await provideEmulators(world, plan, docker, readPlatforms(stdout))
  }
  const classic = driver === 'docker' && docker.imageStore === 'classic'
  return { name, why: undefined, annotates: !classic }
}

interface Made {
  readonly name: string
  readonly driver: Driver
  readonly why: string
}

/** Emulators come first: a builder finds out what it can run when it boots (docker/setup-qemu-action#206). */
async function makeBuilder(world: World, plan: BuildPlan, docker: Docker, made: Made): Promise<Builder> {
  const { endpoint, nodes, cleanup, keepState } = plan.builder
  const local = made.driver === 'docker-container' && endpoint === undefined && nodes.length === 0
  if (local) await provideEmulators(world, plan, docker)
  // What is noted before it is there is removed too when this step is killed while it comes to be.
  if (cleanup) world.remember({ kind: 'builder', name: made.name, env: buildxEnvironment(world), keepState })
  await create(world, plan, docker, made)
  return { name: made.name, why: made.why, annotates: true }
}

/** What the `post:` step needs to find the builder again: it no longer has this step's docker configuration. */
function buildxEnvironment({ env }: World): Record<string, string> {
  const names = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'BUILDX_CONFIG']
  return Object.fromEntries(names.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])))
}

async function create(world: World, plan: BuildPlan, docker: Docker, made: Made): Promise<void> {
  const directory = await privateDirectory(world.context.temp, 'builder')
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
      const outcome = await patiently(world, command, { next: inspectCommand(made.name) })
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
