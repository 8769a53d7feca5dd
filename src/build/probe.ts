import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import { at } from '../github/context.ts'
import type { Environment, World } from '../world.ts'
import { dockerDirectory } from './current.ts'
import { askDocker, type Docker, readDocker } from './docker.ts'
import { parseJson } from './json.ts'
import { findPlugin, isProgram, speaksTls } from './plugins.ts'

/** Milliseconds that the engine has: one that takes longer is asked by docker, which has a longer patience. */
const patience = 5_000

/**
 * Finds out what this machine's docker can do. `docker info` runs every plugin that the client has, and takes as long
 * as half a cached build; where the engine is behind a socket of this machine it is asked itself, and buildx alone
 * beside it. Whatever is out of the ordinary is for `docker info` to tell, and fails with its words.
 */
export const probeDocker = async (
  world: Pick<World, 'run' | 'env' | 'cancelled'>,
  wait = patience,
): Promise<Docker> =>
  (await askEngine(world, wait).catch(() => undefined)) ?? (await askDocker(world.run, world.cancelled))

async function askEngine(
  { run, env, cancelled }: Pick<World, 'run' | 'env' | 'cancelled'>,
  wait: number,
): Promise<Docker | undefined> {
  const config = parseJson(
    await readFile(join(dockerDirectory(env), 'config.json'), 'utf8').catch(() => '{}'),
  )
  const socket = socketOf(env, config)
  if (socket === undefined || !(await isProgram(env))) return undefined
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(wait)])
  const [facts, buildx] = await Promise.all([infoOf(socket, signal), findPlugin(run, env, config, 'buildx')])
  const builds = at(facts, 'OSType') === 'linux' && Boolean(at(facts, 'ServerVersion'))
  if (!builds || buildx === undefined) return undefined
  const client = { Context: 'default', Plugins: [{ Name: 'buildx', Version: buildx.version }] }
  return { ...readDocker({ ...(facts as object), ClientInfo: client }), buildx: buildx.file }
}

/** The socket that docker speaks to, where it is on this machine: DOCKER_HOST counts before any context. */
function socketOf(env: Environment, config: unknown): string | undefined {
  if (speaksTls(env)) return undefined
  const host = env['DOCKER_HOST'] ?? ''
  if (host !== '') return host.startsWith('unix:///') ? host.slice('unix://'.length) : undefined
  const context = env['DOCKER_CONTEXT'] || at(config, 'currentContext') || 'default'
  return context === 'default' && config !== undefined ? '/var/run/docker.sock' : undefined
}

/** https://docs.docker.com/reference/api/engine/: Podman answers too, under its own name. */
function infoOf(socketPath: string, signal: AbortSignal): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const request = http.get({ socketPath, path: '/info', headers: { host: 'docker' }, signal }, response => {
    const docker = String(response.headers.server ?? '').startsWith('Docker/')
    if (response.statusCode !== 200 || !docker) {
      response.resume()
      return resolve(undefined)
    }
    response
      .setEncoding('utf8')
      .toArray()
      .then(chunks => resolve(parseJson(chunks.join(''))), reject)
  })
  request.on('error', reject)
  return promise
}
