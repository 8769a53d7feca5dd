import { mkdirSync } from 'node:fs'
import { type Base, baseOf } from './base.ts'
import { type Binfmt, binfmtOf } from './binfmt.ts'
import { type Buildkit, buildkitOf } from './buildkit.ts'
import { machines } from './down.ts'
import { ensureEmulator } from './emulator.ts'
import { missing, unfit } from './missing.ts'
import { type RunnerDocker, type RunnerKind, runnerDocker } from './on-runner.ts'
import { type Place, place } from './place.ts'
import { type Registry, registryOf } from './registry.ts'
import { type Server, type ServerOptions, sharedServer, throwAwayServer } from './server.ts'
import { type Swarm, swarmOf } from './swarm.ts'
import type { Say } from './unpacked.ts'

export { Unavailable } from './apt.ts'
export type { Base } from './base.ts'
export type { Binfmt } from './binfmt.ts'
export type { Buildkit } from './buildkit.ts'
export { members } from './members.ts'
export type { RunnerDocker, RunnerKind } from './on-runner.ts'
export type { Registry } from './registry.ts'
export type { Server, ServerOptions } from './server.ts'
export type { Swarm } from './swarm.ts'
export type { Say } from './unpacked.ts'

/** The servers that tests share: started when first asked for. */
const shared = {
  /** Engine 28, Compose 2.40, the containerd store. */
  modern: { suite: 'sid', store: 'containerd' },
  /** Engine 26.1, Compose 2.26, the classic store. */
  trixie: { suite: 'trixie', store: 'classic' },
  /** Engine 20.10, Compose v1. */
  old: { suite: 'bookworm', store: 'classic' },
} as const satisfies Record<string, ServerOptions>

export type SharedServer = keyof typeof shared

/** Real parts for the action to be driven against: an engine for the runner, registries, servers. */
export interface Rig {
  readonly place: Place
  /** The runner's docker: engine 28, buildx 0.29, the containerd store. */
  readonly runner: RunnerDocker
  /** Other runners, started when first asked for. */
  runnerDocker(kind: RunnerKind): Promise<RunnerDocker>
  /** The registry with a login. */
  readonly registry: Registry
  /** A registry that asks for no login. */
  anonymousRegistry(): Promise<Registry>
  /** A registry that hands out tokens as ghcr.io does, each {@link members member} with rights of its own. */
  tokenRegistry(): Promise<Registry>
  /** The base image, in a registry of the rig: the one that asks for no login, when none is given. */
  base(registry?: Registry): Promise<Base>
  /** What the docker-container driver needs. */
  buildkit(): Promise<Buildkit>
  /** What registers emulators from a container, in the registry that asks for no login. */
  binfmt(): Promise<Binfmt>
  /** Lets this machine run programs of the other architecture, until the rig is taken down. */
  emulator(): Promise<void>
  /** A server that tests share by its name, or one of the caller's own, which the caller removes. */
  server(which?: SharedServer | ServerOptions): Promise<Server>
  /** A swarm of three managers and a worker, which tests share. */
  swarm(): Promise<Swarm>
}

export interface RigOptions {
  readonly directory?: string
  /** Told what is downloaded and started. */
  readonly say?: Say
}

/**
 * The rig, brought up when it is not up. Takes a minute or two the first time, when everything has to be
 * downloaded; seconds when it was taken down; and well under one when it is up.
 */
export async function rig({ directory, say = toStderr }: RigOptions = {}): Promise<Rig> {
  const at = place(directory)
  mkdirSync(at.run, { recursive: true })
  await demand(at, say)
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
        : throwAwayServer(at, which, say),
    swarm: () => swarmOf(at, say),
  }
}

/** Fails with all that this machine lacks; what takes time to find out is asked while nothing is up yet. */
async function demand(at: Place, say: Say): Promise<void> {
  const lacking = await missing(say)
  if (!lacking.length && !machines(at).length) lacking.push(...(await unfit(at.directory)))
  if (lacking.length)
    throw new Error(`The rig cannot run on this machine:\n${lacking.map(line => `- ${line}`).join('\n')}`)
}

const toStderr = (line: string): void => {
  process.stderr.write(`rig: ${line}\n`)
}
