import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { at } from '../core/context.ts'
import { parseJson } from '../core/json.ts'
import type { Environment } from '../core/runtime.ts'

/** Returns the directory of docker's configuration for this environment. */
export const dockerDirectory = (env: Environment): string =>
  env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker')

export const buildxDirectory = (env: Environment): string =>
  env['BUILDX_CONFIG'] || join(dockerDirectory(env), 'buildx')

/** The builder names that buildx accepts (docker/buildx, store.ValidateName). Excludes paths and flags. */
const builderName = /^[a-zA-Z][a-zA-Z0-9._-]*$/

/**
 * Returns the builder that an earlier step created and selected (`docker buildx create --use`); undefined for the
 * engine's own builder. buildx stores the selection for the endpoint at which it was made, and keeps it after the
 * builder is removed, so this function also checks that the builder exists.
 */
export async function currentBuilder(env: Environment, context: string): Promise<string | undefined> {
  const directory = buildxDirectory(env)
  const selection = parseJson(await readFile(join(directory, 'current'), 'utf8').catch(() => '{}'))
  const name = at(selection, 'Name')
  if (typeof name !== 'string' || !builderName.test(name)) return undefined
  if (at(selection, 'Global') !== true && at(selection, 'Key') !== endpoint(env, context)) return undefined
  const instance = await stat(join(directory, 'instances', name)).catch(() => undefined)
  return instance === undefined ? undefined : name
}

const endpoint = (env: Environment, context: string): string =>
  context === 'default' ? env['DOCKER_HOST'] || 'unix:///var/run/docker.sock' : context
