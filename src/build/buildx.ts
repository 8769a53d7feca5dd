import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, lastLines } from '../errors.ts'
import type { World } from '../world.ts'
import { dockerDirectory } from './current.ts'
import { diagnose } from './diagnosis.ts'
import type { Docker } from './docker.ts'
import { patiently } from './patient.ts'

/** Where Docker publishes buildx; the binary is `/buildx`, for each platform of a client. */
const published = 'docker.io/docker/buildx-bin'

/** The docker with the buildx that is asked for: what the runner has when that is the one, else it is fetched. */
export async function provideBuildx(
  world: World,
  wanted: string | undefined,
  docker: Docker,
): Promise<Docker> {
  const found = docker.buildxVersion.replace(/[+~].*$/, '')
  if (wanted === undefined && found === '') throw new Failure('preflight', missing)
  if (wanted === undefined || wanted === found) return docker
  await install(world, `${published}:${wanted}`)
  return { ...docker, buildxVersion: await installedVersion(world, wanted) }
}

const missing = {
  cause: 'The `docker` command of this runner has no buildx.',
  remedy: 'Install the package docker-buildx-plugin on the runner, or have it fetched by `buildx-version`.',
}

/** The engine pulls it, by its digests and through its own proxies; a container that never runs gives it out. */
async function install(world: World, image: string): Promise<void> {
  const plugins = join(dockerDirectory(world.env), 'cli-plugins')
  const plugin = join(plugins, 'docker-buildx')
  const created = await patiently(world, { file: 'docker', args: ['create', image, '/buildx'] })
  if (created.code !== 0) throw failure(image, diagnose(created).cause, created.stderr)
  const container = created.stdout.trim().split('\n').at(-1) ?? ''
  await mkdir(plugins, { recursive: true, mode: 0o700 })
  await rm(plugin, { force: true }) // it may be a link to the runner's own
  const copied = await world.run({ file: 'docker', args: ['cp', `${container}:/buildx`, plugin] })
  await world.run({ file: 'docker', args: ['rm', container] })
  if (copied.code !== 0) throw failure(image, 'It holds no buildx.', copied.stderr)
  await chmod(plugin, 0o755)
}

async function installedVersion(world: World, wanted: string): Promise<string> {
  const { code, stdout, stderr } = await world.run({ file: 'docker', args: ['buildx', 'version'] })
  const [, version] = /\sv?(\d+\.\d+\.\d+\S*)/.exec(stdout) ?? []
  if (code === 0 && version !== undefined) return version
  throw failure(`buildx ${wanted}`, 'It does not run on this machine.', stderr)
}

const failure = (what: string, cause: string, output: string): Failure =>
  new Failure('preflight', {
    input: 'buildx-version',
    cause: `${what} could not be installed. ${cause}`,
    remedy: 'Check that the release exists, or leave out `buildx-version` and use what the runner has.',
    output: lastLines(output, 5),
  })
