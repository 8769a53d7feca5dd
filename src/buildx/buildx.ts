import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import type { Outcome } from '../core/command.ts'
import { Failure, lastLines } from '../core/errors.ts'
import { privateDirectory } from '../core/private-files.ts'
import type { Runtime } from '../core/runtime.ts'
import { diagnose } from '../docker/diagnosis.ts'
import type { Docker } from '../docker/docker.ts'
import { installPlugin, usesTls } from '../docker/plugins.ts'
import { runWithRetries } from '../docker/run-with-retries.ts'

/** The repository of Docker's buildx images. Each holds the binary `/buildx`, for every platform of a docker client. */
const buildxRepository = 'docker.io/docker/buildx-bin'

/**
 * Returns the docker with the requested version of buildx, and downloads buildx if the runner has another version. A
 * downloaded buildx runs as a standalone program. If the connection to the engine needs docker's TLS options, it is
 * instead installed as a plugin in this step's own docker configuration.
 */
export async function provideBuildx(
  runtime: Runtime,
  wanted: string | undefined,
  docker: Docker,
  plugins: string | undefined,
): Promise<Docker> {
  const installed = docker.buildxVersion.replace(/[+~].*$/, '')
  if (wanted === undefined && installed === '') throw new Failure('preflight', missing)
  if (wanted === undefined || wanted === installed) return docker
  const buildx = await fetchBuildx(runtime, `${buildxRepository}:${wanted}`)
  const fetched = { ...docker, buildx, buildxVersion: await versionOf(runtime, buildx, wanted) }
  if (plugins === undefined || !usesTls(runtime.env)) return fetched
  await installPlugin(buildx, plugins)
  const { buildx: _, ...plugged } = fetched
  return plugged
}

const missing = {
  cause: 'The `docker` command of this runner has no buildx.',
  remedy: 'Install the package docker-buildx-plugin on the runner, or set `buildx-version: latest`.',
}

/**
 * Downloads buildx and returns the path of its binary. The engine pulls the image, which verifies its digests and uses
 * the engine's proxies; the binary is copied out of a container that never starts. It lies in a directory of this step
 * and replaces no plugin of the runner.
 */
async function fetchBuildx(runtime: Runtime, image: string): Promise<string> {
  const directory = await privateDirectory(runtime.context.temp, 'buildx')
  runtime.remember({ kind: 'directory', path: directory })
  const plugin = join(directory, 'docker-buildx')
  const created = await runWithRetries(runtime, { file: 'docker', args: ['create', image, '/buildx'] })
  if (created.code !== 0) throw failure(image, diagnose(created).cause, created.stderr)
  const container = /^[0-9a-f]+$/.exec(created.stdout.trim().split('\n').at(-1) ?? '')?.[0]
  if (container === undefined) throw failure(image, 'docker returned no container ID.', created.stdout)
  const copied = await runtime.run({ file: 'docker', args: ['cp', `${container}:/buildx`, plugin] })
  await runtime.run({ file: 'docker', args: ['rm', container] })
  if (copied.code !== 0) throw failure(image, 'The image contains no buildx.', copied.stderr)
  await chmod(plugin, 0o755)
  return plugin
}

async function versionOf(runtime: Runtime, buildx: string, wanted: string): Promise<string> {
  const versionRun = runtime.run({ file: buildx, args: ['version'] })
  const { code, stdout, stderr } = await versionRun.catch(notStarted)
  const [, version] = /\sv?(\d+\.\d+\.\d+\S*)/.exec(stdout) ?? []
  if (code === 0 && version !== undefined) return version
  throw failure(`buildx ${wanted}`, 'It does not run on this machine.', stderr)
}

/** Returns the outcome of a program that cannot start, such as one for another architecture. */
const notStarted = (error: unknown): Outcome => ({ code: 126, stdout: '', stderr: String(error) })

const failure = (what: string, cause: string, output: string): Failure =>
  new Failure('preflight', {
    input: 'buildx-version',
    cause: `${what} could not be installed. ${cause}`,
    remedy: 'Check that the release exists, or omit `buildx-version` to use the buildx of the runner.',
    output: lastLines(output, 5),
  })
