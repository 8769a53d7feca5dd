import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InsecureRegistries } from '../../../src/docker/docker.ts'
import { openEndpoints } from '../../../src/registry/endpoints.ts'
import { trustingSystem } from '../../../src/registry/fetch.ts'
import type { HttpRequest, Transport } from '../../../src/registry/transport.ts'

const lenient: InsecureRegistries = { hosts: ['registry.test'], cidrs: [] }
const strict: InsecureRegistries = { hosts: [], cidrs: [] }

const failure = (code: string) => Object.assign(new Error(code), { code })

/** A network in which one host speaks in this way; `asked` is what it was asked, and with what trust. */
function network(speaks: (request: HttpRequest) => boolean, code: string) {
  const asked: string[] = []
  const transport: Transport = request => {
    asked.push(`${request.url.href}${request.trust.rejectUnauthorized === false ? ' unchecked' : ''}`)
    return speaks(request)
      ? Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) })
      : Promise.reject(failure(code))
  }
  return { asked, transport }
}

const never = new Promise<InsecureRegistries>(() => undefined)
const later = (known: InsecureRegistries) =>
  new Promise<InsecureRegistries>(resolve => setTimeout(() => resolve(known), 20))

test('a registry whose certificate is believed is not kept waiting for what docker knows', async () => {
  const { asked, transport } = network(({ url }) => url.protocol === 'https:', '')
  const { base, send } = openEndpoints(transport, never)
  assert.equal(await base('registry.test'), 'https://registry.test')
  await send({ method: 'GET', url: new URL('https://registry.test/v2/x'), headers: {} })
  assert.deepEqual(asked, ['https://registry.test/v2/', 'https://registry.test/v2/x'])
})

const cases: readonly {
  name: string
  known: InsecureRegistries
  speaks: (request: HttpRequest) => boolean
  code: string
  expected: string
}[] = [
  {
    name: 'without TLS, and docker is told so',
    known: lenient,
    speaks: ({ url }) => url.protocol === 'http:',
    code: 'ERR_SSL_WRONG_VERSION_NUMBER',
    expected: 'http://registry.test',
  },
  {
    name: 'without TLS, and docker knows nothing of it',
    known: strict,
    speaks: ({ url }) => url.protocol === 'http:',
    code: 'ERR_SSL_WRONG_VERSION_NUMBER',
    expected: 'https://registry.test',
  },
  {
    name: 'with a certificate of another name, and docker is told not to mind',
    known: lenient,
    speaks: ({ trust }) => trust.rejectUnauthorized === false,
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    expected: 'https://registry.test',
  },
]

for (const { name, known, speaks, code, expected } of cases) {
  test(`what docker knows decides later: ${name}`, async () => {
    const { asked, transport } = network(speaks, code)
    const { base, send } = openEndpoints(transport, later(known))
    assert.equal(await base('registry.test'), expected)
    assert.equal(asked.filter(each => each === 'https://registry.test/v2/').length, 1, 'it is tried once')
    const answer = send({ method: 'GET', url: new URL(`${expected}/v2/x`), headers: {} })
    if (known === lenient) assert.equal((await answer).status, 200)
    else await assert.rejects(answer, { code })
  })
}

test('no certificate goes unchecked where docker checks it', async () => {
  const { asked, transport } = network(() => false, 'CERT_HAS_EXPIRED')
  const { send } = openEndpoints(transport, strict)
  await assert.rejects(send({ method: 'GET', url: new URL('https://registry.test/'), headers: {} }))
  assert.deepEqual(asked, ['https://registry.test/'])
})

test("an authority that only this machine knows is believed, for GitHub's API too", async () => {
  const { asked, transport } = network(({ trust }) => trust.ca !== undefined, 'SELF_SIGNED_CERT_IN_CHAIN')
  const send = trustingSystem(transport)
  const request = { method: 'GET', url: new URL('https://git.test/api'), headers: {}, trust: {} }
  assert.equal((await send(request)).status, 200)
  assert.equal(asked.length, 2)
})

test('what fails for another reason is not asked twice', async () => {
  const { asked, transport } = network(() => false, 'CERT_HAS_EXPIRED')
  const request = { method: 'GET', url: new URL('https://git.test/api'), headers: {}, trust: {} }
  await assert.rejects(trustingSystem(transport)(request), { code: 'CERT_HAS_EXPIRED' })
  assert.equal(asked.length, 1)
})
