import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { removeCgroups } from './cgroups.ts'
import { attempt, type Ended, launch, type Options, run } from './command.ts'
import { layOut, type OwnFile } from './layout.ts'
import { addNamespace, ensureBridge, namespaceOf, removeNamespace } from './network.ts'
import type { Place } from './place.ts'
import { alive, end, forget, read, type TrackedProcess, track, write } from './record.ts'
import { until } from './until.ts'

/** The specification of a rig machine. */
export interface MachineSpec {
  readonly name: string
  /** Directories with a `usr` and an `etc` each, which are overlaid on the host's, the first on top. */
  readonly layers: readonly string[]
  /** The machine's own files by path. */
  readonly files: Readonly<Record<string, OwnFile>>
  /** A shell script that root runs once, before any service is started. */
  readonly prepare: string
}

/** The record of a machine that was started. */
export interface Machine {
  readonly name: string
  readonly address: string
  /** Its init process, with the ID that it has on the host. When it exits, every process of the machine is killed. */
  readonly first: TrackedProcess
  /** The directory with the machine's files. */
  readonly directory: string
  /** A hash of the specification and the code, to detect a machine that was started with others. */
  readonly stamp: string
  readonly spec: MachineSpec
}

const script = fileURLToPath(new URL('machine.sh', import.meta.url))

const partOf = (name: string): string => `machine-${name}`

export const directoryOf = (at: Place, name: string): string => join(at.run, 'machines', name)

export const stampOf = (spec: MachineSpec): string =>
  createHash('sha256').update(JSON.stringify(spec)).update(readFileSync(script)).digest('hex').slice(0, 16)

/** Returns the record of a machine, whether it is alive or not. */
export const recorded = (at: Place, name: string): Machine | undefined => read<Machine>(at, partOf(name))

/** Returns the machine if it is alive and was started with the same specification and code. */
export function runningMachine(at: Place, spec: MachineSpec): Machine | undefined {
  const machine = recorded(at, spec.name)
  return machine && machine.stamp === stampOf(spec) && alive(machine.first) ? machine : undefined
}

const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
}

/** Returns the arguments of nsenter that enter a machine. A command follows them, and runs there as root. */
export const entering = (machine: Machine): string[] => [
  '--target',
  String(machine.first.pid),
  ...['--mount', '--net', '--pid', '--uts', '--ipc', '--'],
]

/** Runs a command as root inside a machine, to its end. Resolves with any exit code. */
export const attemptInside = (
  machine: Machine,
  command: readonly string[],
  options: Options = {},
): Promise<Ended> =>
  attempt('nsenter', [...entering(machine), ...command], {
    ...options,
    env: { ...environment, ...options.env },
  })

export const runInside = (
  machine: Machine,
  command: readonly string[],
  options: Options = {},
): Promise<string> =>
  run('nsenter', [...entering(machine), ...command], { ...options, env: { ...environment, ...options.env } })

/** Starts a background command inside a machine. Its output goes to the file `log`.log of the machine. */
export const launchInside = (machine: Machine, command: readonly string[], log: string): Promise<number> =>
  launch('nsenter', [...entering(machine), ...command], join(machine.directory, `${log}.log`), environment)

const lowerDirectories = (spec: MachineSpec, tree: 'usr' | 'etc'): string =>
  [...spec.layers.map(layer => join(layer, tree)), `/${tree}`].join(':')

/** Starts the init process of a machine whose files exist, and waits until the machine can be used. */
async function boot(at: Place, spec: MachineSpec): Promise<TrackedProcess> {
  const directory = directoryOf(at, spec.name)
  const pidFile = join(directory, 'root/rig/pid')
  const log = join(directory, 'machine.log')
  rmSync(pidFile, { force: true })
  const namespace = `/run/netns/${namespaceOf(at, spec.name)}`
  const unshare = ['unshare', '--mount', '--uts', '--ipc', '--pid', '--fork']
  const init = [
    'sh',
    script,
    directory,
    spec.name,
    lowerDirectories(spec, 'usr'),
    lowerDirectories(spec, 'etc'),
  ]
  const parent = track(await launch('nsenter', [`--net=${namespace}`, ...unshare, ...init], log, environment))
  const failed = (): string => `machine ${spec.name} did not start:\n${readFileSync(log, 'utf8')}`
  return await until(() => {
    if (existsSync(pidFile)) return track(Number(readFileSync(pidFile, 'utf8')))
    if (!alive(parent)) throw new Error(failed())
    return undefined
  }, failed)
}

/** Starts a machine from scratch. Removes a previous machine of the same name. */
export async function start(at: Place, spec: MachineSpec): Promise<Machine> {
  const previous = recorded(at, spec.name)
  if (previous) await remove(at, previous)
  const directory = directoryOf(at, spec.name)
  await rm(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  layOut(directory, spec.files)
  await ensureBridge(at)
  const address = await addNamespace(at, spec.name)
  const first = await boot(at, spec)
  const machine = { name: spec.name, address, first, directory, stamp: stampOf(spec), spec }
  write(at, partOf(spec.name), machine)
  await runInside(machine, ['sh', '-eu'], { stdin: spec.prepare })
  return machine
}

/** Kills every process of a machine at once, like a power cut. Its files stay. */
export const powerOff = (machine: Machine): Promise<void> => end(machine.first)

/** Starts a machine again after `powerOff`, with the files that it had. */
export async function powerOn(at: Place, machine: Machine): Promise<Machine> {
  const again = { ...machine, first: await boot(at, machine.spec) }
  write(at, partOf(machine.name), again)
  return again
}

/** Removes a machine: its processes, mounts, namespaces, network interface, control groups and files. */
export async function remove(at: Place, machine: Machine): Promise<void> {
  await powerOff(machine)
  await removeNamespace(at, machine.name)
  removeCgroups(at, machine.name)
  await rm(machine.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  forget(at, partOf(machine.name))
}
