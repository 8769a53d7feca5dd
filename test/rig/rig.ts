import { mkdirSync } from 'node:fs'
import { type Base, baseOf } from './base.ts'
import { type Binfmt, binfmtOf } from './binfmt.ts'
import { type Buildkit, buildkitOf } from './buildkit.ts'
import { machines } from './down.ts'
import { ensureEmulator } from './emulator.ts'
import { type Place, place } from './place.ts'
import { type Registry, registryOf } from './registry.ts'
import { missingMounts, missingRequirements } from './requirements.ts'
import { type RunnerDocker, type RunnerKind, runnerDocker } from './runner-docker.ts'
import { disposableServer, type Server, type ServerOptions, sharedServer } from './server.ts'
import { type Swarm, swarmOf } from './swarm.ts'
import type { Say } from './unpacked.ts'

export { Unavailable } from './apt.ts'
export type { Base } from './base.ts'
export type { Binfmt } from './binfmt.ts'
export type { Buildkit } from './buildkit.ts'
export { members } from './members.ts'
export type { Registry } from './registry.ts'
export type { RunnerDocker, RunnerKind } from './runner-docker.ts'
export type { Server, ServerOptions } from './server.ts'
export type { Swarm } from './swarm.ts'
export type { Say } from './unpacked.ts'

/** The servers that tests share. Each is started when first requested. */
const shared = {
  /** Engine 28, Compose 2.40, the containerd store. */
  modern: { suite: 'sid', store: 'containerd' },
  /** Engine 26.1, Compose 2.26, the classic store. */
  trixie: { suite: 'trixie', store: 'classic' },
  /** Engine 20.10, Compose v1. */
  old: { suite: 'bookworm', store: 'classic' },
} as const satisfies Record<string, ServerOptions>

export type SharedServer = keyof typeof shared

/** The real systems that the action is tested against: an engine for the runner, registries, servers. */
export interface Rig {
  readonly place: Place
  /** The runner's docker: engine 28, buildx 0.29, the containerd store. */
  readonly runner: RunnerDocker
  /** Returns another runner's docker. Starts it when first requested. */
  runnerDocker(kind: RunnerKind): Promise<RunnerDocker>
  /** The registry with a login. */
  readonly registry: Registry
  /** A registry that requires no login. */
  anonymousRegistry(): Promise<Registry>
  /** A registry that issues tokens like ghcr.io. Each {@link members member} has different permissions. */
  tokenRegistry(): Promise<Registry>
  /** The base image in a registry of the rig. Default: the anonymous registry. */
  base(registry?: Registry): Promise<Base>
  /** The BuildKit image and options for the docker-container driver. */
  buildkit(): Promise<Buildkit>
  /** The image that registers emulators from a container, in the anonymous registry. */
  binfmt(): Promise<Binfmt>
  /** Enables this machine to run programs of the other architecture, until the rig is taken down. */
  emulator(): Promise<void>
  /** Returns a shared server by name, or starts one with these options, which the caller has to remove. */
  server(which?: SharedServer | ServerOptions): Promise<Server>
  /** Returns the swarm that tests share: three managers and a worker. */
  swarm(): Promise<Swarm>
}

export interface RigOptions {
  readonly directory?: string
  /** Called with progress messages about downloads and starts. Default: prints them to stderr. */
  readonly say?: Say
}

/**
 * Returns the rig. Starts it if it is not up. Takes a minute or two the first time, when everything has to be
 * downloaded; seconds after the rig was taken down; and well under a second when it is up.
 */
export async function rig({ directory, say = toStderr }: RigOptions = {}): Promise<Rig> {
  const at = place(directory)
  mkdirSync(at.run, { recursive: true })
  await checkRequirements(at, say)
  const [runner, registry] = await Promise.all([
    runnerDocker(at, 'modern', say),
    registryOf(at, 'login', say),
  ])
  return {
    place: at,
    runner,
    registry,
    runnerDocker: kind => runnerDocker(at, kind, say),
    anonymousRegistry: () => registryOf(at, 'anonymous', say),
    tokenRegistry: () => registryOf(at, 'token', say),
    base: async of => baseOf(at, of ?? (await registryOf(at, 'anonymous', say)), runner, say),
    buildkit: async () => buildkitOf(at, await registryOf(at, 'anonymous', say), runner, say),
    binfmt: async () => {
      const anonymous = await registryOf(at, 'anonymous', say)
      return await binfmtOf(at, await baseOf(at, anonymous, runner, say), anonymous, runner, say)
    },
    emulator: () => ensureEmulator(at, say),
    server: (which = 'modern') =>
      typeof which === 'string'
        ? sharedServer(at, { name: which, ...shared[which] }, say)
        : disposableServer(at, which, say),
    swarm: () => swarmOf(at, say),
  }
}

/**
 * Throws with every requirement that this machine does not meet. Tries the mounts, which takes longer, only while no
 * machine of the rig is up.
 */
async function checkRequirements(at: Place, say: Say): Promise<void> {
  const problems = await missingRequirements(say)
  if (!problems.length && !machines(at).length) problems.push(...(await missingMounts(at.directory)))
  if (problems.length)
    throw new Error(`The rig cannot run on this machine:\n${problems.map(line => `- ${line}`).join('\n')}`)
}

const toStderr = (line: string): void => {
  process.stderr.write(`rig: ${line}\n`)
}
