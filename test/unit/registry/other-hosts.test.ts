/** A registry may name other hosts in realms, redirects and locations: no login and no write may go there. */
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
import { basic, certificate, client, serve, type TestServer } from './registry.ts'

const digest = digestOfBytes(Buffer.from('{}'))
const reference = (host: string) => parseReference(`${host}/me/app:1`) as Reference
const loggedIn = (host: string) => client({ logins: [{ registry: host, username: 'me', password: 'right' }] })
const tls = certificate('registry.test')

/** Answers with a token if the request has the right login. */
const tokens = (request: IncomingMessage, response: ServerResponse) =>
  request.headers.authorization === basic('me', 'right')
    ? response.end('{"token":"good"}')
    : response.writeHead(401).end()

/** Serves a registry that shows an image to requests with the token, and sends all others to a token realm. */
const registryWith = async (realm: (own: string) => string, secure = false): Promise<TestServer> => {
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/token')) return void tokens(request, response)
    const authorized = request.headers.authorization === 'Bearer good'
    const own = request.headers.host ?? ''
    response.setHeader('www-authenticate', `Bearer realm="${realm(own)}"`)
    response.setHeader('docker-content-digest', digest)
    response.writeHead(authorized ? 200 : 401).end()
  }
  return secure ? await serve(answer, createServer(tls)) : await serve(answer)
}

const loginsSeen = ({ received }: TestServer) =>
  received.filter(({ authorization }) => authorization !== undefined)

suite('a login is not sent to a realm', () => {
  test('without TLS, if the registry uses TLS', async () => {
    const elsewhere = await serve((request, response) => void tokens(request, response))
    const registry = await registryWith(() => `http://${elsewhere.host}/token`, true)
    await assert.rejects(digestOf(loggedIn(registry.host), reference(registry.host)), error => {
      assert.ok(error instanceof Failure)
      assert.match(error.problems[0]?.cause ?? '', /asks for its login at http:\/\/127\.0\.0\.1:/)
      return true
    })
    assert.deepEqual(loginsSeen(elsewhere), [])
    await assert.rejects(canPush(loggedIn(registry.host), reference(registry.host)), Failure)
  })

  test('without TLS on another host, even if the registry uses no TLS either', async () => {
    const elsewhere = await serve((request, response) => void tokens(request, response))
    const port = elsewhere.host.split(':')[1]
    const registry = await registryWith(() => `http://localhost:${port}/token`)
    await assert.rejects(digestOf(loggedIn(registry.host), reference(registry.host)), /asks for its login at/)
    assert.deepEqual(loginsSeen(elsewhere), [])
  })

  test('but an anonymous token may be requested there', async () => {
    const elsewhere = await serve((_, response) => response.end('{"token":"good"}'))
    const registry = await registryWith(() => `http://${elsewhere.host}/token`, true)
    assert.equal(await digestOf(client(), reference(registry.host)), digest)
  })
})

suite('a token endpoint that redirects', () => {
  for (const status of [301, 302, 307, 308])
    test(`with ${status} on the same host gets the login at the new URL`, async () => {
      const registry = await serve((request, response) => {
        if (request.url === '/moved') return void tokens(request, response)
        if (request.url?.startsWith('/token'))
          return void response.writeHead(status, { location: '/moved' }).end()
        const authorized = request.headers.authorization === 'Bearer good'
        response.setHeader('www-authenticate', `Bearer realm="http://${request.headers.host}/token"`)
        response.writeHead(authorized ? 200 : 401, { 'docker-content-digest': digest }).end()
      })
      assert.equal(await digestOf(loggedIn(registry.host), reference(registry.host)), digest)
    })

  test('to another host does not get the login there', async () => {
    const elsewhere = await serve((_, response) => response.writeHead(401).end())
    const registry = await serve((request, response) => {
      if (request.url?.startsWith('/token'))
        return void response.writeHead(307, { location: `http://${elsewhere.host}/token` }).end()
      response.setHeader('www-authenticate', `Bearer realm="http://${request.headers.host}/token"`)
      response.writeHead(401).end()
    })
    assert.equal(await digestOf(loggedIn(registry.host), reference(registry.host)), undefined)
    assert.equal(elsewhere.received.length, 1)
    assert.deepEqual(loginsSeen(elsewhere), [])
  })

  test('from TLS to plain HTTP is not followed', async () => {
    const elsewhere = await serve((request, response) => void tokens(request, response))
    const registry = await serve((request, response) => {
      if (request.url?.startsWith('/token'))
        return void response.writeHead(302, { location: `http://${elsewhere.host}/token` }).end()
      response.setHeader('www-authenticate', `Bearer realm="https://${request.headers.host}/token"`)
      response.writeHead(401).end()
    }, createServer(tls))
    assert.equal(await digestOf(loggedIn(registry.host), reference(registry.host)), undefined)
    assert.deepEqual(elsewhere.received, [])
  })
})

test('an upload on another host is not cancelled there', async () => {
  const elsewhere = await serve((_, response) => response.writeHead(204).end())
  const { host, received } = await serve((_, response) =>
    response.writeHead(202, { location: `http://${elsewhere.host}/v2/me/app/blobs/uploads/x` }).end(),
  )
  assert.deepEqual(await canPush(client(), reference(host)), { kind: 'yes' })
  await delay(100)
  assert.deepEqual([elsewhere.received, received.filter(({ method }) => method === 'DELETE')], [[], []])
})

test('Basic and Bearer in two headers: a token is requested', async () => {
  const { host, received } = await serve((request, response) => {
    if (request.url?.startsWith('/token')) return void tokens(request, response)
    const authorized = request.headers.authorization === 'Bearer good'
    const realm = `http://${request.headers.host}/token`
    response.setHeader('www-authenticate', [
      'Basic realm="Artifactory"',
      `Bearer realm="${realm}",service="s"`,
    ])
    response.writeHead(authorized ? 200 : 401, { 'docker-content-digest': digest }).end()
  })
  assert.equal(await digestOf(loggedIn(host), reference(host)), digest)
  assert.ok(received.some(({ path }) => path === '/token?service=s&scope=repository%3Ame%2Fapp%3Apull'))
})
