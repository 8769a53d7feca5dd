import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { at } from '../core/context.ts'
import { parseJson } from '../core/json.ts'
import type { Environment, Runtime } from '../core/runtime.ts'
import { dockerDirectory } from './configuration.ts'
import { askDocker, type Docker, type InsecureRegistries, insecureRegistries, readDocker } from './docker.ts'
import { findPlugin, isDockerClient, type Plugin, usesTls } from './plugins.ts'

/** Milliseconds to wait for the engine's answer. After that, `docker info` runs with a longer timeout. */
const engineTimeout = 5_000

/** What docker can do. Each part resolves as soon as it is known. */
export interface Probe {
  readonly docker: Promise<Docker>
  /** Resolves before `docker` if the engine answered directly. Never rejects. */
  readonly insecure: Promise<InsecureRegistries>
}

/** What the engine and buildx report without the docker client. A part is undefined if only `docker info` can tell. */
export interface EarlyProbe {
  readonly facts: Promise<unknown>
  readonly buildx: Promise<Plugin | undefined>
}

type ProbeRuntime = Pick<Runtime, 'run' | 'env' | 'cancelled'>

/**
 * Finds out what this machine's docker can do. `docker info` runs every plugin of the client and takes as long as half
 * a cached build. If the engine listens on a local socket, Slipway therefore queries the engine, and buildx at the same
 * time, without the client. In any unusual case it falls back to `docker info`, which also provides the error message.
 */
export function probeDocker(
  { run, cancelled }: Pick<Runtime, 'run' | 'cancelled'>,
  { facts, buildx }: EarlyProbe,
): Probe {
  const docker = Promise.all([facts, buildx]).then(all => combine(...all) ?? askDocker(run, cancelled))
  // A run that ends before it needs the result must not fail because of it.
  docker.catch(() => undefined)
  const insecure = facts.then(async known => (known ? insecureRegistries(known) : (await docker).insecure))
  return { docker, insecure: insecure.catch(() => ({ hosts: [], cidrs: [] })) }
}

/**
 * Starts the part of the probe that can run before the plan is ready: it contacts no other machine and ends quickly.
 */
export function startEarlyProbe({ run, env, cancelled }: ProbeRuntime, wait = engineTimeout): EarlyProbe {
  const engine = findEngine(env)
  const buildx = engine && findPlugin(run, env, engine.config, 'buildx', cancelled)
  const facts = engine && factsOf(engine, cancelled, wait)
  return {
    facts: Promise.resolve(facts).catch(() => undefined),
    buildx: Promise.resolve(buildx).catch(() => undefined),
  }
}

/** An engine that can be queried without the docker client, and docker's configuration. */
interface Engine {
  readonly socket: string
  readonly config: unknown
}

function findEngine(env: Environment): Engine | undefined {
  try {
    const config = parseJson(textOf(join(dockerDirectory(env), 'config.json')))
    const socket = socketOf(env, config)
    return socket !== undefined && isDockerClient(env) ? { socket, config } : undefined
  } catch {
    return undefined // a docker client that is executable but not readable
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '{}'
  }
}

/** Returns the engine's answer; undefined if the engine cannot build. */
async function factsOf({ socket }: Engine, cancelled: AbortSignal, wait: number): Promise<unknown> {
  const facts = await infoOf(socket, AbortSignal.any([cancelled, AbortSignal.timeout(wait)]))
  return at(facts, 'OSType') === 'linux' && at(facts, 'ServerVersion') ? facts : undefined
}

function combine(facts: unknown, buildx: Plugin | undefined): Docker | undefined {
  if (facts === undefined || buildx === undefined) return undefined
  const client = { Context: 'default', Plugins: [{ Name: 'buildx', Version: buildx.version }] }
  return { ...readDocker({ ...(facts as object), ClientInfo: client }), buildx: buildx.file }
}

/** Returns the path of the engine's socket; undefined if it is remote or unknown. DOCKER_HOST overrides a context. */
function socketOf(env: Environment, config: unknown): string | undefined {
  if (usesTls(env)) return undefined
  const host = env['DOCKER_HOST'] ?? ''
  if (host !== '') return host.startsWith('unix:///') ? host.slice('unix://'.length) : undefined
  const context = env['DOCKER_CONTEXT'] || at(config, 'currentContext') || 'default'
  return context === 'default' && config !== undefined ? '/var/run/docker.sock' : undefined
}

/**
 * Returns the answer of the engine's `GET /info` (https://docs.docker.com/reference/api/engine/). Undefined if the
 * `Server` header is not Docker's: Podman implements the same API.
 */
function infoOf(socketPath: string, signal: AbortSignal): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const request = get({ socketPath, path: '/info', headers: { host: 'docker' }, signal }, response => {
    const isDocker = String(response.headers.server ?? '').startsWith('Docker/')
    if (response.statusCode !== 200 || !isDocker) {
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
