import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, type Ended } from './command.ts'
import { engineFiles, isServing, type Store, socketOf, startEngine, stopEngine } from './engine.ts'
import { type Machine, type MachineSpec, runningMachine, start } from './machine.ts'
import type { Place } from './place.ts'
import { ensure } from './record.ts'
import { engineOf, prepareEngine, type Suite, toolsOf } from './suites.ts'
import { writeAtomically } from './write-atomically.ts'

/** A runner's docker: a client on PATH, its plugins, and an engine behind a socket. */
export interface RunnerDocker {
  readonly name: string
  /** Variables to merge into a process's environment: PATH, DOCKER_HOST, DOCKER_CONFIG. */
  readonly env: Readonly<Record<'PATH' | 'DOCKER_HOST' | 'DOCKER_CONFIG', string>>
  /** The directory of `docker-buildx` and `docker-compose`, for `cliPluginsExtraDirs` in a test's own DOCKER_CONFIG. */
  readonly plugins: string
  readonly store: Store
  readonly machine: Machine
  docker(...args: string[]): Promise<Ended>
  stopEngine(signal?: 'TERM' | 'KILL'): Promise<void>
  startEngine(): Promise<void>
}

export type RunnerKind = 'modern' | 'classic' | 'trixie'

const kinds: Readonly<Record<RunnerKind, { suite: Suite; store: Store }>> = {
  modern: { suite: 'sid', store: 'containerd' },
  // Like GitHub's ubuntu-24.04: the engine's own builder only builds for one platform.
  classic: { suite: 'sid', store: 'classic' },
  // buildx 0.13 with engine 26, which pushes twice.
  trixie: { suite: 'trixie', store: 'containerd' },
}

type Say = (line: string) => void

/** Returns a runner's docker. Starts its engine if it does not run. */
export async function runnerDocker(at: Place, kind: RunnerKind, say: Say): Promise<RunnerDocker> {
  const { suite, store } = kinds[kind]
  const name = `runner-${kind}`
  const [tools, engine] = await Promise.all([toolsOf(at, say), engineOf(at, suite, say)])
  const spec: MachineSpec = {
    name,
    layers: [tools, engine],
    files: {
      '/etc/hosts': { text: `127.0.0.1 localhost\n127.0.1.1 ${name}\n` },
      '/etc/resolv.conf': { text: '' },
      ...engineFiles(at, name, store),
    },
    prepare: prepareEngine(suite),
  }
  const machine = await ensure(
    at,
    name,
    async () => {
      const machine = runningMachine(at, spec)
      return machine && (await isServing(socketOf(machine))) ? machine : undefined
    },
    async () => {
      say(`Starting the runner's engine (${kind})`)
      const machine = await start(at, spec)
      await startEngine(machine)
      return machine
    },
  )
  return describe(machine, engine, store)
}

function describe(machine: Machine, engine: string, store: Store): RunnerDocker {
  const plugins = join(engine, 'usr/libexec/docker/cli-plugins')
  const config = join(machine.directory, 'docker-config')
  mkdirSync(config, { recursive: true })
  writeAtomically(join(config, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [plugins] }))
  const env = {
    PATH: `${join(engine, 'usr/bin')}:${process.env['PATH'] ?? ''}`,
    DOCKER_HOST: `unix://${socketOf(machine)}`,
    DOCKER_CONFIG: config,
  }
  return {
    name: machine.name,
    env,
    plugins,
    store,
    machine,
    docker: (...args) => attempt('docker', args, { env: { ...process.env, ...env } }),
    stopEngine: signal => stopEngine(machine, signal),
    startEngine: () => startEngine(machine),
  }
}
