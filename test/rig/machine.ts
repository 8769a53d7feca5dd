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
import { alive, end, forget, type Living, living, read, write } from './record.ts'
import { until } from './until.ts'

/** What a machine of the rig is made of. */
export interface MachineSpec {
  readonly name: string
  /** Folders with a `usr` and an `etc` each, that lie over the host's own, the first on top. */
  readonly layers: readonly string[]
  /** Its own files, by their paths. */
  readonly files: Readonly<Record<string, OwnFile>>
  /** What root does there once, with sh, before anything is started. */
  readonly prepare: string
}

/** A machine that was brought up. */
export interface Machine {
  readonly name: string
  readonly address: string
  /** Its first process, by the number it has on the host: when it ends, every process of the machine ends. */
  readonly first: Living
  /** The folder with its files. */
  readonly directory: string
  /** Tells a machine of other code or other options. */
  readonly stamp: string
  readonly spec: MachineSpec
}

const script = fileURLToPath(new URL('machine.sh', import.meta.url))

const partOf = (name: string): string => `machine-${name}`

export const directoryOf = (at: Place, name: string): string => join(at.run, 'machines', name)

export const stampOf = (spec: MachineSpec): string =>
  createHash('sha256').update(JSON.stringify(spec)).update(readFileSync(script)).digest('hex').slice(0, 16)

/** The machine of that name as it was written down, whether it lives or not. */
export const recorded = (at: Place, name: string): Machine | undefined => read<Machine>(at, partOf(name))

/** The machine, when it lives and is of this very make. */
export function standing(at: Place, spec: MachineSpec): Machine | undefined {
  const machine = recorded(at, spec.name)
  return machine && machine.stamp === stampOf(spec) && alive(machine.first) ? machine : undefined
}

const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
}

/** The arguments of nsenter that run a command as root inside a machine. */
export const entering = (machine: Machine): string[] => [
  '--target',
  String(machine.first.pid),
  ...['--mount', '--net', '--pid', '--uts', '--ipc', '--'],
]

/** Runs a command as root inside a machine, to its end. */
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

/** Starts a command inside a machine that lives until the machine ends; its output goes to a log of the machine. */
export const launchInside = (machine: Machine, command: readonly string[], log: string): Promise<number> =>
  launch('nsenter', [...entering(machine), ...command], join(machine.directory, `${log}.log`), environment)

const over = (spec: MachineSpec, tree: 'usr' | 'etc'): string =>
  [...spec.layers.map(layer => join(layer, tree)), `/${tree}`].join(':')

/** Starts the first process on files that are laid out, and waits until the machine can be used. */
async function boot(at: Place, spec: MachineSpec): Promise<Living> {
  const directory = directoryOf(at, spec.name)
  const said = join(directory, 'root/rig/pid')
  const log = join(directory, 'machine.log')
  rmSync(said, { force: true })
  const namespace = `/run/netns/${namespaceOf(at, spec.name)}`
  const unshare = ['unshare', '--mount', '--uts', '--ipc', '--pid', '--fork']
  const first = ['sh', script, directory, spec.name, over(spec, 'usr'), over(spec, 'etc')]
  const parent = living(
    await launch('nsenter', [`--net=${namespace}`, ...unshare, ...first], log, environment),
  )
  const failed = (): string => `machine ${spec.name} did not start:\n${readFileSync(log, 'utf8')}`
  return await until(() => {
    if (existsSync(said)) return living(Number(readFileSync(said, 'utf8')))
    if (!alive(parent)) throw new Error(failed())
    return undefined
  }, failed)
}

/** Brings up a machine from nothing; what stood under its name before is removed. */
export async function start(at: Place, spec: MachineSpec): Promise<Machine> {
  const before = recorded(at, spec.name)
  if (before) await remove(at, before)
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

/** Ends every process of a machine at once, as a power cut does; its files stay. */
export const cut = (machine: Machine): Promise<void> => end(machine.first)

/** Starts a machine that was cut again, with the files it had. */
export async function bootAgain(at: Place, machine: Machine): Promise<Machine> {
  const again = { ...machine, first: await boot(at, machine.spec) }
  write(at, partOf(machine.name), again)
  return again
}

/** Takes a machine down: its processes, mounts, namespaces, link, control groups and files. */
export async function remove(at: Place, machine: Machine): Promise<void> {
  await cut(machine)
  await removeNamespace(at, machine.name)
  removeCgroups(at, machine.name)
  await rm(machine.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  forget(at, partOf(machine.name))
}
