import { builderRegistries } from '../buildx/create.ts'
import { type Builder, openBuilder } from '../buildx/open.ts'
import { onlyPushes, pushes } from '../buildx/result.ts'
import { Failure } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import { waitForAll } from '../core/stages.ts'
import type { Docker } from '../docker/docker.ts'
import { withoutClient } from '../docker/plugins.ts'
import type { Probe } from '../docker/probe.ts'
import type { Digest } from '../image/digest.ts'
import { existingName, type ImagePlan } from '../image/plan.ts'
import { parseReference, type Reference, repositoryName } from '../image/reference.ts'
import type { Plan } from '../plan/plan.ts'
import { type Client, openClient } from '../registry/client.ts'
import { type DockerConfig, openConfig } from '../registry/config.ts'
import { login, preferJobLogins } from '../registry/login.ts'
import { type PlatformImage, platformsOf } from '../registry/manifest.ts'
import type { RegistryPlan } from '../registry/plan.ts'
import { canPush } from '../registry/push.ts'
import type { NamedImages } from '../target/services.ts'
import { findNamed } from './named.ts'
import { findBuilt } from './reuse.ts'

/** A registry client and, if the run builds, a builder. */
export interface Publisher {
  readonly client: Client
  /** The registry logins that this run uses. */
  readonly registry: RegistryPlan
  /** Undefined if nothing is built: the registry already has the image, or this is a dry run. */
  readonly builder: PublisherBuilder | undefined
  /** The digest of this commit's image, if the registry already has it and the run need not build it. */
  readonly reused: Digest | undefined
  /** The images that `service` names, as found in the registries. */
  readonly named: NamedImages
  /** The image of the digest or first tag before this run, one entry for each platform. Never rejects. */
  readonly before: Promise<readonly PlatformImage[]>
  /** Cancels pending requests: a silent registry would keep this process alive. */
  readonly close: () => void
}

/** An open builder, and the runtime for its commands. */
export interface PublisherBuilder extends Builder {
  /** Runs commands with the step's private docker configuration, which holds the logins. */
  readonly runtime: Runtime
}

/**
 * Logs in to the registries, checks that this run may push, and opens the builder. If nothing is built, docker is
 * optional: Slipway only asks it which registries have no TLS.
 */
export async function openPublisher(plan: Plan, runtime: Runtime, probe: Probe): Promise<Publisher> {
  const closed = new AbortController()
  try {
    const opened = await open(plan, cancelledBy(runtime, closed.signal), probe)
    return { ...opened, close: () => closed.abort() }
  } catch (error) {
    closed.abort()
    throw error
  }
}

/** Returns the runtime, whose commands and requests the signal cancels as well. */
const cancelledBy = (runtime: Runtime, signal: AbortSignal): Runtime => ({
  ...runtime,
  cancelled: AbortSignal.any([runtime.cancelled, signal]),
})

async function open(asked: Plan, runtime: Runtime, probed: Probe): Promise<Omit<Publisher, 'close'>> {
  const plan = { ...asked, registry: await preferJobLogins(runtime, asked.registry, probed.insecure) }
  const builds = plan.build.when !== 'never'
  const opens = builds && !plan.dryRun
  const probe = builds ? probed.docker : probed.docker.catch(() => undefined)
  const opened = openConfig(runtime, needsLogin(plan) ? plan.registry : { ...plan.registry, logins: [] })
  const config = await opened.catch(async () => (await waitForAll([opened, probe]))[0])
  const own = withConfig(runtime, config)
  // The registry requests run while the Docker probe is still under way.
  const client = openClient(runtime, { logins: plan.registry.logins, config, insecure: probed.insecure })
  const loggedIn = logIn(plan, own, config, client)
  const allowed = firstFailure(loggedIn, checkPush(plan, client))
  // If the Docker probe fails, `await probe` below throws, and only that failure is reported.
  allowed.catch(() => undefined)
  // The report needs the sizes; nothing waits for them before the build.
  const before = sizesBefore(plan.image, client)
  const docker = await probe
  if (opens && pullsWithLogin(plan)) await loggedIn
  const reusable = plan.build.when === 'missing' && onlyPushes(plan.build.result)
  const reused = reusable ? await findBuilt(plan, client) : undefined
  const [builder, , named] = await waitForAll([
    opens && reused === undefined && docker !== undefined
      ? openBuilderFor(plan, own, docker, config)
      : Promise.resolve(undefined),
    allowed,
    findNamed(plan.deploy ?? { images: {} }, client),
  ])
  return { client, registry: plan.registry, builder, reused, named, before }
}

/** Whether docker has to log in. A run that only reads from registries uses Slipway's own client for that. */
const needsLogin = ({ build, registry }: Plan): boolean =>
  build.when !== 'never' || registry.loginScope === 'job'

async function logIn(plan: Plan, runtime: Runtime, config: DockerConfig, client: Client): Promise<void> {
  if (needsLogin(plan)) await login(runtime, plan.registry, config, client)
}

/**
 * Whether the builder's own images come from a registry with a login. Only then must the builder wait for the login.
 */
export function pullsWithLogin({ build, registry }: Plan): boolean {
  const hosts = builderRegistries(build.builder)
  return registry.logins.some(login => hosts.includes(login.registry))
}

const withConfig = (runtime: Runtime, { env }: DockerConfig): Runtime => ({
  ...runtime,
  env: { ...runtime.env, ...env },
  run: (command, options) => runtime.run({ ...command, env: { ...env, ...command.env } }, options),
})

async function openBuilderFor(
  plan: Plan,
  runtime: Runtime,
  docker: Docker,
  { plugins }: DockerConfig,
): Promise<PublisherBuilder> {
  const registries = [...new Set(repositories(plan.image).map(({ registry }) => registry))]
  const builder = await openBuilder(runtime, plan.build, docker, { registries, plugins })
  return { ...builder, runtime: { ...runtime, run: withoutClient(runtime.run, builder.buildx) } }
}

/** Waits for both. Both already run; the second's failure is reported only if the first succeeds. */
async function firstFailure(first: Promise<void>, second: Promise<void>): Promise<void> {
  second.catch(() => undefined)
  await first
  await second
}

/** Checks that this run may push to each of its repositories. Throws a Failure if it may not. */
async function checkPush(plan: Plan, client: Client): Promise<void> {
  const answers = await Promise.all(pushTargets(plan).map(each => canPush(client, each)))
  const problems = answers.flatMap(answer => (answer.kind === 'no' ? [answer.problem] : []))
  if (problems.length > 0) throw new Failure('preflight', problems)
}

/** Returns one reference for each repository that this run writes an image or a tag to. */
function pushTargets({ build, image, retag, promote }: Plan): Reference[] {
  const pushed = build.when !== 'never' && pushes(build.result)
  return pushed || retag ? repositories(image) : distinct(promote)
}

/** Returns one reference for each repository of the image. */
function repositories({ tags, images }: ImagePlan): Reference[] {
  const all = [...tags.map(parseReference), ...images.map(({ reference }) => reference)]
  return distinct(all.filter((each): each is Reference => 'registry' in each))
}

const distinct = (references: readonly Reference[]): Reference[] => [
  ...new Map(references.map(each => [repositoryName(each), each])).values(),
]

/** Returns the sizes for the report. A registry that does not answer is not an error: the sizes are left out. */
async function sizesBefore(image: ImagePlan, client: Client): Promise<readonly PlatformImage[]> {
  const name = existingName(image)
  return name === undefined ? [] : await platformsOf(client, name).catch(() => [])
}
