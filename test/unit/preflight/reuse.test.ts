import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { test } from 'node:test'
import { digestOfBytes } from '../../../src/image/digest.ts'
import { makePlan } from '../../../src/plan/plan.ts'
import { findBuilt } from '../../../src/preflight/reuse.ts'
import { context, type Given } from '../buildx/planned.ts'
import { scriptedRunner } from '../buildx/scripted-runner.ts'
import { events, headSha, inputsOf, sha } from '../image/events.ts'
import { client, serve } from '../registry/registry.ts'

const digestOf = (text: string) => digestOfBytes(Buffer.from(text))

/** Returns an image of one platform: its configuration, its manifest, and the digest of the manifest. */
function imageOf(revision: string) {
  const labels = { 'org.opencontainers.image.revision': revision }
  const config = JSON.stringify({ os: 'linux', architecture: 'amd64', config: { Labels: labels } })
  const manifest = JSON.stringify({ config: { digest: digestOf(config), size: 1 }, layers: [] })
  return { config, manifest, digest: digestOf(manifest) }
}

/** Serves one image under these tags, with the revision label of a commit. */
const registry = (tags: readonly string[], revision: string): RequestListener => {
  const { config, manifest, digest } = imageOf(revision)
  return ({ url = '' }, response) => {
    const name = url.split('/').at(-1) ?? ''
    if (name === digestOf(config)) return void response.end(config)
    const known = tags.length > 0 && (name === digest || tags.includes(name))
    response.setHeader('content-type', 'application/vnd.oci.image.manifest.v1+json')
    response.writeHead(known ? 200 : 404, { 'docker-content-digest': digest })
    response.end(known ? manifest : '')
  }
}

const cases: readonly {
  name: string
  has?: readonly string[]
  second?: readonly string[]
  revision?: string
  tags?: string
  platforms?: string
  given?: Given
  /** Tags the head commit of a pull request, by the variable of docker/metadata-action. */
  head?: true
  found: boolean
}[] = [
  { name: 'with the short tag', found: true },
  { name: 'with the long tag', has: [sha], tags: 'type=sha,prefix=,format=long', found: true },
  { name: 'with a tag of another length', has: ['sha-860c190'], tags: 'type=sha,format=long', found: false },
  { name: 'with its tag, but the label of another commit', revision: 'f'.repeat(40), found: false },
  { name: 'without a tag of the commit', has: ['latest'], tags: 'latest', found: false },
  { name: 'without one of the platforms', platforms: 'linux/arm64', found: false },
  { name: 'in both repositories', second: ['sha-860c190'], found: true },
  { name: 'in one repository of two', second: [], found: false },
  {
    name: 'with a suffix',
    has: ['sha-860c190-alpine'],
    given: { flavor: 'suffix=-alpine' },
    found: true,
  },
  {
    name: 'with a prefix that looks like part of the commit',
    has: ['build860c190'],
    tags: 'type=sha,prefix=build',
    found: true,
  },
  {
    name: 'of the head commit of a pull request',
    has: [`sha-${headSha.slice(0, 7)}`],
    revision: headSha,
    head: true,
    found: true,
  },
  {
    name: 'with a label that names no commit',
    given: { labels: 'org.opencontainers.image.revision=' },
    found: false,
  },
]

for (const {
  name,
  has = ['sha-860c190'],
  second,
  revision = sha,
  tags = 'type=sha',
  platforms = '',
  given = {},
  head,
  found,
} of cases) {
  test(`this commit's image, ${name}: ${found ? 'reused' : 'built'}`, async () => {
    const first = await serve(registry(has, revision))
    const other = second && (await serve(registry(second, revision)))
    const image = [first, other]
      .flatMap(each => (each === undefined ? [] : [`${each.host}/me/app`]))
      .join('\n')
    const bench = scriptedRunner('exit 1', head && { DOCKER_METADATA_PR_HEAD_SHA: 'true' })
    const run = head ? events['pull request'] : context
    const runtime = { ...bench.runtime, context: { ...run, workspace: bench.directory } }
    const inputs = {
      ...inputsOf({ image, tags, platforms, build: 'auto', ...given }),
      context: 'https://example.com/a.git',
    }
    const plan = await makePlan(inputs, [], runtime)
    assert.equal(await findBuilt(plan, client()), found ? imageOf(revision).digest : undefined)
  })
}
