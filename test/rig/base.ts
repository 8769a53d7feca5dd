import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'
import type { RunnerDocker } from './on-runner.ts'
import type { Place } from './place.ts'
import { ensure, read, write } from './record.ts'
import type { Registry } from './registry.ts'
import { busyboxOf } from './suites.ts'
import { architectures, isDebian } from './system.ts'
import type { Say } from './unpacked.ts'
import { writeWhole } from './whole.ts'

/** An image that other images are built upon, where Debian is for amd64 and arm64: 2 MB of busybox with sh, httpd and wget. */
export interface Base {
  /** `registry/base/busybox:stable`. */
  readonly reference: string
  readonly digest: string
  /** Comma-separated, as `platforms` takes them: this machine's alone where its archive has no other. */
  readonly platforms: string
}

const dockerfile = `FROM scratch
ARG TARGETARCH
COPY $TARGETARCH/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["sh"]
`

/** A root file system of busybox, with a link for each of its commands. */
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

/** A build context with a root file system for each architecture; gives its folder. */
async function contextOf(at: Place, architectures: readonly string[], say: Say): Promise<string> {
  const programs = await Promise.all(architectures.map(name => busyboxOf(at, name, say)))
  // The first is this machine's own.
  const commands = (await run(programs[0] ?? '', ['--list'])).split('\n').filter(Boolean)
  const context = join(at.run, 'base')
  for (const [index, name] of architectures.entries())
    rootOf(join(context, name), programs[index] ?? '', commands)
  writeFileSync(join(context, 'Dockerfile'), dockerfile)
  return context
}

/** A docker configuration of the rig's own, logged in to a registry. */
export function loggedIn(at: Place, registry: Registry, plugins: string): string {
  const directory = join(at.run, `docker-config-${registry.host.replace(':', '-')}`)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const auth = Buffer.from(`${registry.username}:${registry.password}`).toString('base64')
  const auths = registry.username ? { [registry.host]: { auth } } : {}
  writeWhole(join(directory, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [plugins], auths }))
  return directory
}

async function push(at: Place, registry: Registry, runner: RunnerDocker, say: Say): Promise<Base> {
  const reference = `${registry.host}/base/busybox:stable`
  const { own, other } = await architectures()
  const all = isDebian() ? [own, other] : [own]
  if (!isDebian())
    say(`The base image is for ${own} alone: this machine's archive has no packages for ${other}`)
  const context = await contextOf(at, all, say)
  say(`Pushing ${reference}`)
  const metadata = join(context, 'metadata.json')
  const platforms = all
    .map(name => `linux/${name}`)
    .sort()
    .join()
  const options = ['--platform', platforms, '--push', '--provenance=false', '--metadata-file', metadata]
  const env = { ...process.env, ...runner.env, DOCKER_CONFIG: loggedIn(at, registry, runner.plugins) }
  await run('docker', ['buildx', 'build', ...options, '--tag', reference, context], { env })
  const { 'containerimage.digest': digest } = JSON.parse(await run('cat', [metadata]))
  return { reference, digest, platforms }
}

/** The base image in a registry of the rig: as it stands, or built and pushed. */
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
