import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dockerConfigFor } from '../rig/base.ts'
import { run } from '../rig/command.ts'
import { ensure, read, write } from '../rig/record.ts'
import type { Rig } from '../rig/rig.ts'
import { architectures } from '../rig/system.ts'

/** The releases and their behavior. Each is an image whose tag and page are its name. */
export const releases = {
  /** `one`, `two` and `three` serve their page permanently. */
  one: 'serve',
  two: 'serve',
  three: 'serve',
  /** Serves. No node has the image before it is deployed. */
  absent: 'serve',
  /** Exits with code 3 at once. */
  crash: 'echo crashed on purpose >&2; exit 3',
  /** Serves for some seconds, longer than Swarm monitors a new task by default, and crashes. */
  late: 'serve & sleep 9; echo crashed on purpose, later >&2; exit 3',
  /** Serves, but its healthcheck fails. */
  sick: 'serve',
  /** Serves, and its healthcheck succeeds. */
  checked: 'serve',
  /** Exits with code 0, as a job. */
  done: 'echo done',
  /** Exits with code 1, as a job. */
  undone: 'echo not done >&2; exit 1',
} as const

export type Release = keyof typeof releases

const healthchecks: Partial<Record<Release, string>> = {
  sick: 'HEALTHCHECK --interval=1s --timeout=2s --retries=2 CMD ["false"]\n',
  checked: 'HEALTHCHECK --interval=10s --start-period=20s --start-interval=500ms CMD ["true"]\n',
}

const script = `#!/bin/sh
serve() { exec httpd -f -p 8080 -h /www; }
mkdir -p /www
echo "$PAGE" >/www/index.html
eval "$WORK"
`

export interface Images {
  /** `registry/octo/name`, without a tag. */
  readonly repository: string
  /** The tag of an image that exists only for another architecture than this machine's. */
  readonly foreign: 'foreign'
}

/** Returns the images in the registry with a login. Builds and pushes them if necessary. All test files share them. */
export const imagesOf = (all: Rig): Promise<Images> =>
  ensure(
    all.place,
    part,
    () => read<Images>(all.place, part),
    async () => {
      const images = await pushImages(all, 'swarm')
      write(all.place, part, images)
      return images
    },
  )

/** The name of the record. It contains a hash of the content, because a rig may be up for days. */
const part = `swarm-images-${createHash('sha256').update(JSON.stringify(releases)).digest('hex').slice(0, 8)}`

/** Builds all images and pushes them to one repository. */
async function pushImages(all: Rig, name: string): Promise<Images> {
  const base = (await all.base()).reference
  const { own, other } = await architectures()
  const repository = `${all.registry.host}/octo/${name}`
  const context = mkdtempSync(join(tmpdir(), 'slipway-swarm-'))
  mkdirSync(join(context, 'empty'))
  const push = async (tag: string, lines: string, platform: string) => {
    const file = join(context, `${tag}.Dockerfile`)
    writeFileSync(file, lines)
    const options = ['--provenance=false', '--platform', `linux/${platform}`, '--push', '-q']
    await run('docker', ['buildx', 'build', ...options, '-f', file, '-t', `${repository}:${tag}`, context], {
      env: {
        ...process.env,
        ...all.runner.env,
        DOCKER_CONFIG: dockerConfigFor(all.place, all.registry, all.runner.plugins),
      },
    })
  }
  try {
    writeFileSync(join(context, 'work'), script)
    const entries = Object.entries(releases) as [Release, string][]
    await Promise.all([
      ...entries.map(([release, work]) =>
        push(
          release,
          `FROM ${base}\nCOPY work /work\nENV PAGE=${release} WORK="${work}"\n${healthchecks[release] ?? ''}CMD ["sh", "/work"]\n`,
          own,
        ),
      ),
      push('foreign', 'FROM scratch\nCOPY work /work\nCMD ["/work"]\n', other),
    ])
    return { repository, foreign: 'foreign' }
  } finally {
    rmSync(context, { recursive: true })
  }
}
