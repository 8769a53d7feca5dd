import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../../../src/core/errors.ts'
import { type Digest, digestOfBytes } from '../../../src/image/digest.ts'
import { parseReference, type Reference } from '../../../src/image/reference.ts'
import { canPush, refusalRemedy } from '../../../src/registry/push.ts'
import { moveTags, putTag, requireDigest, verifyTags } from '../../../src/registry/tags.ts'
import { client, serve } from './registry.ts'

const reference = (host: string, name = 'me/app:1') => parseReference(`${host}/${name}`) as Reference

test('the push permission is checked with an upload that is cancelled at once', async () => {
  const cancelled = Promise.withResolvers<void>()
  const { host, received } = await serve((request, response) => {
    if (request.method === 'DELETE') cancelled.resolve()
    const location = '/v2/me/app/blobs/uploads/session?state=x'
    response.writeHead(request.method === 'POST' ? 202 : 204, { location }).end()
  })
  assert.deepEqual(await canPush(client(), reference(host)), { kind: 'yes' })
  await cancelled.promise
  const requests = received.map(({ method, path }) => `${method} ${path}`)
  assert.deepEqual(requests, [
    'POST /v2/me/app/blobs/uploads/',
    'DELETE /v2/me/app/blobs/uploads/session?state=x',
  ])
})

test('the cancellation of the upload is not retried if it fails', async () => {
  const cancelled = Promise.withResolvers<void>()
  const { host, received } = await serve((request, response) => {
    const location = '/v2/me/app/blobs/uploads/session'
    response.writeHead(request.method === 'POST' ? 202 : 500, { location }).end()
    if (request.method === 'DELETE') cancelled.resolve()
  })
  assert.deepEqual(await canPush(client(), reference(host)), { kind: 'yes' })
  await cancelled.promise
  await delay(100)
  assert.deepEqual(
    received.map(({ method }) => method),
    ['POST', 'DELETE'],
  )
})

const refusals: readonly {
  name: string
  status: number
  body: string
  kind: 'no' | 'unknown'
  expected: RegExp
}[] = [
  {
    name: 'a package that gives the repository no access',
    status: 403,
    body: '{"errors":[{"code":"DENIED","message":"permission_denied: write_package"}]}',
    kind: 'no',
    expected:
      /\(permission_denied: write_package\).*packages: write.*Package page → Package settings → Manage Actions access → add this repository with the role Write/s,
  },
  {
    name: 'no permission in the workflow',
    status: 403,
    body: '{"errors":[{"code":"DENIED","message":"installation not allowed to Create organization package"}]}',
    kind: 'no',
    expected: /packages: write/,
  },
  { name: 'no login', status: 401, body: '', kind: 'no', expected: /registry-username/ },
  {
    name: 'a missing repository',
    status: 404,
    body: '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}',
    kind: 'no',
    expected: /Create the repository/,
  },
  {
    name: 'a registry that does not support the check',
    status: 405,
    body: '',
    kind: 'unknown',
    expected: /405/,
  },
  {
    name: 'an HTML page as the answer',
    status: 403,
    body: '<html>no</html>',
    kind: 'no',
    expected: /may not push/,
  },
]

for (const { name, status, body, kind, expected } of refusals) {
  test(`no push: ${name}`, async () => {
    const { host } = await serve((_, response) => response.writeHead(status).end(body))
    const result = await canPush(client(), reference(host))
    assert.equal(result.kind, kind)
    assert.match(JSON.stringify(result), expected)
  })
}

test('push permission is unknown if the registry cannot be reached', async () => {
  const result = await canPush(client(), reference('127.0.0.1:1'))
  assert.equal(result.kind, 'unknown')
})

const remedies: readonly { registry: string; message: string; remedy: RegExp }[] = [
  { registry: 'ghcr.io', message: 'denied', remedy: /packages: write.*Manage Actions access/ },
  {
    registry: 'ghcr.io',
    message: 'The token provided does not match expected scopes.',
    remedy: /write:packages/,
  },
  { registry: 'ghcr.io', message: 'unauthenticated: User cannot be authenticated', remedy: /not valid/ },
  { registry: 'docker.io', message: 'insufficient_scope', remedy: /access token/ },
  { registry: '1.dkr.ecr.eu-west-1.amazonaws.com', message: 'x', remedy: /Create the repository first/ },
  { registry: 'registry.example.com', message: 'denied', remedy: /registry-auth/ },
]

for (const { registry, message, remedy } of remedies) {
  test(`remedy: ${registry}: ${message}`, () => assert.match(refusalRemedy(registry, 403, message), remedy))
}

/**
 * Serves a registry that stores manifests by tag and by digest. With `frozen`, tags cannot be moved. With `lag`, the
 * first `lag` requests for a name get the state before the last push.
 */
