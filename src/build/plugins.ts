import { constants } from 'node:fs'
import { access, open, realpath, rm, stat, symlink } from 'node:fs/promises'
import { basename, delimiter, isAbsolute, join } from 'node:path'
import type { Run } from '../command.ts'
import { at } from '../github/context.ts'
import type { Environment } from '../world.ts'
import { dockerDirectory } from './current.ts'
import { parseJson } from './json.ts'

/** Where docker looks for plugins below those of its configuration (docker/cli, cli-plugins/manager). */
const systemDirectories = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
]

/** A plugin of docker's, which is a program that runs by itself too. */
export interface Plugin {
  readonly file: string
  readonly version: string
}

/** A plugin by the first file that docker would take; undefined when that does not tell its version. */
export async function findPlugin(
  run: Run,
  env: Environment,
  config: unknown,
  name: string,
): Promise<Plugin | undefined> {
  const extra = at(config, 'cliPluginsExtraDirs')
  const own = [...(Array.isArray(extra) ? extra.map(String) : []), join(dockerDirectory(env), 'cli-plugins')]
  const files = [...own, ...systemDirectories].map(directory => join(directory, `docker-${name}`))
  const file = await firstOf(files, async each => (await stat(each)).isFile())
  if (file === undefined) return undefined
  const asked = { file, args: ['docker-cli-plugin-metadata'] }
  const { code, stdout } = await run(asked, { timeout: 10_000 })
  const version = code === 0 ? at(parseJson(stdout), 'Version') : undefined
  return typeof version === 'string' && version !== '' ? { file, version } : undefined
}

/** Whether the `docker` on PATH is Docker's own program: Podman, or a script in its place, may do anything else. */
export async function isProgram(env: Environment): Promise<boolean> {
  const directories = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute)
  const file = await firstOf(
    directories.map(directory => join(directory, 'docker')),
    async each => {
      await access(each, constants.X_OK)
      return (await stat(each)).isFile()
    },
  )
  if (file === undefined || basename(await realpath(file)).startsWith('podman')) return false
  return (await beginning(file)) === '\x7fELF'
}

async function beginning(file: string): Promise<string> {
  await using opened = await open(file)
  const { buffer, bytesRead } = await opened.read(Buffer.alloc(4), 0, 4)
  return buffer.toString('latin1', 0, bytesRead)
}

async function firstOf(
  files: readonly string[],
  fits: (file: string) => Promise<boolean>,
): Promise<string | undefined> {
  const fitting = await Promise.all(files.map(file => fits(file).catch(() => false)))
  return files.find((_, place) => fitting[place])
}

/**
 * Whether docker speaks to the engine by TLS because its environment says so. It hands that on to its plugins; buildx
 * by itself reads it only of late.
 */
export const speaksTls = (env: Environment): boolean =>
  ['DOCKER_TLS_VERIFY', 'DOCKER_TLS'].some(name => (env[name] ?? '') !== '')

/** Puts a plugin where docker finds it, in the place of one of the same name. */
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
