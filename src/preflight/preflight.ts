import type { Context } from '../core/context.ts'
import { Failure } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import { waitForAll } from '../core/stages.ts'
import { type EarlyProbe, type Probe, probeDocker, startEarlyProbe } from '../docker/probe.ts'
import { parseReference, type Reference } from '../image/reference.ts'
import type { Plan } from '../plan/plan.ts'
import type { RegistryPlan } from '../registry/plan.ts'
import { serverLoginProblem } from '../registry/server-login.ts'
import { type Connection, connect } from '../ssh/connection.ts'
import type { TargetFacts } from '../target/compose-host/facts.ts'
import type { RunIdentity } from '../target/compose-host/history.ts'
import { preflight } from '../target/compose-host/preflight.ts'
import type { Release, ReleaseCheck } from '../target/compose-host/release.ts'
import type { DeployPlan } from '../target/plan.ts'
import type { NamedImages } from '../target/services.ts'
import { isForSwarm, preflightSwarm } from '../target/swarm/preflight.ts'
import { openPublisher, type Publisher } from './publisher.ts'

/** The registry client, builder and SSH connection that a run needs, opened and checked. */
export interface Resources extends AsyncDisposable {
  /** Undefined for a rollback, because its image is already on the server. */
  readonly publisher: Publisher | undefined
  /** Undefined if nothing is deployed. */
  readonly server: Server | undefined
}

/** The target server, as preflight found it. */
export interface Server {
  readonly connection: Connection
  readonly facts: TargetFacts
  readonly release: Omit<ReleaseCheck, 'findings'>
}

/** Receives the findings of preflight as it makes them. */
interface Listener {
  /** Receives a problem that does not stop the run. */
  warn(text: string): void
  /** Receives the state of the server as soon as it is known, even if the server cannot take the release. */
  seen(server: Server): void
}

/**
 * Opens and checks everything that the run needs, on this machine and on the server at the same time. Throws a Failure
 * that lists all problems together. `earlyProbe` is the part of the Docker probe that began before the plan was made.
 */
export async function runPreflight(
  plan: Plan,
  earlyProbe: EarlyProbe | undefined,
  runtime: Runtime,
  listener: Listener,
): Promise<Resources> {
  if (plan.rollsBack)
    return resourcesOf(
      undefined,
      plan.deploy && (await openServer(plan.deploy, plan.registry, runtime, undefined, listener)),
    )
  const probe = probeDocker(runtime, earlyProbe ?? startEarlyProbe(runtime))
  const publisher = openPublisher(plan, runtime, probe)
  const release = expectedRelease(plan, probe, publisher)
  const server = plan.deploy && openServer(plan.deploy, plan.registry, runtime, release, listener)
  try {
    return resourcesOf(...(await waitForAll([publisher, server ?? Promise.resolve(undefined)])))
  } catch (error) {
    // An open connection would keep this process alive.
    ;(await publisher.catch(() => undefined))?.close()
    await (await server?.catch(() => undefined))?.connection.close()
    throw error
  }
}

const resourcesOf = (publisher: Publisher | undefined, server: Server | undefined): Resources => ({
  publisher,
  server,
  [Symbol.asyncDispose]: async () => {
    publisher?.close()
    await server?.connection.close()
  },
})

/**
 * Returns the release that this run will push, as far as it is known before the build. Errors are reported elsewhere.
 */
async function expectedRelease(
  { image, build, deploy }: Plan,
  probe: Probe,
  publisher: Promise<Publisher>,
): Promise<Release> {
  const [docker, found] = await Promise.all([
    probe.docker.catch(() => undefined),
    publisher.catch(() => undefined),
  ])
  const before = (await found?.before) ?? []
  const asked = build.platforms.length > 0 || docker === undefined ? build.platforms : [docker.platform]
  return {
    references: references(image),
    named: found?.named ?? withoutDetails(deploy),
    platforms: build.when === 'never' ? before.map(({ platform }) => platform) : asked,
    size: before.length === 0 ? undefined : Math.max(...before.map(({ size }) => size)),
  }
}

/**
 * Returns the named images without platforms and sizes. They replace a failed lookup, which is reported elsewhere, so
 * that their services are still checked.
 */
const withoutDetails = (deploy: Plan['deploy']): NamedImages =>
  Object.fromEntries(
    Object.entries(deploy?.images ?? {}).map(([name, reference]) => [
      name,
      { reference, platforms: [], size: undefined },
    ]),
  )

/** Returns the references that will point to the release: its tags, and images that are given by digest alone. */
function references({ tags, images }: Plan['image']): Reference[] {
  const named = tags.map(parseReference).filter((each): each is Reference => 'registry' in each)
  return [...named, ...images.map(({ reference }) => reference).filter(({ digest }) => digest !== undefined)]
}

async function openServer(
  plan: DeployPlan,
  registry: RegistryPlan,
  runtime: Runtime,
  release: Promise<Release> | undefined,
  listener: Listener,
): Promise<Server> {
  const connection = await connect(plan.ssh, {
    signal: runtime.cancelled,
    onRetry: (cause, wait) => runtime.log.line(`${cause} Trying again in ${Math.round(wait / 1000)} s.`),
  })
  try {
    return await checkServer(connection, plan, registry, release, runtime.context, listener)
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function checkServer(
  connection: Connection,
  plan: DeployPlan,
  registry: RegistryPlan,
  release: Promise<Release> | undefined,
  context: Context,
  { warn, seen }: Listener,
): Promise<Server> {
  const identity = identityOf(context)
  const {
    facts,
    release: check,
    findings,
  } = isForSwarm(plan)
    ? await preflightSwarm(connection, plan, release, identity)
    : await preflight(connection, plan, release, identity)
  const pulled = check?.pins.map(({ pushed }) => pushed) ?? []
  const problem = serverLoginProblem(registry.server, pulled)
  if (problem !== undefined) findings.problems.push(problem)
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
