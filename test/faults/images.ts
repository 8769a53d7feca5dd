import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loggedIn } from '../rig/base.ts'
import { run } from '../rig/command.ts'
import type { Rig } from '../rig/rig.ts'
import { serve } from '../scenario/site.ts'

/** A release that is in the registry before anything is deployed. */
export interface Version {
  readonly page: string
  readonly digest: string
}

export interface Recipe {
  readonly page: string
  /** The last lines of its Dockerfile; the default serves the page. */
  readonly run?: string
}

/** Builds each recipe once, and pushes it to a repository (`octo/name`) of the rig's registry. */
export async function push(all: Rig, repository: string, recipes: readonly Recipe[]): Promise<Version[]> {
  const base = (await all.base()).reference
  return await Promise.all(recipes.map(recipe => pushOne(all, repository, base, recipe)))
}

async function pushOne(all: Rig, repository: string, base: string, { page, run: lines }: Recipe) {
  const context = mkdtempSync(join(tmpdir(), 'slipway-version-'))
  try {
    writeFileSync(join(context, 'index.html'), `${page}\n`)
    writeFileSync(join(context, 'Dockerfile'), `FROM ${base}\nCOPY index.html /www/\n${lines ?? serve}\n`)
    const config = loggedIn(all.place, all.registry, all.runner.plugins)
    const metadata = join(context, 'metadata.json')
    const reference = `${all.registry.host}/${repository}:${page}`
    await run(
      'docker',
      [
        'buildx',
        'build',
        '-q',
        '--provenance=false',
        '--push',
        '-t',
        reference,
        '--metadata-file',
        metadata,
        context,
      ],
      { env: { ...all.runner.env, DOCKER_CONFIG: config } },
    )
    const { 'containerimage.digest': digest } = (await import(metadata, { with: { type: 'json' } }))
      .default as { 'containerimage.digest': string }
    return { page, digest }
  } finally {
    rmSync(context, { recursive: true })
  }
}
