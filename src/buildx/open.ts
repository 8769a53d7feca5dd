import { randomBytes } from 'node:crypto'
import { Failure, lastLines } from '../core/errors.ts'
import type { World } from '../core/runtime.ts'
import { currentBuilder } from '../docker/current.ts'
import type { Docker } from '../docker/docker.ts'
import { withoutClient } from '../docker/plugins.ts'
import { type BuilderChoice, chooseBuilder } from './builder.ts'
import { provideBuildx } from './buildx.ts'
import { inspectCommand, readDriver, readPlatforms } from './create.ts'
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
  const choice = chooseBuilder(docker, await withCurrent(plan, docker, world))
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
      return (
        (await openNamed(world, plan, docker, choice.name)) ??
        (await makeBuilder(world, plan, docker, {
          name: choice.name,
          driver: plan.builder.driver ?? 'docker-container',
          why: `there is no builder \`${choice.name}\` yet`,
        }))
      )
    case 'made': {
      const name = `slipway-${randomBytes(4).toString('hex')}`
      return await makeBuilder(world, plan, docker, { ...choice, name })
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
  return {
    name: docker.context,
    why: undefined,
    annotates: docker.imageStore === 'containerd',
    isEngine: true,
  }
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
    await provideEmulators(world, plan, docker, { listed: readPlatforms(stdout) })
  }
  const isEngine = driver === 'docker'
  return { name, why: undefined, annotates: !(isEngine && docker.imageStore === 'classic'), isEngine }
}
