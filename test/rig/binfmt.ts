import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Base, dockerConfigFor } from './base.ts'
import { run } from './command.ts'
import { binaryOf, emulators, registration, unregister } from './emulator.ts'
import type { Place } from './place.ts'
import { ensure, read, write } from './record.ts'
import type { Registry } from './registry.ts'
import type { RunnerDocker } from './runner-docker.ts'
import { architectures } from './system.ts'
import type { Say } from './unpacked.ts'

/**
 * An image that registers emulators from a privileged container. Replaces `tonistiigi/binfmt`, which needs internet.
 */
export interface Binfmt {
  /** For the input `qemu-image`, which is used as `docker run --privileged IMAGE --install arm64`. */
  readonly image: string
  /** The architectures that it can install. Includes the second architecture that the tests build for. */
  readonly architectures: readonly string[]
  /** Removes the registration from this machine's kernel. */
  uninstall(architecture: string): void
}

const script = `#!/bin/sh
set -e
test "$1" = --install
directory=/proc/sys/fs/binfmt_misc
test -e $directory/register || mount -t binfmt_misc binfmt_misc $directory
IFS=,
for architecture in $2; do
  name=$(cat "/binfmt/$architecture.name")
  test -e "$directory/$name" || cat "/binfmt/$architecture" >$directory/register
  echo "installed $name"
done
`

async function push(
  at: Place,
  image: string,
  base: Base,
  registry: Registry,
  runner: RunnerDocker,
  say: Say,
): Promise<void> {
  const context = join(at.run, 'binfmt')
  rmSync(context, { recursive: true, force: true })
  mkdirSync(context, { recursive: true })
  const { own } = await architectures()
  for (const [architecture, emulator] of Object.entries(emulators)) {
    if (architecture === own) continue
    copyFileSync(await binaryOf(at, emulator, say), join(context, emulator.name))
    writeFileSync(join(context, architecture), registration(emulator, `/binfmt/${emulator.name}`))
    writeFileSync(join(context, `${architecture}.name`), emulator.name)
  }
  writeFileSync(join(context, 'install'), script, { mode: 0o755 })
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM ${base.reference}\nCOPY . /binfmt/\nENTRYPOINT ["/binfmt/install"]\n`,
  )
  const env = { ...process.env, ...runner.env, DOCKER_CONFIG: dockerConfigFor(at, registry, runner.plugins) }
  await run('docker', ['buildx', 'build', '--push', '--provenance=false', '--tag', image, context], { env })
}

/** Returns the image that registers emulators. Builds and pushes it if it does not exist yet. */
export async function binfmtOf(
  at: Place,
  base: Base,
  registry: Registry,
  runner: RunnerDocker,
  say: Say,
): Promise<Binfmt> {
  const image = `${registry.host}/base/binfmt:latest`
  await ensure(
    at,
    'binfmt',
    () => read<true>(at, 'binfmt'),
    async () => {
      await push(at, image, base, registry, runner, say)
      write(at, 'binfmt', true)
      return true
    },
  )
  const { own } = await architectures()
  return {
    image,
    architectures: Object.keys(emulators).filter(name => name !== own),
    uninstall: architecture => unregister(emulators[architecture]?.name ?? architecture),
  }
}
