import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { digestOfBytes } from '../../../src/image/digest.ts'
import { parseReference, type Reference } from '../../../src/image/reference.ts'
import { digestOf, labelsOf, manifestOf, platformsOf } from '../../../src/registry/manifest.ts'
import { NoAnswer } from '../../../src/registry/with-retries.ts'
import { basic, client, serve } from './registry.ts'

const reference = (host: string, name = 'me/app:1') => parseReference(`${host}/${name}`) as Reference
const digest = `sha256:${'a'.repeat(64)}`

test('Basic: the login is sent only after a challenge', async () => {
  const { host, received } = await serve((request, response) => {
    const authorized = request.headers.authorization === basic('me', 'pässword')
    response.setHeader('www-authenticate', 'Basic realm="x"')
    response.setHeader('docker-content-digest', digest)
    response.writeHead(authorized ? 200 : 401).end()
  })
  const user = client({ logins: [{ registry: host, username: 'me', password: 'pässword' }] })
  assert.equal(await digestOf(user, reference(host)), digest)
  assert.equal(await digestOf(user, reference(host)), digest)
  const sent = received.filter(({ path }) => path !== '/v2/').map(({ authorization }) => authorization)
  assert.deepEqual(sent, [undefined, basic('me', 'pässword'), basic('me', 'pässword')])
})

test('Basic: without a login, no authorization is sent and no image is found', async () => {
  const { host, received } = await serve((_, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
  })
  const others = [{ registry: 'ghcr.io', username: 'me', password: 'for ghcr.io alone' }]
  assert.equal(await digestOf(client({ logins: others }), reference(host)), undefined)
  assert.ok(received.every(({ authorization }) => authorization === undefined))
})

/** Serves a registry and its token endpoint; a token is valid for `validFor` requests. */
async function withTokens(validFor = Number.POSITIVE_INFINITY) {
  let uses = 0
  const tokens = await serve((request, response) => {
    const scope = new URL(request.url ?? '', 'http://x').searchParams.get('scope')
    uses = 0
    if (request.headers.authorization === basic('me', 'wrong')) {
      response.writeHead(403).end('{"errors":[{"code":"DENIED","message":"denied"}]}')
    } else response.end(JSON.stringify({ token: `for ${scope}` }))
  })
  const registry = await serve((request, response) => {
    const authorized = request.headers.authorization === 'Bearer for repository:me/app:pull'
    if (authorized && uses++ < validFor) {
      response.writeHead(200, { 'docker-content-digest': digest }).end()
      return
    }
    const challenge = `Bearer realm="http://${tokens.host}/token",service="the service",scope="whatever"`
    response.writeHead(401, { 'www-authenticate': challenge }).end()
  })
  return { tokens, registry }
}

test('Bearer: a token for exactly the requested scope is fetched with the login and cached', async () => {
  const { tokens, registry } = await withTokens()
  const user = client({ logins: [{ registry: registry.host, username: 'me', password: 'right' }] })
  for (const _ of [1, 2]) assert.equal(await digestOf(user, reference(registry.host)), digest)
  const token = tokens.received.filter(({ path }) => path.startsWith('/token'))
  assert.equal(token.length, 1)
  assert.equal(token[0]?.path, '/token?service=the+service&scope=repository%3Ame%2Fapp%3Apull')
  assert.equal(token[0]?.authorization, basic('me', 'right'))
})

test('Bearer: without a login, an anonymous token is used', async () => {
  const { tokens, registry } = await withTokens()
  assert.equal(await digestOf(client(), reference(registry.host)), digest)
  assert.equal(tokens.received.at(-1)?.authorization, undefined)
})

test('Bearer: an expired token is replaced', async () => {
  const { registry } = await withTokens(1)
  const anonymous = client()
  for (const _ of [1, 2, 3]) assert.equal(await digestOf(anonymous, reference(registry.host)), digest)
})

test('Bearer: if the login gets no token, no image is found', async () => {
  const { registry } = await withTokens()
  const user = client({ logins: [{ registry: registry.host, username: 'me', password: 'wrong' }] })
  assert.equal(await digestOf(user, reference(registry.host)), undefined)
})

test("the login in docker's config.json is used for its registry", async () => {
  const { host, received } = await serve((request, response) => {
    const authorized = request.headers.authorization !== undefined
    response
      .writeHead(authorized ? 200 : 401, { 'www-authenticate': 'Basic', 'docker-content-digest': digest })
      .end()
  })
  const directory = mkdtempSync(join(tmpdir(), 'slipway-config-'))
  const auth = Buffer.from('them:se:cret').toString('base64')
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }))
  assert.equal(await digestOf(client({ config: { directory } }), reference(host)), digest)
  assert.equal(received.at(-1)?.authorization, basic('them', 'se:cret'))
})

test('an identity token of config.json is exchanged, and never sent to the registry', async () => {
  let form = ''
  const tokens = await serve((request, response) => {
    request.on('data', chunk => {
      form += chunk
    })
    request.on('end', () => response.end(JSON.stringify({ access_token: 'exchanged' })))
  })
  const { host, received } = await serve((request, response) => {
    const authorized = request.headers.authorization === 'Bearer exchanged'
    const challenge = `Bearer realm="http://${tokens.host}/oauth2/token",service="s"`
    response
      .writeHead(authorized ? 200 : 401, { 'www-authenticate': challenge, 'docker-content-digest': digest })
      .end()
  })
  const directory = mkdtempSync(join(tmpdir(), 'slipway-config-'))
  writeFileSync(
    join(directory, 'config.json'),
    JSON.stringify({ auths: { [host]: { identitytoken: 'the identity' } } }),
  )
  assert.equal(await digestOf(client({ config: { directory } }), reference(host)), digest)
  assert.match(form, /grant_type=refresh_token&refresh_token=the\+identity/)
  assert.ok(received.every(({ authorization }) => !authorization?.includes('the identity')))
})

