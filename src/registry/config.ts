import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../core/errors.ts'
import { privateDirectory } from '../core/private-files.ts'
import type { Environment, Runtime } from '../core/runtime.ts'
import { buildxDirectory, dockerDirectory } from '../docker/configuration.ts'
import { configKey } from './hosts.ts'
import type { Login, RegistryPlan } from './plan.ts'

/** The docker configuration that this step's commands use. */
export interface DockerConfig {
  readonly directory: string
  /** The environment that makes docker use it. */
  readonly env: Environment
  /** The directory for plugins that this step installs; undefined if the configuration is the runner's own. */
  readonly plugins?: string
}

/** Entries that the private copy has for itself; it links to everything else in the original directory. */
const notShared = /^(?:config\.json|buildx|cli-plugins|\.token_seed.*|.*\.lock)$/

/**
 * Makes a private copy of the runner's docker configuration, for logins that end with this step. The runner's logins,
 * helpers, proxies, contexts, plugins and builders stay usable and unchanged. With `login: job`, returns the runner's
 * own configuration.
 */
export async function openConfig(runtime: Runtime, plan: RegistryPlan): Promise<DockerConfig> {
  const original = dockerDirectory(runtime.env)
  if (plan.loginScope === 'job') return { directory: original, env: {} }
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
 * Returns the config.json of the private copy. New logins are in the file itself, as `docker login` writes them without
 * a credential store, so that they never reach the runner's store. Plugins in `plugins` take precedence.
 */
export function privateConfig(
  content: Readonly<Record<string, unknown>>,
  logins: readonly Login[],
  plugins: string,
): Record<string, unknown> {
  const { auths, credsStore, credHelpers, cliPluginsExtraDirs } = content
  const entries = Object.fromEntries(logins.map(login => [configKey(login.registry), entryOf(login)]))
  // An empty helper makes docker read the login from `auths` instead of the store.
  const helpers = Object.fromEntries(Object.keys(entries).map(key => [key, '']))
  const hasStore = credsStore !== undefined || credHelpers !== undefined
  return {
    ...content,
    ...(logins.length > 0 ? { auths: { ...(auths ?? {}), ...entries } } : {}),
    ...(hasStore ? { credHelpers: { ...(credHelpers ?? {}), ...helpers } } : {}),
    ...(Array.isArray(cliPluginsExtraDirs) ? { cliPluginsExtraDirs: [plugins, ...cliPluginsExtraDirs] } : {}),
  }
}

const entryOf = ({ username, password }: Login) => ({
  auth: Buffer.from(`${username}:${password}`).toString('base64'),
})

/** Reads config.json. A missing file counts as empty, as in docker. */
export async function readConfig(directory: string): Promise<Record<string, unknown>> {
  const file = join(directory, 'config.json')
  const text = await readFile(file, 'utf8').catch(() => '')
  try {
    return (text.trim() === '' ? {} : JSON.parse(text)) as Record<string, unknown>
  } catch {
    throw new Failure('preflight', {
      cause: `The docker configuration \`${file}\` is not valid JSON.`,
      remedy: 'Fix or remove the file: docker rejects it, too.',
    })
  }
}

/** Links to the entries of the original directory. `cli-plugins` is a real directory, so that plugins can be added. */
async function share(original: string, directory: string): Promise<void> {
  const names = await readdir(original).catch(() => [])
  const shared = names.filter(name => !notShared.test(name))
  await Promise.all(shared.map(name => symlink(join(original, name), join(directory, name))))
  const plugins = join(directory, 'cli-plugins')
  await mkdir(plugins, { mode: 0o700 })
  const installed = await readdir(join(original, 'cli-plugins')).catch(() => [])
  await Promise.all(installed.map(name => symlink(join(original, 'cli-plugins', name), join(plugins, name))))
}
