import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  /** The image that it is built upon, in the place of the base with the page in it. */
  readonly from?: string
  /** One more tag than the page. */
  readonly also?: string
}

/** Builds each recipe once, and pushes it to a repository (`octo/name`) of the rig's registry. */
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
    writeFileSync(join(context, 'config.json'), JSON.stringify(loggedIn(all)), { mode: 0o600 })
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

const loggedIn = ({ registry: { host, username, password }, runner }: Rig) => ({
  cliPluginsExtraDirs: [runner.plugins],
  auths: { [host]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } },
})
