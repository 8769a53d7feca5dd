import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { at } from '../core/context.ts'
import { parseJson } from '../core/json.ts'
import type { Environment } from '../core/runtime.ts'

/** Returns the directory of docker's configuration in this environment. */
export const dockerDirectory = (env: Environment): string =>
  env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker')

export const buildxDirectory = (env: Environment): string =>
  env['BUILDX_CONFIG'] || join(dockerDirectory(env), 'buildx')

/** The names of builders that buildx accepts (docker/buildx, store.ValidateName): neither a path nor a flag. */
const builderName = /^[a-zA-Z][a-zA-Z0-9._-]*$/

/**
 * The builder that an earlier step has made and chosen (`docker buildx create --use`); undefined when that is the
 * engine's own. buildx notes it for the endpoint that it was chosen at, and forgets to when it is removed.
 */
export async function currentBuilder(env: Environment, context: string): Promise<string | undefined> {
  const directory = buildxDirectory(env)
  const noted = await readFile(join(directory, 'current'), 'utf8').catch(() => '{}')
  const name = at(parseJson(noted), 'Name')
  if (typeof name !== 'string' || !builderName.test(name)) return undefined
  if (at(parseJson(noted), 'Global') !== true && at(parseJson(noted), 'Key') !== endpoint(env, context))
    return undefined
  const there = await stat(join(directory, 'instances', name)).catch(() => undefined)
  return there === undefined ? undefined : name
}

const endpoint = (env: Environment, context: string): string =>
  context === 'default' ? env['DOCKER_HOST'] || 'unix:///var/run/docker.sock' : context
