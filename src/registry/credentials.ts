import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Run } from '../core/command.ts'
import { at } from '../core/context.ts'
import { parseJson } from '../core/json.ts'
import { privateDirectory } from '../core/private-files.ts'
import type { Runtime, Undo } from '../core/runtime.ts'
import { type DockerConfig, readConfig } from './config.ts'
import { configKey } from './hosts.ts'
import type { Login } from './plan.ts'

/** A credential for a registry. An identity token is not a password: it is exchanged for access tokens. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity'; readonly token: string }

interface CredentialSource {
  readonly logins: readonly Login[]
  /** The directory of docker's config.json. */
  readonly directory: string
}

/** Returns this run's login for a registry, else the login that docker has for exactly that host. */
export async function credentialFor(
  run: Run,
  registry: string,
  { logins, directory }: CredentialSource,
): Promise<Credential | undefined> {
  const own = logins.find(login => login.registry === registry)
  if (own !== undefined) return { kind: 'password', username: own.username, password: own.password }
  const entry = await storedEntry(run, registry, directory)
  return entry?.kind === 'store' ? fromStore(entry.credential) : fromFile(entry?.auth)
}

/** Docker's login for a registry: an entry of its config.json, or of its credential store. */
type StoredEntry =
  | { readonly kind: 'file'; readonly auth: unknown }
  | { readonly kind: 'store'; readonly helper: string; readonly credential: string }

async function storedEntry(run: Run, registry: string, directory: string): Promise<StoredEntry | undefined> {
  const content = await readConfig(directory)
  const key = configKey(registry)
  const helper = at(content, 'credHelpers', key) ?? content['credsStore']
  if (typeof helper === 'string' && helper !== '') {
    const command = { file: `docker-credential-${helper}`, args: ['get'], stdin: key }
    const got = await run(command, { timeout: 20_000 }).catch(() => undefined)
    return got?.code === 0 ? { kind: 'store', helper, credential: got.stdout } : undefined
  }
  const auth = at(content, 'auths', key)
  return auth === undefined ? undefined : { kind: 'file', auth }
}

function fromStore(text: string): Credential | undefined {
  const answer = parseJson(text)
  return credential(String(at(answer, 'Username') ?? ''), String(at(answer, 'Secret') ?? ''))
}

/** Parses an entry of config.json: `auth` is base64 of `user:password`. */
function fromFile(entry: unknown): Credential | undefined {
  const token = at(entry, 'identitytoken')
  if (typeof token === 'string' && token !== '') return { kind: 'identity', token }
  const pair = Buffer.from(String(at(entry, 'auth') ?? ''), 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon === -1 ? undefined : credential(pair.slice(0, colon), pair.slice(colon + 1))
}

/** Builds a credential. Stores mark an identity token by the user name `<token>` (docker/docker-credential-helpers). */
function credential(username: string, password: string): Credential | undefined {
  if (username === '<token>') return { kind: 'identity', token: password }
  return username === '' && password === '' ? undefined : { kind: 'password', username, password }
}

/**
 * Records for `post:` that it has to log out, and docker's previous login for the registry. The previous login is kept
 * in a private file, because the action's state must not hold secrets.
 */
export async function rememberLogin(runtime: Runtime, registry: string, config: DockerConfig): Promise<void> {
  const before = await storedEntry(runtime.run, registry, config.directory)
  const directory = await privateDirectory(runtime.context.temp, 'login')
  const saved = join(directory, 'entry.json')
  await writeFile(saved, JSON.stringify(before ?? {}), { mode: 0o600 })
  runtime.remember({ kind: 'login', registry, config: config.directory, saved })
}

/** Logs out, and restores docker's previous login. */
export async function endLogin(
  run: Run,
  { registry, config, saved }: Extract<Undo, { kind: 'login' }>,
): Promise<void> {
  const env = { DOCKER_CONFIG: config }
  await run({ file: 'docker', args: ['logout', registry], env })
  const entry = parseJson(await readFile(saved, 'utf8').catch(() => '{}')) as Partial<StoredEntry> | undefined
  if (entry?.kind === 'store') {
    await run({ file: `docker-credential-${entry.helper}`, args: ['store'], stdin: entry.credential ?? '' })
  }
  if (entry?.kind === 'file') await restoreEntry(config, configKey(registry), entry.auth)
  await rm(dirname(saved), { recursive: true, force: true })
}

async function restoreEntry(directory: string, key: string, auth: unknown): Promise<void> {
  const content = await readConfig(directory)
  const auths = { ...(content['auths'] as object | undefined), [key]: auth }
  const text = JSON.stringify({ ...content, auths }, undefined, '\t')
  await writeFile(join(directory, 'config.json'), text, { mode: 0o600 })
}
