import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InsecureRegistries } from '../../../src/docker/docker.ts'
import { openEndpoints } from '../../../src/registry/endpoints.ts'
import { withSystemRetry } from '../../../src/registry/fetch.ts'
import type { HttpRequest, Transport } from '../../../src/registry/transport.ts'

const lenient: InsecureRegistries = { hosts: ['registry.test'], cidrs: [] }
const strict: InsecureRegistries = { hosts: [], cidrs: [] }

const failure = (code: string) => Object.assign(new Error(code), { code })

/** Returns a transport that accepts some requests and rejects the others with a code; `requests` records them. */
function network(accepts: (request: HttpRequest) => boolean, code: string) {
  const requests: string[] = []
  const transport: Transport = request => {
    requests.push(`${request.url.href}${request.trust.rejectUnauthorized === false ? ' unchecked' : ''}`)
    return accepts(request)
      ? Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) })
      : Promise.reject(failure(code))
  }
  return { requests, transport }
}

const never = new Promise<InsecureRegistries>(() => undefined)
const later = (insecure: InsecureRegistries) =>
  new Promise<InsecureRegistries>(resolve => setTimeout(() => resolve(insecure), 20))

test("a registry with a valid certificate does not wait for docker's list of insecure registries", async () => {
  const { requests, transport } = network(({ url }) => url.protocol === 'https:', '')
  const { base, send } = openEndpoints(transport, never)
  assert.equal(await base('registry.test'), 'https://registry.test')
  await send({ method: 'GET', url: new URL('https://registry.test/v2/x'), headers: {} })
  assert.deepEqual(requests, ['https://registry.test/v2/', 'https://registry.test/v2/x'])
})

const cases: readonly {
  name: string
  insecure: InsecureRegistries
  accepts: (request: HttpRequest) => boolean
  code: string
  expected: string
}[] = [
  {
    name: 'no TLS, and the registry is on the list',
    insecure: lenient,
    accepts: ({ url }) => url.protocol === 'http:',
    code: 'ERR_SSL_WRONG_VERSION_NUMBER',
    expected: 'http://registry.test',
  },
  {
    name: 'no TLS, and the registry is not on the list',
    insecure: strict,
    accepts: ({ url }) => url.protocol === 'http:',
    code: 'ERR_SSL_WRONG_VERSION_NUMBER',
    expected: 'https://registry.test',
  },
  {
    name: 'a certificate for another name, and the registry is on the list',
    insecure: lenient,
    accepts: ({ trust }) => trust.rejectUnauthorized === false,
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    expected: 'https://registry.test',
  },
]

for (const { name, insecure, accepts, code, expected } of cases) {
  test(`docker's list of insecure registries arrives later: ${name}`, async () => {
    const { requests, transport } = network(accepts, code)
    const { base, send } = openEndpoints(transport, later(insecure))
    assert.equal(await base('registry.test'), expected)
    assert.equal(requests.filter(each => each === 'https://registry.test/v2/').length, 1, 'TLS is tried once')
    const answer = send({ method: 'GET', url: new URL(`${expected}/v2/x`), headers: {} })
    if (insecure === lenient) assert.equal((await answer).status, 200)
    else await assert.rejects(answer, { code })
  })
}

test('a certificate is checked wherever docker checks it', async () => {
  const { requests, transport } = network(() => false, 'CERT_HAS_EXPIRED')
  const { send } = openEndpoints(transport, strict)
  await assert.rejects(send({ method: 'GET', url: new URL('https://registry.test/'), headers: {} }))
  assert.deepEqual(requests, ['https://registry.test/'])
})

test("GitHub's API: an authority of this machine's own list is trusted", async () => {
  const { requests, transport } = network(({ trust }) => trust.ca !== undefined, 'SELF_SIGNED_CERT_IN_CHAIN')
  const send = withSystemRetry(transport)
  const request = { method: 'GET', url: new URL('https://git.test/api'), headers: {}, trust: {} }
  assert.equal((await send(request)).status, 200)
  assert.equal(requests.length, 2)
})

test("GitHub's API: a request that fails for another reason is not retried", async () => {
  const { requests, transport } = network(() => false, 'CERT_HAS_EXPIRED')
  const request = { method: 'GET', url: new URL('https://git.test/api'), headers: {}, trust: {} }
  await assert.rejects(withSystemRetry(transport)(request), { code: 'CERT_HAS_EXPIRED' })
  assert.equal(requests.length, 1)
})
