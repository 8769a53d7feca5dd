import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { rm, symlink } from 'node:fs/promises'
import { basename, delimiter, isAbsolute, join } from 'node:path'
import type { Run } from '../core/command.ts'
import { at } from '../core/context.ts'
import { parseJson } from '../core/json.ts'
import type { Environment } from '../core/runtime.ts'
import { dockerDirectory } from './configuration.ts'

/** The system directories for docker's plugins (docker/cli, cli-plugins/manager). */
const systemDirectories = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
]

/** A docker plugin. It is a program that can also run without docker. */
export interface Plugin {
  readonly file: string
  readonly version: string
}

/** Finds the plugin that docker would use. Undefined if there is none, or if it does not report its version. */
export async function findPlugin(
  run: Run,
  env: Environment,
  config: unknown,
  name: string,
  signal: AbortSignal,
): Promise<Plugin | undefined> {
  const extra = at(config, 'cliPluginsExtraDirs')
  const own = [...(Array.isArray(extra) ? extra.map(String) : []), join(dockerDirectory(env), 'cli-plugins')]
  const files = [...own, ...systemDirectories].map(directory => join(directory, `docker-${name}`))
  const file = firstOf(files, each => statSync(each).isFile())
  if (file === undefined) return undefined
  const metadata = { file, args: ['docker-cli-plugin-metadata'] }
  const { code, stdout } = await run(metadata, { timeout: 10_000, signal })
  const version = code === 0 ? at(parseJson(stdout), 'Version') : undefined
  return typeof version === 'string' && version !== '' ? { file, version } : undefined
}

/** Reports whether the `docker` on PATH is Docker's own client. Podman, or a wrapper script, may behave differently. */
export function isDockerClient(env: Environment): boolean {
  const directories = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute)
  const file = firstOf(
    directories.map(directory => join(directory, 'docker')),
    each => {
      accessSync(each, constants.X_OK)
      return statSync(each).isFile()
    },
  )
  if (file === undefined || basename(realpathSync(file)).startsWith('podman')) return false
  return firstBytes(file) === '\x7fELF'
}

function firstBytes(file: string): string {
  const descriptor = openSync(file, 'r')
  const bytes = Buffer.alloc(4)
  try {
    return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, 4, 0))
  } finally {
    closeSync(descriptor)
  }
}

/** Returns the first file that passes the test. A file for which the test throws, as a missing one, does not pass. */
function firstOf(files: readonly string[], passes: (file: string) => boolean): string | undefined {
  return files.find(file => {
    try {
      return passes(file)
    } catch {
      return false
    }
  })
}

/**
 * Reports whether the environment makes docker use TLS to the engine. docker passes these settings on to its plugins;
 * only recent versions of buildx read them on their own.
 */
export const usesTls = (env: Environment): boolean =>
  ['DOCKER_TLS_VERIFY', 'DOCKER_TLS'].some(name => (env[name] ?? '') !== '')

/** Installs a plugin into a directory of docker's plugins. Replaces a plugin with the same name. */
export async function installPlugin(file: string, directory: string): Promise<void> {
  const link = join(directory, basename(file))
  await rm(link, { force: true })
  await symlink(file, link)
}

/**
 * Returns a function that runs `docker buildx` without the docker client, which would start every plugin twice. buildx
 * supports this and behaves the same. The log still shows the `docker buildx` command that a user would type.
 */
export const withoutClient =
  (run: Run, buildx: string | undefined): Run =>
  (command, options) => {
    const [first, ...args] = command.args
    return buildx !== undefined && command.file === 'docker' && first === 'buildx'
      ? run({ ...command, file: buildx, args }, options)
      : run(command, options)
  }
