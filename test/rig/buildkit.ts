import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dockerConfigFor } from './base.ts'
import { run } from './command.ts'
import { goOf } from './go.ts'
import type { Place } from './place.ts'
import { ensure, lockedCache, read, write } from './record.ts'
import { plainHosts, type Registry } from './registry.ts'
import type { RunnerDocker } from './runner-docker.ts'
import { busyboxOf, programIn, toolsOf } from './suites.ts'
import { architectures } from './system.ts'
import type { Say } from './unpacked.ts'

/** What the `docker-container` driver needs on the rig, which cannot pull images from the internet. */
export interface Buildkit {
  /** Replaces `moby/buildkit`. Stored in the anonymous registry. */
  readonly image: string
  /** Lines of `driver-opts`. */
  readonly driverOpts: readonly string[]
  /** For `buildkitd-config-inline`: the rig's registries speak plain HTTP. */
  readonly config: string
}

const version = 'v0.26.2'

const goModule = `module slipway.rig/buildkit

go 1.24
`

// `go install` rejects BuildKit because of the exclude lines in its go.mod, so a module of ours depends on it instead.
const goSource = `//go:build tools

package tools

import (
	_ "github.com/moby/buildkit/cmd/buildctl"
	_ "github.com/moby/buildkit/cmd/buildkitd"
)
`

/** Compiles buildkitd and buildctl once per machine. Returns the directory that contains them. */
async function compiled(at: Place, say: Say): Promise<string> {
  const done = join(at.cache, `buildkit-${version}`)
  return existsSync(done)
    ? done
    : await lockedCache(at, 'buildkit', async () => (existsSync(done) ? done : await compile(at, done, say)))
}

async function compile(at: Place, done: string, say: Say): Promise<string> {
  const go = await goOf(at, say)
  say(`Compiling BuildKit ${version} (a minute or two, once)`)
  const directory = `${done}.new`
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'go.mod'), goModule)
  writeFileSync(join(directory, 'tools.go'), goSource)
  const options = {
    cwd: directory,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-trimpath', GOTOOLCHAIN: 'auto' },
  }
  await run(go, ['get', `github.com/moby/buildkit@${version}`], options)
  await run(go, ['mod', 'tidy'], options)
  const commands = ['buildkitd', 'buildctl'].map(name => `github.com/moby/buildkit/cmd/${name}`)
  await run(go, ['build', '-ldflags', '-s -w', '-o', 'bin/', ...commands], options)
  renameSync(directory, done)
  return done
}

/** Returns the paths of the shared libraries that a program is linked with, including the loader. */
const librariesOf = async (program: string): Promise<string[]> =>
  Array.from((await run('ldd', [program])).matchAll(/(\/\S+) \(0x/g), ([, path]) => path ?? '')

const dockerfile = `FROM scratch
COPY root/ /
ENV PATH=/usr/bin:/bin
VOLUME /var/lib/buildkit
ENTRYPOINT ["buildkitd"]
`

/** Writes a build context: a root file system with buildkitd, runc with its libraries, and a shell. */
async function layOut(at: Place, say: Say): Promise<string> {
  const { own } = await architectures()
  const [programs, tools, shell] = await Promise.all([
    compiled(at, say),
    toolsOf(at, say),
    busyboxOf(at, own, say),
  ])
  const context = join(at.run, 'buildkit')
  rmSync(context, { recursive: true, force: true })
  const put = (from: string, to: string): void => {
    mkdirSync(dirname(join(context, 'root', to)), { recursive: true })
    copyFileSync(from, join(context, 'root', to))
  }
  const runc = programIn(tools, 'runc')
  put(shell, 'bin/sh')
  put(runc, 'usr/bin/runc')
  for (const library of await librariesOf(runc)) put(library, library)
  for (const name of ['buildkitd', 'buildctl']) put(join(programs, 'bin', name), `usr/bin/${name}`)
  for (const folder of ['tmp', 'etc', 'run']) mkdirSync(join(context, 'root', folder), { recursive: true })
  writeFileSync(join(context, 'Dockerfile'), dockerfile)
  return context
}

/** Returns the image for the `docker-container` driver. Builds and pushes it if it does not exist yet. */
export async function buildkitOf(
  at: Place,
  registry: Registry,
  runner: RunnerDocker,
  say: Say,
): Promise<Buildkit> {
  const image = `${registry.host}/base/buildkit:${version}`
  const config = plainHosts(at)
    .map(host => `[registry."${host}"]\n  http = true\n`)
    .join('')
  const buildkit = { image, driverOpts: [`image=${image}`, 'network=host'], config }
  return await ensure(
    at,
    'buildkit',
    () => read<Buildkit>(at, 'buildkit'),
    async () => {
      const context = await layOut(at, say)
      const env = {
        ...process.env,
        ...runner.env,
        DOCKER_CONFIG: dockerConfigFor(at, registry, runner.plugins),
      }
      await run('docker', ['buildx', 'build', '--push', '--provenance=false', '--tag', image, context], {
        env,
      })
      write(at, 'buildkit', buildkit)
      return buildkit
    },
  )
}
