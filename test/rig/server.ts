import { randomBytes } from 'node:crypto'
import type { Ended } from './command.ts'
import {
  type EngineSettings,
  engineFiles,
  isServing,
  type Store,
  socketOf,
  startEngine,
  stopEngine,
} from './engine.ts'
import { logoutFiles, prepareLingering } from './logout.ts'
import {
  attemptInside,
  type Machine,
  type MachineSpec,
  powerOff,
  powerOn,
  remove,
  runningMachine,
  start,
} from './machine.ts'
import type { Place } from './place.ts'
import { ensure } from './record.ts'
import { type Access, accessOf } from './secrets.ts'
import {
  type HostKey,
  hostKeysOf,
  isListening,
  killSshd,
  makeHostKeys,
  sshdFiles,
  startSshd,
} from './sshd.ts'
import { engineOf, packageOf, prepareEngine, type Suite, toolsOf } from './suites.ts'
import type { Say } from './unpacked.ts'
import { accountFiles, makeHomes, type UserName, users } from './users.ts'

/** The options of a server. */
export interface ServerOptions {
  /** Required for a shared server. A disposable server gets a random name by default. */
  readonly name?: string
  /** The Debian suite of its engine. Default: sid (engine 28). */
  readonly suite?: Suite
  /** The engine's image store. Default: classic for bookworm and trixie, containerd for sid. */
  readonly store?: Store
  /** Additional settings for its engine's daemon.json. */
  readonly engine?: EngineSettings
  /** Additional packages of this machine's distribution, unpacked but not configured. */
  readonly packages?: readonly string[]
  /** The directory of docker, if not /usr/bin: one that is not in the PATH of a login, such as /snap/bin. */
  readonly dockerIn?: string
  /** Kills a login's processes at logout, as logind does with KillUserProcesses=yes. */
  readonly logoutKills?: boolean
  /**
   * Together with `logoutKills`: a login can start processes that stay, as if the user lingers (`loginctl
   * enable-linger`).
   */
  readonly lingers?: boolean
  /** A shell script that root runs once, before the engine and sshd start. */
  readonly prepare?: string
}

/** A server with its own engine, sshd and address. */
export interface Server {
  readonly name: string
  readonly address: string
  readonly port: 22
  readonly hostKeys: readonly HostKey[]
  /** All host keys, as lines of known_hosts. */
  readonly knownHosts: string
  /** The fingerprint of the ed25519 host key. */
  readonly fingerprint: string
  readonly users: readonly UserName[]
  readonly access: Access
  readonly machine: Machine
  /** The engine's socket, by its path on the host. */
  readonly dockerHost: string
  /** Runs `sh -c` on the server as root, or as another user in that user's home directory. */
  exec(command: string, options?: { stdin?: string; user?: UserName; timeout?: number }): Promise<Ended>
  /** Runs the server's docker as root. */
  docker(...args: string[]): Promise<Ended>
  /** Sends SIGTERM or SIGKILL to the engine. Resolves when it has exited. */
  stopEngine(signal?: 'TERM' | 'KILL'): Promise<void>
  startEngine(): Promise<void>
  killSshd(what?: 'listener' | 'sessions' | 'all'): Promise<void>
  startSshd(): Promise<void>
  /** Simulates a power cut and a boot: files stay; /run, /dev/shm and every process are lost. */
  reboot(): Promise<Server>
  /** Removes the server with its files. */
  remove(): Promise<void>
}

