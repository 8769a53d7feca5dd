import type { Command, Outcome, Run } from '../core/command.ts'
import { at } from '../core/context.ts'
import { Failure, lastLines, type Problem } from '../core/errors.ts'
import { parseJson } from '../core/json.ts'
import { NotStarted } from '../core/process.ts'
import { normalizePlatform } from '../image/platform.ts'

/** What this machine's docker engine and client can do. */
export interface Docker {
  /** `28.5.2`; empty if unknown. */
  readonly engineVersion: string
  /** Empty if there is no buildx. */
  readonly buildxVersion: string
  /** The buildx program, if it runs without the docker client. */
  readonly buildx?: string
  /** With the containerd store, the engine's own builder builds for several platforms, attests and exports caches. */
  readonly imageStore: 'classic' | 'containerd'
  /** The engine's native platform: `linux/amd64`. */
  readonly platform: string
  /** Rootless: no emulator can be registered. */
  readonly rootless: boolean
  /** The docker context in use, which is also the name of the engine's own builder. */
  readonly context: string
  /** Registries without TLS, or whose certificate is not verified. */
  readonly insecure: InsecureRegistries
}

export interface InsecureRegistries {
  /** `host` or `host:port`. */
  readonly hosts: readonly string[]
  /** `127.0.0.0/8` */
  readonly cidrs: readonly string[]
}

/** Asks for the engine, the client and its plugins in one call. */
const dockerInfo: Command = { file: 'docker', args: ['info', '--format', '{{json .}}'] }

/** A busy engine answers within seconds; a stuck one never does. */
const patience = 30_000

/** Asks docker what it can do. Fails if it cannot build at all. */
export async function askDocker(run: Run, signal?: AbortSignal): Promise<Docker> {
  const outcome = await run(dockerInfo, { timeout: patience, ...(signal ? { signal } : {}) }).catch(notFound)
  const facts = parseJson(outcome.stdout)
  const problem = dockerProblem(outcome, facts)
  if (problem !== undefined) throw new Failure('preflight', problem)
  return readDocker(facts)
}

/** Reports any other reason for which docker does not start as it is. */
function notFound(error: unknown): Outcome {
  if (error instanceof NotStarted && error.code !== 'ENOENT') throw error
  return { code: 127, stdout: '', stderr: String(error) }
}

/** Reads the answer of `docker info`, or the engine's own, of a machine that can build. */
export function readDocker(facts: unknown): Docker {
  const store = list(at(facts, 'DriverStatus')).some(pair =>
    list(pair).includes('io.containerd.snapshotter.v1'),
  )
  return {
    engineVersion: text(at(facts, 'ServerVersion')),
    buildxVersion: pluginVersion(facts, 'buildx') ?? '',
    imageStore: store ? 'containerd' : 'classic',
    platform: normalizePlatform(`${text(at(facts, 'OSType'))}/${text(at(facts, 'Architecture'))}`),
    rootless: list(at(facts, 'SecurityOptions')).some(option => text(option).startsWith('name=rootless')),
    context: text(at(facts, 'ClientInfo', 'Context')) || 'default',
    insecure: insecureRegistries(facts),
  }
}

/** Returns a plugin's version without its `v`; undefined if the client lacks the plugin or cannot use it. */
function pluginVersion(facts: unknown, name: string): string | undefined {
  const plugin = list(at(facts, 'ClientInfo', 'Plugins')).find(each => at(each, 'Name') === name)
  const version = text(at(plugin, 'Version')).replace(/^v/, '')
  return plugin === undefined || at(plugin, 'Err') !== undefined ? undefined : version
}

/** Reads the insecure registries from the answer of `docker info`, or of the engine. */
export function insecureRegistries(facts: unknown): InsecureRegistries {
  const configured = Object.values((at(facts, 'RegistryConfig', 'IndexConfigs') ?? {}) as object)
  return {
    hosts: configured.filter(index => at(index, 'Secure') === false).map(index => text(at(index, 'Name'))),
    cidrs: list(at(facts, 'RegistryConfig', 'InsecureRegistryCIDRs')).map(text),
  }
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Returns why this machine's docker cannot build, from the answer of `docker info`; undefined if it can. */
function dockerProblem(outcome: Outcome, facts: unknown): Problem | undefined {
  const { code, stderr } = outcome
  if (code === null) return silent
  if (code === 127 && facts === undefined) return { ...missing, output: lastLines(stderr, 5) }
  // Podman's `docker info` has sections of its own where Docker's has an `ID`.
  if (at(facts, 'host') !== undefined || /using podman/i.test(stderr)) return podman
  if (at(facts, 'OSType') === 'windows') return windows
  if (code !== 0 || !at(facts, 'ServerVersion')) return daemonProblem(outcome, facts)
  return undefined
}

function daemonProblem({ stdout, stderr }: Outcome, facts: unknown): Problem {
  const said = [at(facts, 'ServerErrors'), facts === undefined ? stdout : '', stderr].flat().join('\n').trim()
  const output = lastLines(said, 5)
  return { ...(/permission denied/i.test(said) ? forbidden : down), output }
}

const silent: Problem = {
  cause: 'The Docker engine of this runner did not answer `docker info` within 30 seconds.',
  remedy: 'Restart the engine, or use another runner.',
}

const missing: Problem = {
  cause: 'There is no `docker` command on this runner.',
  remedy:
    'Use a runner with Docker, such as `runs-on: ubuntu-24.04`; on a runner of your own, install Docker Engine.',
}

const podman: Problem = {
  cause: 'The `docker` command of this runner is Podman, which has no buildx.',
  remedy:
    'Install Docker Engine and its client in place of the podman-docker package, or use another runner.',
}

const windows: Problem = {
  cause: 'The Docker engine of this runner runs Windows containers; Linux images cannot be built on it.',
  remedy: 'Use a Linux runner, such as `runs-on: ubuntu-24.04`, or switch the engine to Linux containers.',
}

const forbidden: Problem = {
  cause: "This runner's user may not use the Docker engine.",
  remedy: 'Add the user that runs the runner to the group `docker`, and start the runner again.',
}

const down: Problem = {
  cause: 'The Docker engine of this runner cannot be reached.',
  remedy:
    'Use a runner with a Docker engine (`ubuntu-slim` and macOS have none), start the engine, or set `DOCKER_HOST`.',
}
