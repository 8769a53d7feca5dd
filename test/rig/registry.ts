import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Say } from './apt.ts'
import { launch, run } from './command.ts'
import { ensureBridge } from './network.ts'
import { gateway, type Place } from './place.ts'
import { alive, ensure, type Living, living, read, write } from './record.ts'
import { accessOf } from './secrets.ts'
import { programIn, toolsOf } from './suites.ts'
import type { Member } from './token-front.ts'
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
const ports = { login: 5000, anonymous: 5001, token: 5002, behind: 5012 } as const

const username = 'shipwright'

/** A registry as it was written down; its stamp tells one of other code. */
interface Standing extends Registry {
  readonly stamp: string
}

const configurationOf = (host: string, directory: string, htpasswd: string | undefined): string =>
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

const part = (kind: keyof typeof ports): string => `registry-${kind}`

const folderOf = (at: Place, kind: keyof typeof ports): string => {
  const directory = join(at.run, part(kind))
  mkdirSync(directory, { recursive: true })
  return directory
}

/** Starts a process that serves a registry at `url`, in place of one that may have hung there, and waits for it. */
async function serve(
  at: Place,
  kind: keyof typeof ports,
  url: string,
  command: readonly string[],
): Promise<Living> {
  const before = read<Standing>(at, part(kind))?.process
  if (before && alive(before)) process.kill(before.pid, 'SIGKILL')
  const log = join(folderOf(at, kind), 'registry.log')
  rmSync(log, { force: true })
  const [file = '', ...args] = command
  const started = living(await launch(file, args, log))
  const failed = (): string => `the registry at ${url} does not answer:\n${readFileSync(log, 'utf8')}`
  await until(() => {
    if (!alive(started)) throw new Error(failed())
    return answers(url)
  }, failed)
  return started
}

async function plain(at: Place, kind: 'login' | 'anonymous' | 'behind', say: Say): Promise<Standing> {
  const [tools, access] = await Promise.all([toolsOf(at, say), accessOf(at), ensureBridge(at)])
  const host = `${gateway(at)}:${ports[kind]}`
  const url = `http://${host}`
  const directory = folderOf(at, kind)
  const login =
    kind === 'login' ? { username, password: access.registryPassword } : { username: '', password: '' }
  const htpasswd = login.username ? join(directory, 'htpasswd') : undefined
  if (htpasswd) writeFileSync(htpasswd, `${username}:${await bcrypt(login.password)}\n`, { mode: 0o600 })
  const file = join(directory, 'config.yml')
  writeFileSync(file, configurationOf(host, directory, htpasswd))
  const process = await serve(at, kind, url, [programIn(tools, 'docker-registry'), 'serve', file])
  return { host, url, ...login, process, directory, stamp: stampOf(at, kind) }
}

/** Those who may log in to the registry with tokens, all with its password; the first is its `username`. */
export const members: readonly Member[] = [
  { name: username, may: ['pull', 'push'], refusal: '' },
  { name: 'reader', may: ['pull'], refusal: 'permission_denied: write_package' },
  { name: 'newcomer', may: ['pull'], refusal: 'installation not allowed to Create organization package' },
  { name: 'stranger', may: [], refusal: 'requested access to the resource is denied' },
]

const front = fileURLToPath(new URL('token-front.ts', import.meta.url))

async function withTokens(at: Place, say: Say): Promise<Standing> {
  const [behind, access] = await Promise.all([standing(at, 'behind', say), accessOf(at)])
  const host = `${gateway(at)}:${ports.token}`
  const directory = folderOf(at, 'token')
  const password = access.registryPassword
  const settings = { address: gateway(at), port: ports.token, upstream: behind.url, members, password }
  const file = join(directory, 'config.json')
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 })
  const url = `http://${host}`
  const started = await serve(at, 'token', url, [process.execPath, front, file])
  return {
    host,
    url,
    username,
    password,
    process: started,
    directory: behind.directory,
    stamp: stampOf(at, 'token'),
  }
}

const stampOf = (at: Place, kind: keyof typeof ports): string => {
  const made =
    kind === 'token'
      ? readFileSync(front, 'utf8') + JSON.stringify(members)
      : configurationOf('', at.run, kind)
  return createHash('sha256').update(made).digest('hex').slice(0, 16)
}

const standing = (at: Place, kind: keyof typeof ports, say: Say): Promise<Standing> =>
  ensure(
    at,
    part(kind),
    async () => {
      const registry = read<Standing>(at, part(kind))
      return registry?.stamp === stampOf(at, kind) && alive(registry.process) && (await answers(registry.url))
        ? registry
        : undefined
    },
    async () => {
      const registry = kind === 'token' ? await withTokens(at, say) : await plain(at, kind, say)
      write(at, part(kind), registry)
      return registry
    },
  )

/** A registry of the rig, as it stands or brought up. */
export const registryOf = (at: Place, kind: RegistryKind, say: Say): Promise<Registry> =>
  standing(at, kind, say)
