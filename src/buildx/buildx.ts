import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import type { Outcome } from '../core/command.ts'
import { Failure, lastLines } from '../core/errors.ts'
import { privateDirectory } from '../core/private-files.ts'
import type { Runtime } from '../core/runtime.ts'
import { diagnose } from '../docker/diagnosis.ts'
import type { Docker } from '../docker/docker.ts'
import { plugIn, speaksTls } from '../docker/plugins.ts'
import { runWithRetries } from '../docker/run-with-retries.ts'

/** Where Docker publishes buildx; the binary is `/buildx`, for each platform of a client. */
const published = 'docker.io/docker/buildx-bin'

/**
 * The docker with the buildx that is asked for: what the runner has when that is the one, else it is fetched. It is run
 * by itself, or, where docker has to say how the engine is spoken to, as a plugin of this step's own docker.
 */
export async function provideBuildx(
  runtime: Runtime,
  wanted: string | undefined,
  docker: Docker,
  plugins: string | undefined,
): Promise<Docker> {
  const found = docker.buildxVersion.replace(/[+~].*$/, '')
  if (wanted === undefined && found === '') throw new Failure('preflight', missing)
  if (wanted === undefined || wanted === found) return docker
  const buildx = await fetchBuildx(runtime, `${published}:${wanted}`)
  const fetched = { ...docker, buildx, buildxVersion: await versionOf(runtime, buildx, wanted) }
  if (plugins === undefined || !speaksTls(runtime.env)) return fetched
  await plugIn(buildx, plugins)
  const { buildx: _, ...plugged } = fetched
  return plugged
}

const missing = {
  cause: 'The `docker` command of this runner has no buildx.',
  remedy: 'Install the package docker-buildx-plugin on the runner, or have it fetched by `buildx-version`.',
}

/**
 * The engine pulls it, by its digests and through its own proxies; a container that never runs gives it out. It is run
 * from a directory of this step, and takes the place of no plugin of the runner's.
 */
async function fetchBuildx(runtime: Runtime, image: string): Promise<string> {
  const directory = await privateDirectory(runtime.context.temp, 'buildx')
  runtime.remember({ kind: 'directory', path: directory })
  const plugin = join(directory, 'docker-buildx')
  const created = await runWithRetries(runtime, { file: 'docker', args: ['create', image, '/buildx'] })
  if (created.code !== 0) throw failure(image, diagnose(created).cause, created.stderr)
  const container = /^[0-9a-f]+$/.exec(created.stdout.trim().split('\n').at(-1) ?? '')?.[0]
  if (container === undefined) throw failure(image, 'docker named no container.', created.stdout)
  const copied = await runtime.run({ file: 'docker', args: ['cp', `${container}:/buildx`, plugin] })
  await runtime.run({ file: 'docker', args: ['rm', container] })
  if (copied.code !== 0) throw failure(image, 'It holds no buildx.', copied.stderr)
  await chmod(plugin, 0o755)
  return plugin
}

async function versionOf(runtime: Runtime, buildx: string, wanted: string): Promise<string> {
  const asked = runtime.run({ file: buildx, args: ['version'] })
  const { code, stdout, stderr } = await asked.catch(notRun)
  const [, version] = /\sv?(\d+\.\d+\.\d+\S*)/.exec(stdout) ?? []
  if (code === 0 && version !== undefined) return version
  throw failure(`buildx ${wanted}`, 'It does not run on this machine.', stderr)
}

/** Returns the outcome of a program that cannot start, for example one of another architecture. */
const notRun = (error: unknown): Outcome => ({ code: 126, stdout: '', stderr: String(error) })

const failure = (what: string, cause: string, output: string): Failure =>
  new Failure('preflight', {
    input: 'buildx-version',
    cause: `${what} could not be installed. ${cause}`,
    remedy: 'Check that the release exists, or leave out `buildx-version` and use what the runner has.',
    output: lastLines(output, 5),
  })
