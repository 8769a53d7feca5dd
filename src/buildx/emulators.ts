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

/** Where Linux lists the registered emulators. */
const registered = '/proc/sys/fs/binfmt_misc'

/** Returns the emulators that containers can use: those that the kernel keeps open (flag `F`). */
export async function emulatorsHere(directory = registered): Promise<string[]> {
  const names = await readdir(directory).catch(() => [])
  const usable = await Promise.all(names.map(name => isUsable(join(directory, name))))
  return names.filter((name, place) => name.startsWith('qemu-') && usable[place])
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
  return platforms.filter(each => !isNative(each, machine) && !emulators.includes(emulatorOf(each)))
}

/** Returns the platforms that a builder does not list. A node that runs an architecture runs its variants. */
export function unlisted(platforms: readonly string[], listed: readonly string[]): string[] {
  return platforms.filter(
    each => each !== 'local' && !listed.some(known => isNative(each, known) || known === each),
  )
}

/** Returns the command that registers these emulators with the kernel of the engine's machine, until it restarts. */
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
 * Registers the emulators that the build's platforms lack, and no others. `listed` is what the builder says it can
 * run, where it was asked; else the kernel is looked at, which costs no call of docker. `meanwhile` is done while there
 * is one to wait for.
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
  if (isLocal(runtime, docker)) return missingEmulators(platforms, docker.platform, await emulatorsHere())
  const { code, stdout } = await runtime.run(inspectCommand(docker.context), { signal: runtime.cancelled })
  runtime.cancelled.throwIfAborted()
  return code === 0 ? unlisted(platforms, readPlatforms(stdout)) : foreign
}

/** The engine runs on this machine's kernel. */
const isLocal = ({ env }: Runtime, { context }: Docker): boolean =>
  context === 'default' && (env['DOCKER_HOST'] ?? 'unix://').startsWith('unix://')

const rootless = (missing: readonly string[]) => ({
  input: 'platforms',
  cause: `The engine of this runner is rootless, and cannot register an emulator for ${missing.join(', ')}.`,
  remedy:
    'Register it once as root on the machine (the package qemu-user-static does), name a node of that platform by `append`, or leave the platform out.',
})

/** Warns only: a Dockerfile without RUN steps for the foreign platform builds anyway. */
const notInstalled = (missing: readonly string[]): string =>
  `No emulator could be registered for ${missing.join(', ')}: a RUN step for it will fail.`

/** What an emulator is called: `binfmt --install arm64`, which registers `qemu-aarch64`. */
const emulators: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  '386': 'i386',
  mips64le: 'mips64el',
  loong64: 'loongarch64',
}

/** The name that an emulator has in /proc/sys/fs/binfmt_misc. */
function emulatorOf(platform: string): string {
  const architecture = architectureOf(platform)
  return `qemu-${emulators[architecture] ?? architecture}`
}
