import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'
import type { Place } from './place.ts'
import { ensure, read, write } from './record.ts'
import type { Registry } from './registry.ts'
import type { RunnerDocker } from './runner-docker.ts'
import { busyboxOf } from './suites.ts'
import { architectures, isDebian } from './system.ts'
import type { Say } from './unpacked.ts'
import { writeAtomically } from './write-atomically.ts'

/**
 * The base image of the tests' images: 2 MB of busybox with sh, httpd and wget. On Debian it is built for amd64 and
 * arm64.
 */
export interface Base {
  /** `registry/base/busybox:stable`. */
  readonly reference: string
  readonly digest: string
  /**
   * Comma-separated, as in the `platforms` input. Only this machine's platform if its package archive has no other
   * architecture.
   */
  readonly platforms: string
}

const dockerfile = `FROM scratch
ARG TARGETARCH
COPY $TARGETARCH/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["sh"]
`

/** Writes a root file system with busybox and a link for each of its commands. */
function rootOf(directory: string, busybox: string, commands: readonly string[]): void {
  rmSync(directory, { recursive: true, force: true })
  for (const folder of ['bin', 'etc', 'root', 'tmp', 'var'])
    mkdirSync(join(directory, folder), { recursive: true })
  chmodSync(join(directory, 'tmp'), 0o1777)
  copyFileSync(busybox, join(directory, 'bin/busybox'))
  for (const command of commands)
    if (command !== 'busybox') symlinkSync('busybox', join(directory, 'bin', command))
  writeFileSync(
    join(directory, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  )
  writeFileSync(join(directory, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n')
}

/** Writes a build context with a root file system per architecture. Returns its directory. */
async function contextOf(at: Place, architectures: readonly string[], say: Say): Promise<string> {
  const programs = await Promise.all(architectures.map(name => busyboxOf(at, name, say)))
  // The first program is for this machine's own architecture, so it can be run here.
  const commands = (await run(programs[0] ?? '', ['--list'])).split('\n').filter(Boolean)
  const context = join(at.run, 'base')
  for (const [index, name] of architectures.entries())
    rootOf(join(context, name), programs[index] ?? '', commands)
  writeFileSync(join(context, 'Dockerfile'), dockerfile)
  return context
}

/** Writes a docker configuration that is logged in to a registry. Returns its directory, for DOCKER_CONFIG. */
export function dockerConfigFor(at: Place, registry: Registry, plugins: string): string {
  const directory = join(at.run, `docker-config-${registry.host.replace(':', '-')}`)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const auth = Buffer.from(`${registry.username}:${registry.password}`).toString('base64')
  const auths = registry.username ? { [registry.host]: { auth } } : {}
  writeAtomically(join(directory, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [plugins], auths }))
  return directory
}

async function push(at: Place, registry: Registry, runner: RunnerDocker, say: Say): Promise<Base> {
  const reference = `${registry.host}/base/busybox:stable`
  const { own, other } = await architectures()
  const all = isDebian() ? [own, other] : [own]
  if (!isDebian())
    say(`The base image is built only for ${own}: this machine's package archive has none for ${other}`)
  const context = await contextOf(at, all, say)
  say(`Pushing ${reference}`)
  const metadata = join(context, 'metadata.json')
  const platforms = all
    .map(name => `linux/${name}`)
    .sort()
    .join()
  const options = ['--platform', platforms, '--push', '--provenance=false', '--metadata-file', metadata]
  const env = { ...process.env, ...runner.env, DOCKER_CONFIG: dockerConfigFor(at, registry, runner.plugins) }
  await run('docker', ['buildx', 'build', ...options, '--tag', reference, context], { env })
  const { 'containerimage.digest': digest } = JSON.parse(await run('cat', [metadata]))
  return { reference, digest, platforms }
}

/** Returns the base image in a registry of the rig. Builds and pushes it if it does not exist yet. */
export const baseOf = (at: Place, registry: Registry, runner: RunnerDocker, say: Say): Promise<Base> => {
  const part = `base-${registry.host.replace(':', '-')}`
  return ensure(
    at,
    part,
    () => {
      const base = read<Base>(at, part)
      return base?.platforms ? base : undefined
    },
    async () => {
      const base = await push(at, registry, runner, say)
      write(at, part, base)
      return base
    },
  )
}