test('a redirect to a blob on another host is followed without the authorization', async () => {
  const config = JSON.stringify({ config: { Labels: { a: 'b' } } })
  const elsewhere = await serve((_, response) => response.end(config))
  const { host } = await serve((request, response) => {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic' }).end()
    } else if (request.url?.includes('/blobs/')) {
      response.writeHead(307, { location: `http://${elsewhere.host}/blob` }).end()
    } else
      response.end(JSON.stringify({ config: { digest: digestOfBytes(Buffer.from(config)) }, layers: [] }))
  })
  const user = client({ logins: [{ registry: host, username: 'me', password: 'right' }] })
  assert.deepEqual(await labelsOf(user, reference(host)), { a: 'b' })
  const blob = elsewhere.received.filter(({ path }) => path === '/blob')
  assert.deepEqual(blob, [{ method: 'GET', path: '/blob', authorization: undefined }])
})

/** The ways in which a registry can fail before it answers. */
const faults: readonly { name: string; status?: number; reset?: true; times: number; answers: boolean }[] = [
  { name: '503 twice', status: 503, times: 2, answers: true },
  { name: '429 twice', status: 429, times: 2, answers: true },
  { name: 'a reset', reset: true, times: 1, answers: true },
  { name: '503 forever', status: 503, times: 99, answers: false },
  { name: '501 is an answer', status: 501, times: 99, answers: true },
]

for (const { name, status = 0, reset, times, answers } of faults) {
  test(`a registry that fails: ${name}`, async () => {
    let left = times
    const { host } = await serve((request, response) => {
      if (left-- <= 0) response.writeHead(200, { 'docker-content-digest': digest }).end()
      else if (reset) request.socket.resetAndDestroy()
      else response.writeHead(status).end()
    })
    const lookUp = digestOf(client(), reference(host))
    if (!answers) return await assert.rejects(lookUp, NoAnswer)
    assert.equal(await lookUp, status === 501 ? undefined : digest)
  })
}

test('a refused connection or an unknown host name throws NoAnswer', async () => {
  for (const host of ['127.0.0.1:1', 'registry.invalid']) {
    await assert.rejects(digestOf(client(), reference(host)), NoAnswer)
  }
})

const manifestOfSize = (size: number) => ({ config: { size: 100 }, layers: [{ size }, { size: 1 }] })
const digestOfJson = (content: unknown) => digestOfBytes(Buffer.from(JSON.stringify(content)))
const manifests = [10, 20, 30].map(manifestOfSize)
const platforms = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm', variant: 'v7' },
  { os: 'unknown', architecture: 'unknown' },
]
const index = {
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: manifests.map((each, i) => ({ digest: digestOfJson(each), platform: platforms[i] })),
}

test('an index has a size for each platform, and none for attestations', async () => {
  const { host } = await serve((request, response) => {
    const named = manifests.find(each => request.url?.endsWith(digestOfJson(each)))
    response.end(JSON.stringify(named ?? index))
  })
  assert.deepEqual(await platformsOf(client(), reference(host)), [
    { platform: 'linux/amd64', digest: index.manifests[0]?.digest, size: 111 },
    { platform: 'linux/arm/v7', digest: index.manifests[1]?.digest, size: 121 },
  ])
})

test('a single manifest has the platform of its configuration', async () => {
  const config = '{"os":"linux","architecture":"arm64"}'
  const manifest = { config: { digest: digestOfBytes(Buffer.from(config)), size: 5 }, layers: [{ size: 7 }] }
  const { host } = await serve((request, response) => {
    response.end(request.url?.includes('/blobs/') ? config : JSON.stringify(manifest))
  })
  const own = digestOfJson(manifest)
  assert.deepEqual(await platformsOf(client(), reference(host)), [
    { platform: 'linux/arm64', digest: own, size: 12 },
  ])
  assert.equal((await manifestOf(client(), reference(host)))?.digest, own)
})

suite('digests from a registry are checked:', () => {
  const body = JSON.stringify(manifests[0])
  const own = digestOfBytes(Buffer.from(body))
  const forged = `${own} 1 - id[$(id)] - -`
  for (const header of [forged, `${own}x`, own.toUpperCase(), 'sha256:0', `sha512:${'a'.repeat(128)}`])
    test(`the header \`${header}\` is ignored, and the digest of the body is used`, async () => {
      const { host } = await serve((_, response) => {
        response.writeHead(200, { 'docker-content-digest': header }).end(body)
      })
      assert.equal(await digestOf(client(), reference(host)), own)
    })

  const mismatches: readonly { name: string; header: string; requested: string }[] = [
    { name: 'a body that does not match the requested digest', header: own, requested: `me/app@${digest}` },
    { name: 'a body that does not match the digest header', header: digest, requested: 'me/app:1' },
  ]
  for (const { name, header, requested } of mismatches)
    test(`${name} is rejected`, async () => {
      const { host } = await serve((_, response) => {
        response.writeHead(200, { 'docker-content-digest': header }).end(body)
      })
      await assert.rejects(
        manifestOf(client(), reference(host, requested)),
        /The registry sent the wrong bytes/,
      )
    })

  test('an invalid digest in a manifest is never requested', async () => {
    const bad = '../../../../else'
    const { host, received } = await serve((_, response) => {
      response.end(JSON.stringify({ config: { digest: bad }, manifests: [{ digest: bad, platform: {} }] }))
    })
    assert.deepEqual(await labelsOf(client(), reference(host)), {})
    assert.deepEqual(await platformsOf(client(), reference(host)), [])
    assert.ok(received.every(({ path }) => !path.includes('else')))
  })
})
