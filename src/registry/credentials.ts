import type { Run } from '../core/command.ts'
import { at } from '../core/context.ts'
import { readConfig } from './config.ts'
import { configKey } from './hosts.ts'
import type { Login } from './plan.ts'

/** What a registry is shown; an identity token is exchanged for others and is no password. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity'; readonly token: string }

export interface CredentialSource {
  readonly logins: readonly Login[]
  /** The directory of docker's config.json. */
  readonly directory: string
}

/** What this run may show a registry: its own login, else what docker's configuration has for that very host. */
export async function credentialFor(
  run: Run,
  registry: string,
  { logins, directory }: CredentialSource,
): Promise<Credential | undefined> {
  const own = logins.find(login => login.registry === registry)
  if (own !== undefined) return { kind: 'password', username: own.username, password: own.password }
  const content = await readConfig(directory)
  const key = configKey(registry)
  const helper = at(content, 'credHelpers', key) ?? content['credsStore']
  if (typeof helper === 'string' && helper !== '') return await fromStore(run, helper, key)
  return fromFile(at(content, 'auths', key))
}

async function fromStore(run: Run, helper: string, key: string): Promise<Credential | undefined> {
  const command = { file: `docker-credential-${helper}`, args: ['get'], stdin: key }
  const outcome = await run(command, { timeout: 20_000 }).catch(() => undefined)
  if (outcome?.code !== 0) return undefined
  const got = JSON.parse(outcome.stdout) as unknown
  return credential(String(at(got, 'Username') ?? ''), String(at(got, 'Secret') ?? ''))
}

/** An entry of config.json: `auth` is base64 of `user:password`. */
function fromFile(entry: unknown): Credential | undefined {
  const token = at(entry, 'identitytoken')
  if (typeof token === 'string' && token !== '') return { kind: 'identity', token }
  const pair = Buffer.from(String(at(entry, 'auth') ?? ''), 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon === -1 ? undefined : credential(pair.slice(0, colon), pair.slice(colon + 1))
}

/** Stores mark an identity token by this name (docker/docker-credential-helpers). */
function credential(username: string, password: string): Credential | undefined {
  if (username === '<token>') return { kind: 'identity', token: password }
  return username === '' && password === '' ? undefined : { kind: 'password', username, password }
}
