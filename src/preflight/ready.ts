import type { Context } from '../core/context.ts'
import { Failure } from '../core/errors.ts'
import type { World } from '../core/runtime.ts'
import { together } from '../core/stages.ts'
import { type FirstLook, lookAtDocker, type Probe, probeDocker } from '../docker/probe.ts'
import { parseReference, type Reference } from '../image/reference.ts'
import type { Plan } from '../plan/plan.ts'
import { type Connection, connect } from '../ssh/connection.ts'
import type { ServerFacts } from '../target/compose-host/facts.ts'
import type { RunIdentity } from '../target/compose-host/history.ts'
import { preflight } from '../target/compose-host/preflight.ts'
import type { Release, ReleaseCheck } from '../target/compose-host/release.ts'
import type { DeployPlan } from '../target/plan.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

/** What has to be there before anything is built: all of it was looked at, at once, and nothing is wrong. */
export interface Ready extends AsyncDisposable {
  /** Undefined where the image comes from the server's own history. */
  readonly workshop: Workshop | undefined
  /** Undefined where nothing is deployed. */
  readonly server: Server | undefined
}

/** The server, ready to be deployed to. */
export interface Server {
  readonly connection: Connection
  readonly facts: ServerFacts
  readonly release: Omit<ReleaseCheck, 'findings'>
}

/** Who is told what was found on the way. */
interface Listener {
  /** What stops nothing. */
  warn(text: string): void
  /** The server as it is, as soon as that is known: also where it cannot take the release. */
  seen(server: Server): void
}

/**
 * Gets everything ready, on this machine and on the server at the same time. Fails with all that is wrong. `look`
 * is what was begun before the plan stood.
 */
export async function getReady(
  plan: Plan,
  look: FirstLook | undefined,
  world: World,
  listener: Listener,
): Promise<Ready> {
  if (plan.deploy?.rollbackTo !== undefined) {
    return ready(undefined, await openServer(plan.deploy, world, undefined, listener))
  }
  const probe = probeDocker(world, look ?? lookAtDocker(world))
  const workshop = openWorkshop(plan, world, probe)
  const release = expected(plan, probe, workshop)
  const server = plan.deploy && openServer(plan.deploy, world, release, listener)
  try {
    return ready(...(await together([workshop, server ?? Promise.resolve(undefined)])))
  } catch (error) {
    // What is open would keep this process alive.
    ;(await workshop.catch(() => undefined))?.close()
    await (await server?.catch(() => undefined))?.connection.close()
    throw error
  }
}

const ready = (workshop: Workshop | undefined, server: Server | undefined): Ready => ({
  workshop,
  server,
  [Symbol.asyncDispose]: async () => {
    workshop?.close()
    await server?.connection.close()
  },
})

/** What this run will have pushed, as far as it is known before. What is wrong here, others say. */
async function expected({ image, build }: Plan, probe: Probe, workshop: Promise<Workshop>): Promise<Release> {
  const [docker, found] = await Promise.all([
    probe.docker.catch(() => undefined),
    workshop.catch(() => undefined),
  ])
  const before = (await found?.before) ?? []
  const asked = build.platforms.length > 0 || docker === undefined ? build.platforms : [docker.platform]
  return {
    references: references(image),
    platforms: build.when === 'never' ? before.map(({ platform }) => platform) : asked,
    size: before.length === 0 ? undefined : Math.max(...before.map(({ size }) => size)),
  }
}

/** An image that is named by its digest alone is all of its repository's tags. */
function references({ tags, images }: Plan['image']): Reference[] {
  const named = tags.map(parseReference).filter((each): each is Reference => 'registry' in each)
  return [...named, ...images.map(({ reference }) => reference).filter(({ digest }) => digest !== undefined)]
}

async function openServer(
  plan: DeployPlan,
  world: World,
  release: Promise<Release> | undefined,
  listener: Listener,
): Promise<Server> {
  const connection = await connect(plan.ssh, {
    signal: world.cancelled,
    onRetry: (cause, wait) => world.log.line(`${cause} Trying again in ${Math.round(wait / 1000)} s.`),
  })
  try {
    return await checkServer(connection, plan, release, world.context, listener)
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function checkServer(
  connection: Connection,
  plan: DeployPlan,
  release: Promise<Release> | undefined,
  context: Context,
  { warn, seen }: Listener,
): Promise<Server> {
  const { facts, release: check, findings } = await preflight(connection, plan, release, identityOf(context))
  for (const text of findings.warnings) warn(text)
  const server = facts && check && { connection, facts, release: check }
  if (server !== undefined) seen(server)
  if (findings.problems.length > 0 || server === undefined) throw new Failure('preflight', findings.problems)
  return server
}

const identityOf = ({ serverUrl, repository, workflow, ref, runNumber, sha }: Context): RunIdentity => ({
  home: `${serverUrl}/${repository}`,
  workflow,
  ref,
  number: runNumber,
  commit: sha,
})