async function storing(tags: Map<string, string>, { frozen = false, lag = 0 } = {}) {
  const texts = ['{"the":"index"}', '{"one":"manifest"}']
  const digestOf = (text: string) => digestOfBytes(Buffer.from(text))
  const contents = new Map<string, string>(texts.map(text => [digestOf(text), text]))
  const types: (string | undefined)[] = []
  const requestCounts = new Map<string, number>()
  const show = (response: ServerResponse, name: string) => {
    const count = requestCounts.get(name) ?? 0
    requestCounts.set(name, count + 1)
    const digest = count < lag ? `before ${name}` : (tags.get(name) ?? name)
    const text = contents.get(digest)
    if (text === undefined) response.writeHead(404).end()
    else {
      response.setHeader('content-type', 'application/vnd.oci.image.index.v1+json')
      response.writeHead(200, { 'docker-content-digest': digest }).end(text)
    }
  }
  const { host, received } = await serve((request, response) => {
    const name = request.url?.split('/').at(-1) ?? ''
    if (request.method !== 'PUT') return show(response, name)
    types.push(request.headers['content-type'])
    let text = ''
    request.on('data', chunk => {
      text += chunk
    })
    request.on('end', () => {
      if (!frozen) tags.set(name, digestOf(text))
      response.writeHead(201).end()
    })
  })
  const [index, manifest] = texts.map(digestOf) as [Digest, Digest]
  return { host, received, types, index, manifest }
}

test('tags that are missing or point to another digest are moved', async () => {
  const tags = new Map<string, string>()
  const { host, index, manifest, types } = await storing(tags)
  tags.set('right', index).set('wrong', manifest)
  const names = ['right', 'wrong', 'missing'].map(tag => reference(host, `me/app:${tag}`))
  const changes = await verifyTags(client(), names, index)
  assert.deepEqual(
    changes.map(change => [change.tag.tag, change.kind === 'moved' ? change.before : change.why]),
    [
      ['wrong', manifest],
      ['missing', undefined],
    ],
  )
  assert.deepEqual([...tags.values()], [index, index, index])
  assert.deepEqual(new Set(types), new Set(['application/vnd.oci.image.index.v1+json']))
})

test('a look-up is retried while the registry is behind, and no tag is moved', async () => {
  const tags = new Map<string, string>()
  const { host, received, index } = await storing(tags, { lag: 2 })
  tags.set('1', index)
  assert.deepEqual(await verifyTags(client(), [reference(host)], index), [])
  assert.ok(received.every(({ method }) => method !== 'PUT'))
  await requireDigest(client(), [reference(host)], index)
  await putTag(client(), reference(host, 'me/app:2'), index)
})

test('a moved tag is reported once the registry shows it', async () => {
  const tags = new Map<string, string>()
  const { host, index, manifest } = await storing(tags, { lag: 2 })
  tags.set('1', manifest)
  const [change] = await moveTags(client(), [reference(host)], index)
  assert.deepEqual([change?.kind, tags.get('1')], ['moved', index])
})

for (const status of [401, 403, 405, 307])
  test(`a tag that cannot be read after its push (${status}) is reported with that reason`, async () => {
    const location = 'ftp://elsewhere.example/'
    const { host, received } = await serve((_, response) => response.writeHead(status, { location }).end())
    const [change] = await verifyTags(client(), [reference(host)], digestOfBytes(Buffer.from('x')))
    assert.equal(change?.kind, 'unreadable')
    assert.match(change?.kind === 'unreadable' ? change.why : '', new RegExp(`HTTP status ${status}`))
    assert.ok(received.every(({ method }) => method !== 'PUT'))
  })

test('tags that point to the digest are only looked up', async () => {
  const tags = new Map<string, string>()
  const { host, received, index } = await storing(tags)
  tags.set('1', index)
  assert.deepEqual(await verifyTags(client(), [reference(host)], index), [])
  assert.deepEqual(new Set(received.map(({ method }) => method)), new Set(['HEAD']))
})

const failures: readonly { name: string; frozen: boolean; digest: 'index' | 'other'; cause: RegExp }[] = [
  {
    name: 'a tag that does not move',
    frozen: true,
    digest: 'index',
    cause: /points to nothing, not to the pushed sha256:/,
  },
  { name: 'a missing digest', frozen: false, digest: 'other', cause: /does not have/ },
]

for (const { name, frozen, digest, cause } of failures) {
  test(`tags: ${name}`, async () => {
    const { host, index } = await storing(new Map(), { frozen })
    const wanted = digest === 'index' ? index : digestOfBytes(Buffer.from('other'))
    await assert.rejects(verifyTags(client(), [reference(host)], wanted), error => {
      assert.ok(error instanceof Failure)
      assert.equal(error.stage, 'push')
      assert.match(error.problems[0]?.cause ?? '', cause)
      return true
    })
  })
}

test('a tag is put without downloading blobs', async () => {
  const tags = new Map<string, string>()
  const { host, received, index } = await storing(tags)
  await putTag(client(), reference(host, 'me/app:stable'), index)
  assert.equal(tags.get('stable'), index)
  assert.ok(received.every(({ path }) => !path.includes('/blobs/')))
})

test('a repository without the image is reported before any tag is moved', async () => {
  const tags = new Map<string, string>()
  const { host, index, received } = await storing(tags)
  const other = await serve((_, response) => response.writeHead(404).end())
  const names = [reference(host), reference(other.host), reference(other.host, 'me/app:2')]
  await assert.rejects(requireDigest(client(), names, index), error => {
    assert.ok(error instanceof Failure)
    assert.equal(error.problems.length, 1)
    assert.match(error.problems[0]?.cause ?? '', new RegExp(`${index}: .${other.host}/me/app. does not have`))
    return true
  })
  assert.ok(received.every(({ method }) => method !== 'PUT'))
  await requireDigest(client(), names.slice(0, 1), index)
})
