import { type Docker, probeDocker } from './build/docker.ts'
import { type Builder, openBuilder } from './build/open.ts'
import type { ServerFacts } from './deploy/facts.ts'
import type { DeployPlan } from './deploy/plan.ts'
import { preflight } from './deploy/preflight.ts'
import type { Release, ReleaseCheck } from './deploy/preflight-release.ts'
import { Failure } from './errors.ts'
import { parseReference, type Reference } from './image/reference.ts'
import type { Plan } from './plan.ts'
import { openConfig } from './registry/config.ts'
import { login } from './registry/login.ts'
import { type Connection, connect } from './ssh/connection.ts'
import { together } from './stages.ts'
import type { World } from './world.ts'

/** What has to be there before anything is built: all of it was looked at, at once, and nothing is wrong. */
export interface Ready extends AsyncDisposable {
  readonly workshop: Workshop
  /** Undefined where nothing is deployed. */
  readonly server: Server | undefined
}

/** This machine, ready to build. */
export interface Workshop {
  readonly docker: Docker
  readonly builder: Builder
  /** Its commands use the step's own docker configuration, with the logins in it. */
  readonly world: World
}

/** The server, ready to be deployed to. */
export interface Server {
  readonly connection: Connection
  readonly facts: ServerFacts
  readonly release: Omit<ReleaseCheck, 'findings'>
}

/** A stage's findings that stop nothing go to `warn`. */
type Warn = (text: string) => void

/** Gets everything ready, on this machine and on the server at the same time. Fails with all that is wrong. */
export async function getReady(plan: Plan, world: World, warn: Warn): Promise<Ready> {
  const docker = probeDocker(world.run, world.cancelled)
  docker.catch(() => undefined) // whoever waits for it says so
  const [workshop, server] = await together([
    openWorkshop(plan, world, docker),
    openServer(plan, world, expected(plan, docker), warn),
  ])
  return { workshop, server, [Symbol.asyncDispose]: async () => await server?.connection.close() }
}

async function openWorkshop(plan: Plan, world: World, probed: Promise<Docker>): Promise<Workshop> {
  const [docker, config] = await together([probed, openConfig(world, plan.registry)])
  const own: World = {
    ...world,
    env: { ...world.env, ...config.env },
    run: (command, options) => world.run({ ...command, env: { ...config.env, ...command.env } }, options),
  }
  const [builder] = await together([openBuilder(own, plan.build, docker), login(own, plan.registry, config)])
  return { docker, builder, world: own }
}

/** What this run will have pushed, as far as it is known before. */
async function expected({ image, build }: Plan, probed: Promise<Docker>): Promise<Release> {
  const docker = await probed.catch(() => undefined)
  const platforms = build.platforms.length > 0 || docker === undefined ? build.platforms : [docker.platform]
  const references = image.tags.map(parseReference).filter((each): each is Reference => 'registry' in each)
  return { references, platforms, size: undefined }
}

async function openServer(
  plan: Plan,
  world: World,
  release: Promise<Release>,
  warn: Warn,
): Promise<Server | undefined> {
  if (plan.deploy === undefined) return undefined
  const connection = await connect(plan.deploy.ssh, {
    signal: world.cancelled,
    onRetry: (cause, wait) => world.log.line(`${cause} Trying again in ${Math.round(wait / 1000)} s.`),
  })
  try {
    return { connection, ...(await checkServer(connection, plan.deploy, release, warn)) }
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function checkServer(connection: Connection, plan: DeployPlan, release: Promise<Release>, warn: Warn) {
  const checked = await preflight(connection, plan, plan.rollbackTo === undefined ? release : undefined)
  checked.findings.warnings.forEach(warn)
  const { facts, release: check, findings } = checked
  if (findings.problems.length > 0 || facts === undefined || check === undefined)
    throw new Failure('preflight', findings.problems)
  return { facts, release: check }
}