async function specOf(at: Place, name: string, options: ServerOptions, say: Say): Promise<MachineSpec> {
  const { suite = 'sid', dockerIn, packages = [] } = options
  const store = options.store ?? (suite === 'sid' ? 'containerd' : 'classic')
  const layers = await Promise.all([
    toolsOf(at, say),
    engineOf(at, suite, say),
    ...packages.map(name => packageOf(at, name, say)),
  ])
  const access = await accessOf(at)
  const move = dockerIn ? `umask 022\nmkdir -p '${dockerIn}'\nmv /usr/bin/docker '${dockerIn}/docker'\n` : ''
  return {
    name,
    layers,
    files: {
      '/etc/hosts': { text: `127.0.0.1 localhost\n127.0.1.1 ${name}\n` },
      '/etc/resolv.conf': { text: '' },
      ...engineFiles(at, name, store, options.engine),
      ...sshdFiles(users),
      ...(await accountFiles(users, access.password, `${dockerIn ?? '/usr/bin'}/docker`)),
      ...(options.logoutKills ? logoutFiles(at, name, options.lingers === true) : {}),
    },
    prepare: `${prepareEngine(suite)}${makeHomes(users, access.publicKeys)}${makeHostKeys}${move}${options.lingers ? prepareLingering(at, name) : ''}${options.prepare ?? ''}`,
  }
}

const startServices = async (machine: Machine): Promise<void> => {
  await Promise.all([startEngine(machine), startSshd(machine)])
}

/** Returns a shared server. Starts it if it does not run, or if its engine or sshd does not answer. */
export async function sharedServer(
  at: Place,
  options: ServerOptions & { name: string },
  say: Say,
): Promise<Server> {
  const spec = await specOf(at, options.name, options, say)
  const machine = await ensure(
    at,
    `server-${options.name}`,
    () => healthyMachine(at, spec),
    async () => {
      say(`Starting server ${options.name}`)
      const started = await start(at, spec)
      await startServices(started)
      return started
    },
  )
  return await serverOf(at, machine, options)
}

/** Returns the machine if it runs and its engine and sshd answer. */
async function healthyMachine(at: Place, spec: MachineSpec): Promise<Machine | undefined> {
  const machine = runningMachine(at, spec)
  if (!machine) return undefined
  const [engine, sshd] = await Promise.all([isServing(socketOf(machine)), isListening(machine.address, 22)])
  return engine && sshd ? machine : undefined
}

/** Returns a server if it runs and is healthy. Starts nothing. */
export async function runningServer(
  at: Place,
  options: ServerOptions & { name: string },
  say: Say,
): Promise<Server | undefined> {
  const machine = await healthyMachine(at, await specOf(at, options.name, options, say))
  return machine && (await serverOf(at, machine, options))
}

/** Starts a server for one test, which has to remove it. */
export async function disposableServer(at: Place, options: ServerOptions, say: Say): Promise<Server> {
  const name = options.name ?? `t${randomBytes(3).toString('hex')}`
  const machine = await start(at, await specOf(at, name, options, say))
  try {
    await startServices(machine)
  } catch (error) {
    await remove(at, machine)
    throw error
  }
  return await serverOf(at, machine, options)
}

async function serverOf(at: Place, machine: Machine, options: ServerOptions): Promise<Server> {
  const hostKeys = hostKeysOf(machine)
  const exec: Server['exec'] = (command, { user, ...rest } = {}) =>
    attemptInside(
      machine,
      user ? ['su', '-s', '/bin/sh', '-', user, '-c', command] : ['sh', '-c', command],
      rest,
    )
  const dockerIn = options.dockerIn ?? '/usr/bin'
  return {
    name: machine.name,
    address: machine.address,
    port: 22,
    hostKeys,
    knownHosts: hostKeys.map(({ line }) => line).join('\n'),
    fingerprint: hostKeys[0]?.fingerprint ?? '',
    users: ['root', ...users.map(({ name }) => name)],
    access: await accessOf(at),
    machine,
    dockerHost: `unix://${socketOf(machine)}`,
    exec,
    docker: (...args) =>
      attemptInside(machine, ['docker', ...args], { env: { PATH: `/usr/bin:/bin:${dockerIn}` } }),
    stopEngine: signal => stopEngine(machine, signal),
    startEngine: () => startEngine(machine),
    killSshd: (what = 'all') => killSshd(machine, what),
    startSshd: () => startSshd(machine),
    reboot: async () => {
      await powerOff(machine)
      const restarted = await powerOn(at, machine)
      await startServices(restarted)
      return await serverOf(at, restarted, options)
    },
    remove: () => remove(at, machine),
  }
}
