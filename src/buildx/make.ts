import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, lastLines } from '../core/errors.ts'
import { privateDirectory } from '../core/private-files.ts'
import type { Undo, World } from '../core/runtime.ts'
import { diagnose } from '../docker/diagnosis.ts'
import type { Docker } from '../docker/docker.ts'
import { patiently } from '../docker/patient.ts'
import type { Driver } from './builder-plan.ts'
import { nodeCertificates } from './certificates.ts'
import { createCommands, inspectCommand } from './create.ts'
import { provideEmulators } from './emulation.ts'
import { builderImage } from './images.ts'
import type { Builder } from './open.ts'
import type { BuildPlan } from './plan.ts'

/** A builder that is made here. */
export interface Made {
  readonly name: string
  readonly driver: Driver
  readonly why: string
}

/**
 * Makes a builder and boots it. Emulators come first: a builder finds out what it can run when it boots
 * (docker/setup-qemu-action#206).
 */
export async function makeBuilder(
  world: World,
  plan: BuildPlan,
  docker: Docker,
  made: Made,
): Promise<Builder> {
  const { cleanup, keepState } = plan.builder
  const here = made.driver === 'docker-container' ? builtHere(plan) : []
  if (here.length > 0)
    await provideEmulators(world, { ...plan, platforms: here }, docker, {
      meanwhile: () => pull(world, plan),
    })
  const certificates = made.driver === 'remote' ? await nodeCertificates(world, plan) : []
  // What is noted before it is there is removed too when this step is killed while it comes to be.
  if (cleanup) world.remember(removal(world, docker, made.name, keepState))
  await create(world, plan, docker, { ...made, certificates })
  return { name: made.name, why: made.why, annotates: true, isEngine: false }
}

/** The platforms that are left to this machine: of nodes that do not say theirs, nobody knows before they boot. */
function builtHere({ platforms, builder: { endpoint, nodes } }: BuildPlan): readonly string[] {
  if (endpoint !== undefined || nodes.some(node => node.platforms.length === 0)) return []
  const elsewhere = nodes.flatMap(node => node.platforms)
  return platforms.filter(platform => !elsewhere.includes(platform))
}

/** The builder's image comes while the emulators do. Where it does not, the boot says why. */
async function pull({ run, cancelled }: World, { builder }: BuildPlan): Promise<void> {
  const command = { file: 'docker', args: ['pull', '--quiet', builderImage(builder)] }
  await run(command, { signal: cancelled }).catch(() => undefined)
}

const removal = (world: World, { buildx }: Docker, name: string, keepState: boolean): Undo => ({
  kind: 'builder',
  name,
  env: buildxEnvironment(world),
  keepState,
  ...(buildx === undefined ? {} : { buildx }),
})

/**
 * What the `post:` step needs to find the builder, and this step's own plugins, again: the docker configuration is
 * taken away later than what was made with it.
 */
function buildxEnvironment({ env }: World): Record<string, string> {
  const engine = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_TLS', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH']
  const names = [...engine, 'DOCKER_CONFIG', 'BUILDX_CONFIG']
  return Object.fromEntries(names.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])))
}

async function create(
  world: World,
  plan: BuildPlan,
  docker: Docker,
  made: Made & { readonly certificates: readonly (readonly string[])[] },
): Promise<void> {
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
