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
  bootAgain,
  cut,
  type Machine,
  type MachineSpec,
  remove,
  standing,
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

/** What a server is to be like. */
export interface ServerOptions {
  /** A shared server's name; a throw-away one gets a name of its own when this is left out. */
  readonly name?: string
  /** sid (28) when left out. */
  readonly suite?: Suite
  /** The classic store for bookworm and trixie, containerd for sid, when left out. */
  readonly store?: Store
  /** What its engine's daemon.json says besides. */
  readonly engine?: EngineSettings
  /** Packages of this machine's own distribution that it has besides, unpacked and not set up. */
  readonly packages?: readonly string[]
  /** Where docker is, when not in /usr/bin: a folder that a login's PATH does not hold, such as /snap/bin. */
  readonly dockerIn?: string
  /** Whatever a login started is ended when it logs out, as logind does where KillUserProcesses=yes. */
  readonly logoutKills?: boolean
  /** With it, a login can have something stay, as it can where its user lingers (`loginctl enable-linger`). */
  readonly lingers?: boolean
  /** What root does there with sh once, before the engine and sshd start. */
  readonly prepare?: string
}

/** A server with an engine and an sshd of its own, on an address of its own. */
export interface Server {
  readonly name: string
  readonly address: string
  readonly port: 22
  readonly hostKeys: readonly HostKey[]
  /** All host keys as lines of known_hosts. */
  readonly knownHosts: string
  /** Of the ed25519 host key. */
  readonly fingerprint: string
  readonly users: readonly UserName[]
  readonly access: Access
  readonly machine: Machine
  /** The engine's socket, as the host sees it. */
  readonly dockerHost: string
  /** Runs sh -c as root (or another user, from its home) on the server. */
  exec(command: string, options?: { stdin?: string; user?: UserName; timeout?: number }): Promise<Ended>
  /** Runs the server's own docker as root. */
  docker(...args: string[]): Promise<Ended>
  /** SIGTERM or SIGKILL to the engine; resolves when it is gone. */
  stopEngine(signal?: 'TERM' | 'KILL'): Promise<void>
  startEngine(): Promise<void>
  killSshd(what?: 'listener' | 'sessions' | 'all'): Promise<void>
  startSshd(): Promise<void>
  /** A power cut and a boot: files stay, /run, /dev/shm and every process are gone. */
  reboot(): Promise<Server>
  /** Takes it down, with its files. */
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

const serve = async (machine: Machine): Promise<void> => {
  await Promise.all([startEngine(machine), startSshd(machine)])
}

/** A shared server: as it stands, or brought up. One whose engine or sshd is gone is made whole again. */
export async function sharedServer(
  at: Place,
  options: ServerOptions & { name: string },
  say: Say,
): Promise<Server> {
  const spec = await specOf(at, options.name, options, say)
  const machine = await ensure(
    at,
    `server-${options.name}`,
    () => whole(at, spec),
    async () => {
      say(`Starting server ${options.name}`)
      const started = await start(at, spec)
      await serve(started)
      return started
    },
  )
  return await serverOf(at, machine, options)
}

/** The machine as it stands, when its engine and its sshd answer. */
async function whole(at: Place, spec: MachineSpec): Promise<Machine | undefined> {
  const machine = standing(at, spec)
  if (!machine) return undefined
  const [engine, sshd] = await Promise.all([isServing(socketOf(machine)), isListening(machine.address, 22)])
  return engine && sshd ? machine : undefined
}

/** A server as it stands, when it is whole; nothing is brought up. */
export async function standingServer(
  at: Place,
  options: ServerOptions & { name: string },
  say: Say,
): Promise<Server | undefined> {
  const machine = await whole(at, await specOf(at, options.name, options, say))
  return machine && (await serverOf(at, machine, options))
}

/** A server for one test alone. */
export async function throwAwayServer(at: Place, options: ServerOptions, say: Say): Promise<Server> {
  const name = options.name ?? `t${randomBytes(3).toString('hex')}`
  const machine = await start(at, await specOf(at, name, options, say))
  try {
    await serve(machine)
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
      await cut(machine)
      const again = await bootAgain(at, machine)
      await serve(again)
      return await serverOf(at, again, options)
    },
    remove: () => remove(at, machine),
  }
}
