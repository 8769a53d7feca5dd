import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dockerConfigFor } from '../rig/base.ts'
import { run } from '../rig/command.ts'
import { ensure, read, write } from '../rig/record.ts'
import type { Rig } from '../rig/rig.ts'
import { architectures } from '../rig/system.ts'

/** How a release behaves. Each kind is an image under a tag of its name, and has its name for a page. */
export const kinds = {
  /** Serve its page, for good. */
  one: 'serve',
  two: 'serve',
  three: 'serve',
  /** That no node has, until it is deployed. */
  absent: 'serve',
  /** Ends with 3 at once. */
  crash: 'echo crashed on purpose >&2; exit 3',
  /** Serves for some seconds, longer than Swarm watches a new task by default. */
  late: 'serve & sleep 9; echo crashed on purpose, later >&2; exit 3',
  /** Serves, and its healthcheck fails. */
  sick: 'serve',
  /** Has a healthcheck that holds. */
  checked: 'serve',
  /** Ends well. */
  done: 'echo done',
  /** Ends with 1, as a job. */
  undone: 'echo not done >&2; exit 1',
} as const

export type Kind = keyof typeof kinds

const healthchecks: Partial<Record<Kind, string>> = {
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
  /** The tag of an image for another architecture than this machine's alone. */
  readonly foreign: 'foreign'
}

/** The images in the registry with a login: as they stand, or built and pushed; all files of a run share them. */
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

/** Of another name when what they are made of changes: a rig may stand for days. */
const part = `swarm-images-${createHash('sha256').update(JSON.stringify(kinds)).digest('hex').slice(0, 8)}`

/** Builds and pushes them all, to a repository of their own. */
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
    const named = Object.entries(kinds) as [Kind, string][]
    await Promise.all([
      ...named.map(([kind, work]) =>
        push(
          kind,
          `FROM ${base}\nCOPY work /work\nENV PAGE=${kind} WORK="${work}"\n${healthchecks[kind] ?? ''}CMD ["sh", "/work"]\n`,
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
