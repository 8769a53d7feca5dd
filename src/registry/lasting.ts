import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Run } from '../core/command.ts'
import { at } from '../core/context.ts'
import { privateDirectory } from '../core/private-files.ts'
import type { Undo, World } from '../core/runtime.ts'
import { type DockerConfig, readConfig } from './config.ts'
import { configKey } from './hosts.ts'

type LoginUndo = Extract<Undo, { kind: 'login' }>

/**
 * Notes for `post:` that a login which lasts for the job is to end then, and what was there before it: that is kept
 * in a private file meanwhile, as the action's state is no place for a secret.
 */
export async function rememberLogin(world: World, registry: string, config: DockerConfig): Promise<void> {
  const before = await entryOf(world.run, registry, config.directory)
  const directory = await privateDirectory(world.context.temp, 'login')
  const saved = join(directory, 'entry.json')
  await writeFile(saved, JSON.stringify(before ?? {}), { mode: 0o600 })
  world.remember({ kind: 'login', registry, config: config.directory, saved })
}

/** What docker has for a registry: a line of its config.json, or an entry of the store that keeps its secrets. */
type Entry =
  | { readonly kind: 'file'; readonly auth: unknown }
  | { readonly kind: 'store'; readonly helper: string; readonly credential: string }

async function entryOf(run: Run, registry: string, directory: string): Promise<Entry | undefined> {
  const content = await readConfig(directory)
  const key = configKey(registry)
  const helper = at(content, 'credHelpers', key) ?? content['credsStore']
  if (typeof helper === 'string' && helper !== '') {
    const got = await run({ file: `docker-credential-${helper}`, args: ['get'], stdin: key }).catch(
      () => undefined,
    )
    return got?.code === 0 ? { kind: 'store', helper, credential: got.stdout } : undefined
  }
  const auth = at(content, 'auths', key)
  return auth === undefined ? undefined : { kind: 'file', auth }
}

/** Ends a login, and puts back what was there before it. */
export async function endLogin(run: Run, { registry, config, saved }: LoginUndo): Promise<void> {
  const env = { DOCKER_CONFIG: config }
  await run({ file: 'docker', args: ['logout', registry], env })
  const entry = JSON.parse(await readFile(saved, 'utf8').catch(() => '{}')) as Partial<Entry>
  if (entry.kind === 'store') {
    await run({ file: `docker-credential-${entry.helper}`, args: ['store'], stdin: entry.credential ?? '' })
  }
  if (entry.kind === 'file') await putBack(config, configKey(registry), entry.auth)
  await rm(dirname(saved), { recursive: true, force: true })
}

async function putBack(directory: string, key: string, auth: unknown): Promise<void> {
  const content = await readConfig(directory)
  const auths = { ...(content['auths'] as object | undefined), [key]: auth }
  const text = JSON.stringify({ ...content, auths }, undefined, '\t')
  await writeFile(join(directory, 'config.json'), text, { mode: 0o600 })
}
