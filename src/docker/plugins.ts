import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { rm, symlink } from 'node:fs/promises'
import { basename, delimiter, isAbsolute, join } from 'node:path'
import type { Run } from '../core/command.ts'
import { at } from '../core/context.ts'
import { parseJson } from '../core/json.ts'
import type { Environment } from '../core/runtime.ts'
import { dockerDirectory } from './current.ts'

/** The system directories of docker's plugins (docker/cli, cli-plugins/manager). */
const systemDirectories = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
]

/** A docker plugin, which also runs as a program by itself. */
export interface Plugin {
  readonly file: string
  readonly version: string
}

/** Finds the plugin that docker would use; undefined if that file does not report its version. */
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
  const asked = { file, args: ['docker-cli-plugin-metadata'] }
  const { code, stdout } = await run(asked, { timeout: 10_000, signal })
  const version = code === 0 ? at(parseJson(stdout), 'Version') : undefined
  return typeof version === 'string' && version !== '' ? { file, version } : undefined
}

/** Whether the `docker` on PATH is Docker's own program: Podman, or a script in its place, may do anything else. */
export function isProgram(env: Environment): boolean {
  const directories = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute)
  const file = firstOf(
    directories.map(directory => join(directory, 'docker')),
    each => {
      accessSync(each, constants.X_OK)
      return statSync(each).isFile()
    },
  )
  if (file === undefined || basename(realpathSync(file)).startsWith('podman')) return false
  return beginning(file) === '\x7fELF'
}

function beginning(file: string): string {
  const opened = openSync(file, 'r')
  const bytes = Buffer.alloc(4)
  try {
    return bytes.toString('latin1', 0, readSync(opened, bytes, 0, 4, 0))
  } finally {
    closeSync(opened)
  }
}

/** Returns the first file that passes the test; a missing file does not. */
function firstOf(files: readonly string[], fits: (file: string) => boolean): string | undefined {
  return files.find(file => {
    try {
      return fits(file)
    } catch {
      return false
    }
  })
}

/**
 * Whether docker speaks to the engine by TLS because its environment says so. It hands that on to its plugins; buildx
 * by itself reads it only of late.
 */
export const speaksTls = (env: Environment): boolean =>
  ['DOCKER_TLS_VERIFY', 'DOCKER_TLS'].some(name => (env[name] ?? '') !== '')

/** Installs a plugin where docker finds it, replacing one of the same name. */
export async function plugIn(file: string, directory: string): Promise<void> {
  const place = join(directory, basename(file))
  await rm(place, { force: true })
  await symlink(file, place)
}

/**
 * Runs `docker buildx` without docker in front of it, which would start every plugin's program twice: buildx is made for
 * that, and does the same. What is shown in the log is what a person would type.
 */
export const withoutClient =
  (run: Run, buildx: string | undefined): Run =>
  (command, options) => {
    const [first, ...args] = command.args
    return buildx !== undefined && command.file === 'docker' && first === 'buildx'
      ? run({ ...command, file: buildx, args }, options)
      : run(command, options)
  }
