import { randomBytes } from 'node:crypto'
import type { Outcome } from '../core/command.ts'
import { Failure, lastLines, type Problem } from '../core/errors.ts'
import type { World } from '../core/runtime.ts'
import { currentBuilder } from '../docker/current.ts'
import { diagnose } from '../docker/diagnosis.ts'
import type { Docker } from '../docker/docker.ts'
import { withoutClient } from '../docker/plugins.ts'
import { type BuilderChoice, chooseBuilder } from './builder.ts'
import { provideBuildx } from './buildx.ts'
import { deadNodes, inspectCommand, isRunning, readDriver, readPlatforms } from './create.ts'
import { provideEmulators } from './emulation.ts'
import { requireVersion } from './floors.ts'
import { makeBuilder } from './make.ts'
import type { BuildPlan } from './plan.ts'
import { withinReach } from './reach.ts'

/** A builder that is ready to build. */
export interface Builder {
  readonly name: string
  /** Why it was made; undefined when it was there. */
  readonly why: string | undefined
  /** The engine's classic image store drops annotations, or refuses them; every other builder writes them. */
  readonly annotates: boolean
  /** It is the engine's own, whose images are the engine's. */
  readonly isEngine: boolean
  /** The buildx that it is used with, where docker is not needed to run it. */
  readonly buildx?: string
}

/** What else a builder is opened for, and with. */
interface Around {
  /** What it has to reach. */
  readonly registries?: readonly string[]
  /** Where docker finds plugins of this step's own; undefined where there is no such place. */
  readonly plugins?: string | undefined
}

/**
 * Chooses the builder, makes it when it is not there, boots it, and registers the emulators that it lacks. One that
 * is made here can reach the registries (`localhost:5000`) that the engine can.
 */
export async function openBuilder(
  world: World,
  plan: BuildPlan,
  found: Docker,
  { registries = [], plugins }: Around = {},
): Promise<Builder> {
  const docker = await provideBuildx(world, plan.builder.buildxVersion, found, plugins)
  const { buildx } = docker
  const own = { ...world, run: withoutClient(world.run, buildx) }
  const builder = await openWith(own, plan, docker, registries)
  return buildx === undefined ? builder : { ...builder, buildx }
}

async function openWith(
  world: World,
  plan: BuildPlan,
  docker: Docker,
  registries: readonly string[],
): Promise<Builder> {
  const current = await openCurrent(world, plan, docker)
  if (current !== undefined) {
    requireVersion(docker, plan, current)
    return current
  }
  const choice = chooseBuilder(docker, plan)
  requireVersion(docker, plan, atLeastSurely(choice, docker))
  const reaching = { ...plan, builder: withinReach(plan.builder, docker, registries) }
  const builder = await openChosen(world, reaching, docker, choice)
  requireVersion(docker, plan, builder)
  return builder
}

/** What is known of a builder before it is open: of one that is named, nothing that could rule out an old buildx. */
const atLeastSurely = ({ kind }: BuilderChoice, { imageStore }: Docker) => ({
  annotates: kind === 'made' || (kind === 'engine' && imageStore === 'containerd'),
  isEngine: kind !== 'made',
})

async function openChosen(
  world: World,
  plan: BuildPlan,
  docker: Docker,
  choice: BuilderChoice,
): Promise<Builder> {
  switch (choice.kind) {
    case 'engine':
      return await openEngine(world, plan, docker)
    case 'named':
      return await openNamed(world, plan, docker, choice.name)
    case 'made': {
      const name = `slipway-${randomBytes(4).toString('hex')}`
      return await makeBuilder(world, plan, docker, { ...choice, name })
    }
    default:
      return choice satisfies never
  }
}

/**
 * Opens the builder that an earlier step, or somebody on this machine, has chosen (`docker buildx use`), where the
 * inputs say nothing of one. Nobody asked for it by name: one that does not boot is passed over.
 */
async function openCurrent(world: World, plan: BuildPlan, docker: Docker): Promise<Builder | undefined> {
  const { name, driver, endpoint, nodes } = plan.builder
  if (name !== undefined || driver !== undefined || endpoint !== undefined || nodes.length > 0)
    return undefined
  const current = await currentBuilder(world.env, docker.context)
  if (current === undefined || current === docker.context) return undefined
  const boot = await bootBuilder(world, current)
  if (boot.kind === 'booted') return await openBooted(world, plan, docker, current, boot.inspected)
  const cause = boot.kind === 'absent' ? 'There is no such builder.' : diagnose(boot.outcome).cause
  world.log.notice(
    `The builder \`${current}\`, which is the current one of this machine, does not boot and is passed over. ${cause} Remove it with \`docker buildx rm ${current}\`.`,
  )
  return undefined
}

async function openEngine(world: World, plan: BuildPlan, docker: Docker): Promise<Builder> {
  await provideEmulators(world, plan, docker)
  return {
    name: docker.context,
    why: undefined,
    annotates: docker.imageStore === 'containerd',
    isEngine: true,
  }
}

/** Opens the builder that is asked for by its name; makes it when there is none. */
async function openNamed(world: World, plan: BuildPlan, docker: Docker, name: string): Promise<Builder> {
  const boot = await bootBuilder(world, name)
  switch (boot.kind) {
    case 'booted':
      return await openBooted(world, plan, docker, name, boot.inspected)
    case 'dead':
      throw new Failure('preflight', deadBuilder(plan, name, boot.outcome))
    case 'absent':
      return await makeBuilder(world, plan, docker, {
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

/** Boots a builder. buildx ends well, too, where the engine of its only node cannot be reached. */
async function bootBuilder(world: World, name: string): Promise<Boot> {
  const outcome = await world.run(inspectCommand(name), { signal: world.cancelled })
  world.cancelled.throwIfAborted()
  const { code, stdout, stderr } = outcome
  if (code !== 0) return /no builder .* found/.test(stderr) ? { kind: 'absent' } : { kind: 'dead', outcome }
  const dead = deadNodes(stdout)
  if (dead !== '' && !isRunning(stdout)) return { kind: 'dead', outcome: { ...outcome, stderr: dead } }
  return { kind: 'booted', inspected: stdout }
}

/** Registers the emulators that a builder lacks which has booted. */
async function openBooted(
  world: World,
  plan: BuildPlan,
  docker: Docker,
  name: string,
  inspected: string,
): Promise<Builder> {
  const driver = readDriver(inspected)
  if (driver === 'docker' || driver === 'docker-container') {
    await provideEmulators(world, plan, docker, { listed: readPlatforms(inspected) })
  }
  const isEngine = driver === 'docker'
  return { name, why: undefined, annotates: !(isEngine && docker.imageStore === 'classic'), isEngine }
}
