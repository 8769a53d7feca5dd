import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { at } from '../core/context.ts'
import { parseJson } from '../core/json.ts'
import type { Environment, Runtime } from '../core/runtime.ts'
import { dockerDirectory } from './current.ts'
import { askDocker, type Docker, type InsecureRegistries, insecureRegistries, readDocker } from './docker.ts'
import { findPlugin, isProgram, type Plugin, speaksTls } from './plugins.ts'

/** Milliseconds to wait for the engine; after that, `docker info` asks it with a longer timeout. */
const patience = 5_000

/** What docker can do, each part as soon as it is known. */
export interface Probe {
  readonly docker: Promise<Docker>
  /** The first to be known, where the engine is asked itself; never rejects. */
  readonly insecure: Promise<InsecureRegistries>
}

/** What is known without the docker client; undefined if `docker info` has to be asked. */
export interface FirstLook {
  readonly facts: Promise<unknown>
  readonly buildx: Promise<Plugin | undefined>
}

type Asking = Pick<Runtime, 'run' | 'env' | 'cancelled'>

/**
 * Finds out what this machine's docker can do. `docker info` runs every plugin that the client has, and takes as long
 * as half a cached build; where the engine is behind a socket of this machine it is asked itself, and buildx alone
 * beside it. Whatever is out of the ordinary is for `docker info` to tell, and fails with its words.
 */
export function probeDocker(
  { run, cancelled }: Pick<Runtime, 'run' | 'cancelled'>,
  { facts, buildx }: FirstLook,
): Probe {
  const docker = Promise.all([facts, buildx]).then(all => readBoth(...all) ?? askDocker(run, cancelled))
  // A run that ends before it needs the answer must not fail on it.
  docker.catch(() => undefined)
  const insecure = facts.then(async known => (known ? insecureRegistries(known) : (await docker).insecure))
  return { docker, insecure: insecure.catch(() => ({ hosts: [], cidrs: [] })) }
}

/** Begins with what may be done before the plan stands: nothing of it reaches another machine, or ends late. */
export function lookAtDocker({ run, env, cancelled }: Asking, wait = patience): FirstLook {
  const engine = findEngine(env)
  const buildx = engine && findPlugin(run, env, engine.config, 'buildx', cancelled)
  const facts = engine && factsOf(engine, cancelled, wait)
  return {
    facts: Promise.resolve(facts).catch(() => undefined),
    buildx: Promise.resolve(buildx).catch(() => undefined),
  }
}

/** An engine that can be asked without the docker client, and docker's configuration. */
interface Engine {
  readonly socket: string
  readonly config: unknown
}

function findEngine(env: Environment): Engine | undefined {
  try {
    const config = parseJson(textOf(join(dockerDirectory(env), 'config.json')))
    const socket = socketOf(env, config)
    return socket !== undefined && isProgram(env) ? { socket, config } : undefined
  } catch {
    return undefined // a program that may be run and not be read
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '{}'
  }
}

/** Returns the engine's facts; undefined if it cannot build. */
async function factsOf({ socket }: Engine, cancelled: AbortSignal, wait: number): Promise<unknown> {
  const facts = await infoOf(socket, AbortSignal.any([cancelled, AbortSignal.timeout(wait)]))
  return at(facts, 'OSType') === 'linux' && at(facts, 'ServerVersion') ? facts : undefined
}

function readBoth(facts: unknown, buildx: Plugin | undefined): Docker | undefined {
  if (facts === undefined || buildx === undefined) return undefined
  const client = { Context: 'default', Plugins: [{ Name: 'buildx', Version: buildx.version }] }
  return { ...readDocker({ ...(facts as object), ClientInfo: client }), buildx: buildx.file }
}

/** Returns docker's socket, if it is on this machine. DOCKER_HOST wins over a context. */
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
  const request = get({ socketPath, path: '/info', headers: { host: 'docker' }, signal }, response => {
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
