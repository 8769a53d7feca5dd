import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../core/errors.ts'
import { privateDirectory } from '../core/private-files.ts'
import type { Environment, Runtime } from '../core/runtime.ts'
import { buildxDirectory, dockerDirectory } from '../docker/current.ts'
import { configKey } from './hosts.ts'
import type { Login, RegistryPlan } from './plan.ts'

/** The docker configuration that this step's commands use. */
export interface DockerConfig {
  readonly directory: string
  /** What docker has to be run with to use it. */
  readonly env: Environment
  /** Where it finds plugins of this step's own; undefined where all of it is the runner's. */
  readonly plugins?: string
}

/** What belongs to the copy alone; everything else of the directory is shared with the original. */
const notShared = /^(?:config\.json|buildx|cli-plugins|\.token_seed.*|.*\.lock)$/

/**
 * Makes a private copy of the runner's docker configuration, for logins that end with this step: what the runner
 * had stays usable (logins, helpers, proxies, contexts, plugins, builders) and stays as it is. With `login: job` it
 * is the runner's own configuration.
 */
export async function openConfig(runtime: Runtime, plan: RegistryPlan): Promise<DockerConfig> {
  const original = dockerDirectory(runtime.env)
  if (plan.lasts === 'job') return { directory: original, env: {} }
  const directory = await privateDirectory(runtime.context.temp, 'docker')
  runtime.remember({ kind: 'directory', path: directory })
  const content = await readConfig(original)
  const plugins = join(directory, 'cli-plugins')
  const own = privateConfig(content, plan.logins, plugins)
  await writeFile(join(directory, 'config.json'), JSON.stringify(own, undefined, 2), { mode: 0o600 })
  await share(original, directory)
  const env = { DOCKER_CONFIG: directory, BUILDX_CONFIG: buildxDirectory(runtime.env) }
  return { directory, env, plugins }
}

/**
 * The content of the copy. New logins are in it, as `docker login` writes them where there is no store, and not in the
 * store that the runner shares; plugins of this directory come before those of others.
 */
export function privateConfig(
  content: Readonly<Record<string, unknown>>,
  logins: readonly Login[],
  plugins: string,
): Record<string, unknown> {
  const { auths, credsStore, credHelpers, cliPluginsExtraDirs } = content
  const entries = Object.fromEntries(logins.map(login => [configKey(login.registry), entryOf(login)]))
  const helpers = Object.fromEntries(Object.keys(entries).map(key => [key, '']))
  const stored = credsStore !== undefined || credHelpers !== undefined
  return {
    ...content,
    ...(logins.length > 0 ? { auths: { ...(auths ?? {}), ...entries } } : {}),
    ...(stored ? { credHelpers: { ...(credHelpers ?? {}), ...helpers } } : {}),
    ...(Array.isArray(cliPluginsExtraDirs) ? { cliPluginsExtraDirs: [plugins, ...cliPluginsExtraDirs] } : {}),
  }
}

const entryOf = ({ username, password }: Login) => ({
  auth: Buffer.from(`${username}:${password}`).toString('base64'),
})

/** Reads config.json; a file that is not there is an empty one, as docker sees it. */
export async function readConfig(directory: string): Promise<Record<string, unknown>> {
  const file = join(directory, 'config.json')
  const text = await readFile(file, 'utf8').catch(() => '')
  try {
    return (text.trim() === '' ? {} : JSON.parse(text)) as Record<string, unknown>
  } catch {
    throw new Failure('preflight', {
      cause: `The docker configuration \`${file}\` is not valid JSON.`,
      remedy: 'Fix or remove the file: docker refuses it, too.',
    })
  }
}

/** Directories stay the runner's own, but for the one that plugins may be added to. */
async function share(original: string, directory: string): Promise<void> {
  const names = await readdir(original).catch(() => [])
  const shared = names.filter(name => !notShared.test(name))
  await Promise.all(shared.map(name => symlink(join(original, name), join(directory, name))))
  const plugins = join(directory, 'cli-plugins')
  await mkdir(plugins, { mode: 0o700 })
  const installed = await readdir(join(original, 'cli-plugins')).catch(() => [])
  await Promise.all(installed.map(name => symlink(join(original, 'cli-plugins', name), join(plugins, name))))
}
