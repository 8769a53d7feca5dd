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
  /** Empty without buildx. */
  readonly buildxVersion: string
  /** The path of the buildx program, if it can run without the docker client. */
  readonly buildx?: string
  /** Only with the containerd store can the engine's own builder build several platforms, attest and export caches. */
  readonly imageStore: 'classic' | 'containerd'
  /** The engine's native platform: `linux/amd64`. */
  readonly platform: string
  /** True for a rootless engine, which cannot register emulators. */
  readonly rootless: boolean
  /** The docker context in use, which is also the name of the engine's own builder. */
  readonly context: string
  /** Registries that use no TLS or whose certificate is not verified. */
  readonly insecure: InsecureRegistries
}

export interface InsecureRegistries {
  /** `host` or `host:port`. */
  readonly hosts: readonly string[]
  /** `127.0.0.0/8` */
  readonly cidrs: readonly string[]
}

/** Reports the engine, the client and its plugins in one call. */
const dockerInfo: Command = { file: 'docker', args: ['info', '--format', '{{json .}}'] }

/** Milliseconds to wait for `docker info`. A busy engine answers within seconds; a stuck one never does. */
const infoTimeout = 30_000

/** Runs `docker info` and returns what docker can do. Fails if docker cannot build at all. */
export async function askDocker(run: Run, signal?: AbortSignal): Promise<Docker> {
  const outcome = await run(dockerInfo, { timeout: infoTimeout, ...(signal ? { signal } : {}) }).catch(
    notFound,
  )
  const facts = parseJson(outcome.stdout)
  const problem = dockerProblem(outcome, facts)
  if (problem !== undefined) throw new Failure('preflight', problem)
  return readDocker(facts)
}

/** Turns the error for a missing docker command into exit code 127. Throws any other error again. */
function notFound(error: unknown): Outcome {
  if (error instanceof NotStarted && error.code !== 'ENOENT') throw error
  return { code: 127, stdout: '', stderr: String(error) }
}

/** Parses the output of `docker info`, or the engine's own answer, of a machine that can build. */
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

/** Reads the insecure registries from the output of `docker info`, or from the engine's own answer. */
export function insecureRegistries(facts: unknown): InsecureRegistries {
  const configured = Object.values((at(facts, 'RegistryConfig', 'IndexConfigs') ?? {}) as object)
  return {
    hosts: configured.filter(index => at(index, 'Secure') === false).map(index => text(at(index, 'Name'))),
    cidrs: list(at(facts, 'RegistryConfig', 'InsecureRegistryCIDRs')).map(text),
  }
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Returns the reason why this machine's docker cannot build, from the output of `docker info`; undefined if it can. */
function dockerProblem(outcome: Outcome, facts: unknown): Problem | undefined {
  const { code, stderr } = outcome
  if (code === null) return silent
  if (code === 127 && facts === undefined) return { ...missing, output: lastLines(stderr, 5) }
  // The `docker info` of Podman has a section `host`, which Docker's does not have.
  if (at(facts, 'host') !== undefined || /using podman/i.test(stderr)) return podman
  if (at(facts, 'OSType') === 'windows') return windows
  if (code !== 0 || !at(facts, 'ServerVersion')) return daemonProblem(outcome, facts)
  return undefined
}

function daemonProblem({ stdout, stderr }: Outcome, facts: unknown): Problem {
  const errors = [at(facts, 'ServerErrors'), facts === undefined ? stdout : '', stderr]
    .flat()
    .join('\n')
    .trim()
  const output = lastLines(errors, 5)
  return { ...(/permission denied/i.test(errors) ? forbidden : unreachable), output }
}

const silent: Problem = {
  cause: 'The Docker engine of this runner did not answer `docker info` within 30 seconds.',
  remedy: 'Restart the engine, or use another runner.',
}

const missing: Problem = {
  cause: 'There is no `docker` command on this runner.',
  remedy:
    'Use a runner with Docker, such as `runs-on: ubuntu-24.04`; on a self-hosted runner, install Docker Engine.',
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
  cause: 'The user of this runner is not allowed to use the Docker engine.',
  remedy: 'Add this user to the group `docker`, and restart the runner.',
}

const unreachable: Problem = {
  cause: 'The Docker engine of this runner cannot be reached.',
  remedy:
    'Use a runner with a Docker engine (`ubuntu-slim` and macOS have none), start the engine, or set `DOCKER_HOST`.',
}
