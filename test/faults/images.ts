import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../rig/command.ts'
import type { Rig } from '../rig/rig.ts'
import { serve } from '../scenario/site.ts'

/** A release that was pushed to the registry before the test deploys anything. */
export interface Version {
  readonly page: string
  readonly digest: string
}

export interface Recipe {
  readonly page: string
  /** The last lines of its Dockerfile. Default: serve the page. */
  readonly run?: string
  /** The base image. Default: the rig's base image with the page copied into it. */
  readonly from?: string
  /** A tag in addition to the page. */
  readonly also?: string
}

/** Builds each recipe and pushes it to a repository (`octo/name`) of the rig's registry. */
export async function push(all: Rig, repository: string, recipes: readonly Recipe[]): Promise<Version[]> {
  const base = (await all.base()).reference
  return await Promise.all(recipes.map(recipe => pushOne(all, repository, base, recipe)))
}

async function pushOne(all: Rig, repository: string, base: string, { page, run: lines, also, from }: Recipe) {
  const context = mkdtempSync(join(tmpdir(), 'slipway-version-'))
  try {
    writeFileSync(join(context, 'index.html'), `${page}\n`)
    writeFileSync(
      join(context, 'Dockerfile'),
      `FROM ${from ?? `${base}\nCOPY index.html /www/`}\n${lines ?? serve}\n`,
    )
    writeFileSync(join(context, 'config.json'), JSON.stringify(dockerConfig(all)), { mode: 0o600 })
    writeFileSync(join(context, '.dockerignore'), 'config.json\n')
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
        ...(also === undefined ? [] : ['-t', `${all.registry.host}/${repository}:${also}`]),
        '--metadata-file',
        metadata,
        context,
      ],
      { env: { ...process.env, ...all.runner.env, DOCKER_CONFIG: context } },
    )
    const { 'containerimage.digest': digest } = JSON.parse(readFileSync(metadata, 'utf8'))
    return { page, digest }
  } finally {
    rmSync(context, { recursive: true })
  }
}

const dockerConfig = ({ registry: { host, username, password }, runner }: Rig) => ({
  cliPluginsExtraDirs: [runner.plugins],
  auths: { [host]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } },
})
