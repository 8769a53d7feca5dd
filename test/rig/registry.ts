import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch, run } from './command.ts'
import { members, shipwright } from './members.ts'
import { ensureBridge } from './network.ts'
import { gateway, type Place, portOffsets } from './place.ts'
import { alive, end, ensure, forget, type Living, living, read, write } from './record.ts'
import { accessOf } from './secrets.ts'
import { programIn, toolsOf } from './suites.ts'
import type { Configuration } from './token-server.ts'
import type { Say } from './unpacked.ts'
import { until } from './until.ts'

/** A registry of the rig: the distribution project's own, deletes allowed, over plain HTTP. */
export interface Registry {
  /** `address:port`, as a reference begins with. */
  readonly host: string
  readonly url: string
  /** Both empty where no login is asked for. */
  readonly username: string
  readonly password: string
  readonly process: Living
  /** The folder with its content. */
  readonly directory: string
}

export type RegistryKind = 'login' | 'anonymous' | 'token'

/** `behind` is what the registry with tokens keeps its content in. */
type Kind = keyof typeof portOffsets

/** A registry as it was written down; its stamp tells one of other code. */
interface Standing extends Registry {
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

/** The registry takes bcrypt alone, which the crypt(3) of Debian's perl can do. The password goes by stdin. */
const bcrypt = (password: string): Promise<string> =>
  run('perl', ['-e', 'chomp($p = <STDIN>); print crypt($p, "\\$2b\\$04\\$slipwayrigslipwayrig..")'], {
    stdin: password,
  })

const answers = async (url: string): Promise<true | undefined> =>
  (await fetch(`${url}/v2/`).then(
    response => response.status === 200 || response.status === 401,
    () => false,
  )) || undefined

const portOf = (at: Place, kind: Kind): number => at.firstPort + portOffsets[kind]

const hostOf = (at: Place, kind: Kind): string => `${gateway(at)}:${portOf(at, kind)}`

/** The registries that clients speak to, each over plain HTTP. */
export const plainHosts = (at: Place): string[] =>
  (['login', 'anonymous', 'token'] as const).map(kind => hostOf(at, kind))

const part = (kind: Kind): string => `registry-${kind}`

const folderOf = (at: Place, kind: Kind): string => {
  const directory = join(at.run, part(kind))
  mkdirSync(directory, { recursive: true })
  return directory
}

/**
 * Starts the process of a registry, in place of one that may have hung there, and waits until it answers. It is
 * written down before that, so that it is found again whatever becomes of us.
 */
async function serve(
  at: Place,
  kind: Kind,
  registry: Omit<Standing, 'process'>,
  command: readonly string[],
): Promise<Standing> {
  const before = read<Standing>(at, part(kind))?.process
  if (before) await end(before)
  const log = join(folderOf(at, kind), 'registry.log')
  rmSync(log, { force: true })
  const [file = '', ...args] = command
  const started = { ...registry, process: living(await launch(file, args, log)) }
  write(at, part(kind), started)
  const failed = (): string =>
    `the registry at ${registry.url} does not answer:\n${readFileSync(log, 'utf8')}`
  await until(() => {
    if (!alive(started.process)) throw new Error(failed())
    return answers(registry.url)
  }, failed)
  return started
}

async function plain(at: Place, kind: Exclude<Kind, 'token'>, say: Say): Promise<Standing> {
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
  return await serve(at, kind, registry, [programIn(tools, 'docker-registry'), 'serve', file])
}

const tokenServer = fileURLToPath(new URL('token-server.ts', import.meta.url))

async function withTokens(at: Place, say: Say): Promise<Standing> {
  const [behind, access] = await Promise.all([standing(at, 'behind', say), accessOf(at)])
  const host = hostOf(at, 'token')
  const password = access.registryPassword
  const file = join(folderOf(at, 'token'), 'config.json')
  const settings = {
    address: gateway(at),
    port: portOf(at, 'token'),
    upstream: behind.url,
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
  return await serve(at, 'token', { ...described, directory: behind.directory }, [
    process.execPath,
    tokenServer,
    file,
  ])
}

const stampOf = (at: Place, kind: Kind): string => {
  const made =
    kind === 'token'
      ? readFileSync(tokenServer, 'utf8') + JSON.stringify(members)
      : configurationOf('', at.run, kind)
  return createHash('sha256').update(made).digest('hex').slice(0, 16)
}

const standing = (at: Place, kind: Kind, say: Say): Promise<Standing> =>
  ensure(
    at,
    part(kind),
    async () => {
      const registry = read<Standing>(at, part(kind))
      return registry?.stamp === stampOf(at, kind) && alive(registry.process) && (await answers(registry.url))
        ? registry
        : undefined
    },
    () => (kind === 'token' ? withTokens(at, say) : plain(at, kind, say)),
  )

/** A registry of the rig, as it stands or brought up. */
export const registryOf = (at: Place, kind: RegistryKind, say: Say): Promise<Registry> =>
  standing(at, kind, say)

/** Ends the registries that were brought up. */
export const endRegistries = async (at: Place): Promise<void> => {
  for (const kind of Object.keys(portOffsets) as Kind[]) {
    const registry = read<Standing>(at, part(kind))
    if (registry) await end(registry.process)
    forget(at, part(kind))
  }
}
