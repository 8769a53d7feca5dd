import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../core/command.ts'
import { Failure } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import type { Docker } from '../docker/docker.ts'
import { runWithRetries } from '../docker/run-with-retries.ts'
import { architectureOf, isNative } from '../image/platform.ts'
import { inspectCommand, readPlatforms } from './create.ts'
import type { BuildPlan } from './plan.ts'

/** The directory in which Linux lists the registered emulators. */
const binfmtDirectory = '/proc/sys/fs/binfmt_misc'

/** Returns the emulators of this machine that work inside containers: the kernel keeps their files open (flag `F`). */
export async function registeredEmulators(directory = binfmtDirectory): Promise<string[]> {
  const names = await readdir(directory).catch(() => [])
  const usable = await Promise.all(names.map(name => isUsable(join(directory, name))))
  return names.filter((name, index) => name.startsWith('qemu-') && usable[index])
}

async function isUsable(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.startsWith('enabled') && /^flags: .*F/m.test(text)
}

/** Returns the platforms that a machine can run neither natively nor through an emulator. */
export function missingEmulators(
  platforms: readonly string[],
  machine: string,
  emulators: readonly string[],
): string[] {
  return platforms.filter(
    platform => !isNative(platform, machine) && !emulators.includes(emulatorOf(platform)),
  )
}

/**
 * Returns the platforms that a builder does not list. A node that lists an architecture also runs its variants.
 */
export function unlisted(platforms: readonly string[], listed: readonly string[]): string[] {
  return platforms.filter(
    platform =>
      platform !== 'local' && !listed.some(known => isNative(platform, known) || known === platform),
  )
}

/**
 * Returns the command that registers emulators with the kernel of the engine's machine, until that machine restarts.
 */
export const installCommand = (image: string, platforms: readonly string[]): Command => ({
  file: 'docker',
  args: [
    'run',
    '--rm',
    '--privileged',
    image,
    '--install',
    [...new Set(platforms.map(architectureOf))].join(','),
  ],
})

/**
 * Registers only the emulators that the platforms of the build lack. `listed` are the platforms that the builder
 * reports. Without `listed`, the emulators are read from this machine's kernel if the engine is local, which needs no
 * docker command. `meanwhile` runs during the registration; if nothing is missing, it does not run.
 */
export async function provideEmulators(
  runtime: Runtime,
  plan: BuildPlan,
  docker: Docker,
  {
    listed,
    meanwhile,
  }: { readonly listed?: readonly string[]; readonly meanwhile?: () => Promise<unknown> } = {},
): Promise<void> {
  if (plan.result.kind === 'call' || plan.platforms.length === 0) return
  const missing = listed
    ? unlisted(plan.platforms, listed)
    : await findMissing(runtime, plan.platforms, docker)
  if (missing.length === 0) return
  if (docker.rootless) throw new Failure('preflight', rootless(missing))
  const [outcome] = await Promise.all([
    runWithRetries(runtime, installCommand(plan.builder.qemuImage, missing)),
    meanwhile?.(),
  ])
  if (outcome.code !== 0) runtime.log.warning(notInstalled(missing))
}

async function findMissing(
  runtime: Runtime,
  platforms: readonly string[],
  docker: Docker,
): Promise<string[]> {
  const foreign = missingEmulators(platforms, docker.platform, [])
  if (foreign.length === 0) return []
  if (isLocal(runtime, docker))
    return missingEmulators(platforms, docker.platform, await registeredEmulators())
  const { code, stdout } = await runtime.run(inspectCommand(docker.context), { signal: runtime.cancelled })
  runtime.cancelled.throwIfAborted()
  return code === 0 ? unlisted(platforms, readPlatforms(stdout)) : foreign
}

/** Reports whether the engine runs on this machine's kernel. */
const isLocal = ({ env }: Runtime, { context }: Docker): boolean =>
  context === 'default' && (env['DOCKER_HOST'] ?? 'unix://').startsWith('unix://')

const rootless = (missing: readonly string[]) => ({
  input: 'platforms',
  cause: `The engine of this runner is rootless and cannot register an emulator for ${missing.join(', ')}.`,
  remedy:
    'Install qemu-user-static on the runner as root, add a node for that platform with `append`, or remove the platform.',
})

/** Returns the warning. It is no error, because a Dockerfile without RUN steps for that platform builds anyway. */
const notInstalled = (missing: readonly string[]): string =>
  `No emulator could be registered for ${missing.join(', ')}: RUN steps for that platform will fail.`

/** QEMU's names of architectures, where they differ: `binfmt --install arm64` registers `qemu-aarch64`. */
const qemuNames: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  '386': 'i386',
  mips64le: 'mips64el',
  loong64: 'loongarch64',
}

/** Returns the name of a platform's emulator in /proc/sys/fs/binfmt_misc. */
function emulatorOf(platform: string): string {
  const architecture = architectureOf(platform)
  return `qemu-${qemuNames[architecture] ?? architecture}`
}
