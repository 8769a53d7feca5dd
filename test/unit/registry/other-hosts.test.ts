/** What a registry says of other addresses: nobody's login, and nothing that changes something, goes there. */
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../../../src/core/errors.ts'
import { digestOfBytes } from '../../../src/image/digest.ts'
import { parseReference, type Reference } from '../../../src/image/reference.ts'
import { digestOf } from '../../../src/registry/manifest.ts'
import { canPush } from '../../../src/registry/push.ts'
import { basic, certificate, client, type Standing, serve } from './registry.ts'

const digest = digestOfBytes(Buffer.from('{}'))
const reference = (host: string) => parseReference(`${host}/me/app:1`) as Reference
const loggedIn = (host: string) => client({ logins: [{ registry: host, username: 'me', password: 'right' }] })
const tls = certificate('registry.test')

/** Gives out a token to whoever shows the login. */
const tokens = (request: IncomingMessage, response: ServerResponse) =>
  request.headers.authorization === basic('me', 'right')
    ? response.end('{"token":"good"}')
    : response.writeHead(401).end()

/** Shows an image to whoever has the token, and names a realm to all others. */
const registryWith = async (realm: (own: string) => string, secure = false): Promise<Standing> => {
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/token')) return void tokens(request, response)
    const known = request.headers.authorization === 'Bearer good'
    const own = request.headers.host ?? ''
    response.setHeader('www-authenticate', `Bearer realm="${realm(own)}"`)
    response.setHeader('docker-content-digest', digest)
    response.writeHead(known ? 200 : 401).end()
  }
  return secure ? await serve(answer, createServer(tls)) : await serve(answer)
}

const loginsSeen = ({ heard }: Standing) => heard.filter(({ authorization }) => authorization !== undefined)

suite('a login goes to no realm', () => {
  test('without TLS, of a registry that has it', async () => {
    const elsewhere = await serve((request, response) => void tokens(request, response))
    const registry = await registryWith(() => `http://${elsewhere.host}/token`, true)
    await assert.rejects(digestOf(loggedIn(registry.host), reference(registry.host)), error => {
      assert.ok(error instanceof Failure)
      assert.match(error.problems[0]?.cause ?? '', /wants its login sent to http:\/\/127\.0\.0\.1:/)
      return true
    })
    assert.deepEqual(loginsSeen(elsewhere), [])
    await assert.rejects(canPush(loggedIn(registry.host), reference(registry.host)), Failure)
  })

  test('without TLS on another host, of a registry that has none either', async () => {
    const elsewhere = await serve((request, response) => void tokens(request, response))
    const port = elsewhere.host.split(':')[1]
    const registry = await registryWith(() => `http://localhost:${port}/token`)
    await assert.rejects(
      digestOf(loggedIn(registry.host), reference(registry.host)),
      /wants its login sent to/,
    )
    assert.deepEqual(loginsSeen(elsewhere), [])
  })

  test('but without a login, anybody may ask there', async () => {
    const elsewhere = await serve((_, response) => response.end('{"token":"good"}'))
    const registry = await registryWith(() => `http://${elsewhere.host}/token`, true)
    assert.equal(await digestOf(client(), reference(registry.host)), digest)
  })
})

suite('a token endpoint that redirects', () => {
  for (const status of [301, 302, 307, 308])
    test(`with ${status} on its own host gets the login there`, async () => {
      const registry = await serve((request, response) => {
        if (request.url === '/moved') return void tokens(request, response)
        if (request.url?.startsWith('/token'))
          return void response.writeHead(status, { location: '/moved' }).end()
        const known = request.headers.authorization === 'Bearer good'
        response.setHeader('www-authenticate', `Bearer realm="http://${request.headers.host}/token"`)
        response.writeHead(known ? 200 : 401, { 'docker-content-digest': digest }).end()
      })
      assert.equal(await digestOf(loggedIn(registry.host), reference(registry.host)), digest)
    })

  test('to another host does not take the login along', async () => {
    const elsewhere = await serve((_, response) => response.writeHead(401).end())
    const registry = await serve((request, response) => {
      if (request.url?.startsWith('/token'))
        return void response.writeHead(307, { location: `http://${elsewhere.host}/token` }).end()
      response.setHeader('www-authenticate', `Bearer realm="http://${request.headers.host}/token"`)
      response.writeHead(401).end()
    })
    assert.equal(await digestOf(loggedIn(registry.host), reference(registry.host)), undefined)
    assert.equal(elsewhere.heard.length, 1)
    assert.deepEqual(loginsSeen(elsewhere), [])
  })

  test('from TLS to where there is none is not followed', async () => {
    const elsewhere = await serve((request, response) => void tokens(request, response))
    const registry = await serve((request, response) => {
      if (request.url?.startsWith('/token'))
        return void response.writeHead(302, { location: `http://${elsewhere.host}/token` }).end()
      response.setHeader('www-authenticate', `Bearer realm="https://${request.headers.host}/token"`)
      response.writeHead(401).end()
    }, createServer(tls))
    assert.equal(await digestOf(loggedIn(registry.host), reference(registry.host)), undefined)
    assert.deepEqual(elsewhere.heard, [])
  })
})

test('an upload on another host is not cancelled there', async () => {
  const elsewhere = await serve((_, response) => response.writeHead(204).end())
  const { host, heard } = await serve((_, response) =>
    response.writeHead(202, { location: `http://${elsewhere.host}/v2/me/app/blobs/uploads/x` }).end(),
  )
  assert.deepEqual(await canPush(client(), reference(host)), { kind: 'yes' })
  await delay(100)
  assert.deepEqual([elsewhere.heard, heard.filter(({ method }) => method === 'DELETE')], [[], []])
})

test('Basic and Bearer in two headers: the token is asked for', async () => {
  const { host, heard } = await serve((request, response) => {
    if (request.url?.startsWith('/token')) return void tokens(request, response)
    const known = request.headers.authorization === 'Bearer good'
    const realm = `http://${request.headers.host}/token`
    response.setHeader('www-authenticate', [
      'Basic realm="Artifactory"',
      `Bearer realm="${realm}",service="s"`,
    ])
    response.writeHead(known ? 200 : 401, { 'docker-content-digest': digest }).end()
  })
  assert.equal(await digestOf(loggedIn(host), reference(host)), digest)
  assert.ok(heard.some(({ path }) => path === '/token?service=s&scope=repository%3Ame%2Fapp%3Apull'))
})
