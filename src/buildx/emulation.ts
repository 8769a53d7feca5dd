import { Failure } from '../core/errors.ts'
import type { World } from '../core/runtime.ts'
import type { Docker } from '../docker/docker.ts'
import { patiently } from '../docker/patient.ts'
import { inspectCommand, readPlatforms } from './create.ts'
import { emulatorsHere, installCommand, missingEmulators, unlisted } from './emulators.ts'
import type { BuildPlan } from './plan.ts'

/**
 * Registers the emulators that the build's platforms lack, and no others. `listed` is what the builder says it can
 * run, where it was asked; else the kernel is looked at, which costs no call of docker. `meanwhile` is done while there
 * is one to wait for.
 */
export async function provideEmulators(
  world: World,
  plan: BuildPlan,
  docker: Docker,
  {
    listed,
    meanwhile,
  }: { readonly listed?: readonly string[]; readonly meanwhile?: () => Promise<unknown> } = {},
): Promise<void> {
  if (plan.result.kind === 'call' || plan.platforms.length === 0) return
  const missing = listed ? unlisted(plan.platforms, listed) : await findMissing(world, plan.platforms, docker)
  if (missing.length === 0) return
  if (docker.rootless) throw new Failure('preflight', rootless(missing))
  const [outcome] = await Promise.all([
    patiently(world, installCommand(plan.builder.qemuImage, missing)),
    meanwhile?.(),
  ])
  if (outcome.code !== 0) world.log.warning(notInstalled(missing))
}

async function findMissing(world: World, platforms: readonly string[], docker: Docker): Promise<string[]> {
  const foreign = missingEmulators(platforms, docker.platform, [])
  if (foreign.length === 0) return []
  if (isLocal(world, docker)) return missingEmulators(platforms, docker.platform, await emulatorsHere())
  const { code, stdout } = await world.run(inspectCommand(docker.context), { signal: world.cancelled })
  world.cancelled.throwIfAborted()
  return code === 0 ? unlisted(platforms, readPlatforms(stdout)) : foreign
}

/** The engine runs on this machine's kernel. */
const isLocal = ({ env }: World, { context }: Docker): boolean =>
  context === 'default' && (env['DOCKER_HOST'] ?? 'unix://').startsWith('unix://')

const rootless = (missing: readonly string[]) => ({
  input: 'platforms',
  cause: `The engine of this runner is rootless, and cannot register an emulator for ${missing.join(', ')}.`,
  remedy:
    'Register it once as root on the machine (the package qemu-user-static does), name a node of that platform by `append`, or leave the platform out.',
})

/** A Dockerfile that runs nothing on the foreign platform builds all the same, so this is no failure yet. */
const notInstalled = (missing: readonly string[]): string =>
  `No emulator could be registered for ${missing.join(', ')}: a RUN step for it will fail.`
