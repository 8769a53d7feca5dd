import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch, run } from './command.ts'
import { members, shipwright } from './members.ts'
import { ensureBridge } from './network.ts'
import { gateway, type Place, portOffsets } from './place.ts'
import { alive, end, ensure, forget, read, type TrackedProcess, track, write } from './record.ts'
import { accessOf } from './secrets.ts'
import { programIn, toolsOf } from './suites.ts'
import type { Configuration } from './token-server.ts'
import type { Say } from './unpacked.ts'
import { until } from './until.ts'

/** A registry of the rig: the reference implementation (distribution) over plain HTTP, with deletion enabled. */
export interface Registry {
  /** `address:port`, the beginning of an image reference. */
  readonly host: string
  readonly url: string
  /** Empty, like the password, if the registry requires no login. */
  readonly username: string
  readonly password: string
  readonly process: TrackedProcess
  /** The directory with the registry's content. */
  readonly directory: string
}

export type RegistryKind = 'login' | 'anonymous' | 'token'

/** Includes `behind`, the upstream of the token registry, which stores its content. */
type AnyKind = keyof typeof portOffsets

/** The record of a registry. */
interface RecordedRegistry extends Registry {
  /** A hash of its configuration and code, to detect a registry that was started with others. */
  readonly stamp: string
}

const configurationOf = (host: string, directory: string, htpasswd: string): string =>
  `version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${directory}/content }
  delete: { enabled: true }
http: { addr: "${host}", secret: slipway-rig }
${htpasswd ? `auth: { htpasswd: { realm: slipway-rig, path: ${htpasswd} } }\n` : ''}`

/**
 * Hashes a password with bcrypt, the only hash that the registry accepts. The crypt(3) of Debian's perl supports it.
 * The password is passed on stdin.
 */
const bcrypt = (password: string): Promise<string> =>
  run('perl', ['-e', 'chomp($p = <STDIN>); print crypt($p, "\\$2b\\$04\\$slipwayrigslipwayrig..")'], {
    stdin: password,
  })

const answers = async (url: string): Promise<true | undefined> =>
  (await fetch(`${url}/v2/`).then(
    response => response.status === 200 || response.status === 401,
    () => false,
  )) || undefined

const portOf = (at: Place, kind: AnyKind): number => at.firstPort + portOffsets[kind]

const hostOf = (at: Place, kind: AnyKind): string => `${gateway(at)}:${portOf(at, kind)}`

/** Returns the hosts of the registries that clients access, all over plain HTTP. */
export const plainHosts = (at: Place): string[] =>
  (['login', 'anonymous', 'token'] as const).map(kind => hostOf(at, kind))

const part = (kind: AnyKind): string => `registry-${kind}`

const folderOf = (at: Place, kind: AnyKind): string => {
  const directory = join(at.run, part(kind))
  mkdirSync(directory, { recursive: true })
  return directory
}

/**
 * Starts the process of a registry and waits until it answers. Kills a previous one first, which may hang. Records the
 * new process before it waits, so that it can be found again even if we are killed.
 */
async function launchRegistry(
  at: Place,
  kind: AnyKind,
  registry: Omit<RecordedRegistry, 'process'>,
  command: readonly string[],
): Promise<RecordedRegistry> {
  const previous = read<RecordedRegistry>(at, part(kind))?.process
  if (previous) await end(previous)
  const log = join(folderOf(at, kind), 'registry.log')
  rmSync(log, { force: true })
  const [file = '', ...args] = command
  const started = { ...registry, process: track(await launch(file, args, log)) }
  write(at, part(kind), started)
  const failed = (): string =>
    `the registry at ${registry.url} does not answer:\n${readFileSync(log, 'utf8')}`
  await until(() => {
    if (!alive(started.process)) throw new Error(failed())
    return answers(registry.url)
  }, failed)
  return started
}

async function startRegistry(
  at: Place,
  kind: Exclude<AnyKind, 'token'>,
  say: Say,
): Promise<RecordedRegistry> {
  const [tools, access] = await Promise.all([toolsOf(at, say), accessOf(at), ensureBridge(at)])
  const directory = folderOf(at, kind)
  const password = kind === 'login' ? access.registryPassword : ''
  const username = password && shipwright
  const htpasswd = username && join(directory, 'htpasswd')
  if (htpasswd) writeFileSync(htpasswd, `${username}:${await bcrypt(password)}\n`, { mode: 0o600 })
  const host = hostOf(at, kind)
  const file = join(directory, 'config.yml')
  writeFileSync(file, configurationOf(host, directory, htpasswd))
  const registry = { host, url: `http://${host}`, username, password, directory, stamp: stampOf(at, kind) }
  return await launchRegistry(at, kind, registry, [programIn(tools, 'docker-registry'), 'serve', file])
}

const tokenServer = fileURLToPath(new URL('token-server.ts', import.meta.url))

async function startTokenRegistry(at: Place, say: Say): Promise<RecordedRegistry> {
  const [upstream, access] = await Promise.all([runningRegistry(at, 'behind', say), accessOf(at)])
  const host = hostOf(at, 'token')
  const password = access.registryPassword
  const file = join(folderOf(at, 'token'), 'config.json')
  const settings = {
    address: gateway(at),
    port: portOf(at, 'token'),
    upstream: upstream.url,
    members,
    password,
  }
  writeFileSync(file, JSON.stringify(settings satisfies Configuration), { mode: 0o600 })
  const described = {
    host,
    url: `http://${host}`,
    username: shipwright,
    password,
    stamp: stampOf(at, 'token'),
  }
  return await launchRegistry(at, 'token', { ...described, directory: upstream.directory }, [
    process.execPath,
    tokenServer,
    file,
  ])
}

const stampOf = (at: Place, kind: AnyKind): string => {
  const content =
    kind === 'token'
      ? readFileSync(tokenServer, 'utf8') + JSON.stringify(members)
      : configurationOf('', at.run, kind)
  return createHash('sha256').update(content).digest('hex').slice(0, 16)
}

const runningRegistry = (at: Place, kind: AnyKind, say: Say): Promise<RecordedRegistry> =>
  ensure(
    at,
    part(kind),
    async () => {
      const registry = read<RecordedRegistry>(at, part(kind))
      return registry?.stamp === stampOf(at, kind) && alive(registry.process) && (await answers(registry.url))
        ? registry
        : undefined
    },
    () => (kind === 'token' ? startTokenRegistry(at, say) : startRegistry(at, kind, say)),
  )

/** Returns a registry of the rig. Starts it if it does not run. */
export const registryOf = (at: Place, kind: RegistryKind, say: Say): Promise<Registry> =>
  runningRegistry(at, kind, say)

/** Kills the registries that were started. */
export const endRegistries = async (at: Place): Promise<void> => {
  for (const kind of Object.keys(portOffsets) as AnyKind[]) {
    const registry = read<RecordedRegistry>(at, part(kind))
    if (registry) await end(registry.process)
    forget(at, part(kind))
  }
}
