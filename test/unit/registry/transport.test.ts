import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer as createProxy } from 'node:http'
import { createServer } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { localRun } from '../../../src/core/process.ts'
import { openTransport } from '../../../src/registry/transport.ts'
import { dockerTrust, isUntrusted } from '../../../src/registry/trust.ts'
import { serve } from './registry.ts'

const directory = mkdtempSync(join(tmpdir(), 'slipway-tls-'))
const never = new AbortController().signal

/** A certificate of its own authority for a name, made by openssl. */
function certificate(name: string) {
  const folder = join(directory, name)
  mkdirSync(folder)
  const [key, cert] = [join(folder, 'own.key'), join(folder, 'ca.crt')]
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'pipe',
  })
  return { key: readFileSync(key), cert: readFileSync(cert), folder }
}

const made = certificate('registry.test')
const secure = await serve((_, response) => response.end('hello'), createServer(made))

const get = (url: string, env = {}, trust = {}) =>
  openTransport(env, never)({ method: 'GET', url: new URL(url), headers: {}, trust })

test('a certificate that nobody vouches for is refused', async () => {
  await assert.rejects(get(`https://${secure.host}/`), error => isUntrusted(error))
})

test("an authority in docker's folder for the registry vouches for it", async () => {
  const trust = await dockerTrust('registry.test', directory)
  assert.equal((await get(`https://${secure.host}/`, {}, trust)).body.toString(), 'hello')
  assert.deepEqual(await dockerTrust('other.test', directory), {})
})

for (const [known, expected] of [
  [true, 'hello'],
  [false, ''],
] as const) {
  test(`GitHub's API with an authority that ${known ? 'this machine knows' : 'nobody knows'}`, async () => {
    // Node reads the machine's list once, so this is a process of its own.
    const fetching = JSON.stringify(new URL('../../../src/registry/fetch.ts', import.meta.url).href)
    const script = `const { openFetch } = await import(${fetching})
      const answer = await openFetch({ env: {} })('https://${secure.host}/')
      process.stdout.write(await answer.text())`
    const file = known ? join(made.folder, 'ca.crt') : '/dev/null'
    const run = localRun({ PATH: process.env['PATH'] ?? '', SSL_CERT_FILE: file, SSL_CERT_DIR: '/nowhere' })
    const ended = await run({ file: process.execPath, args: ['--input-type=module', '--eval', script] })
    assert.equal(ended.stdout, expected)
    assert.equal(ended.code === 0, known, ended.stderr)
  })
}

/** A proxy that connects to where the secure server is, whatever name it is given. */
async function proxy(status = 200) {
  const server = createProxy()
  const asked: string[] = []
  server.on('connect', (request, socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`)
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const [host = '', port] = secure.host.split(':')
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    return socket.on('error', () => onward.destroy())
  })
  const { host, heard } = await serve((_, response) => response.end('by proxy'), server)
  return { host, heard, asked }
}

test('TLS goes through a proxy as it is, and the name is checked at its end', async () => {
  const { host, asked } = await proxy()
  const env = { HTTPS_PROXY: `http://me:p%40ss@${host}` }
  const trust = await dockerTrust('registry.test', directory)
  assert.equal((await get('https://registry.test/', env, trust)).body.toString(), 'hello')
  assert.deepEqual(asked, [`registry.test:443 Basic ${Buffer.from('me:p@ss').toString('base64')}`])
  await assert.rejects(get('https://other.test/', env, trust), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})

test('a proxy that refuses says so', async () => {
  const { host } = await proxy(407)
  await assert.rejects(
    get('https://registry.test/', { HTTPS_PROXY: `http://${host}` }),
    /refused to connect.*407/,
  )
})

test('plain HTTP goes to the proxy with the whole URL', async () => {
  const { host, heard } = await proxy()
  const { body } = await get('http://registry.test:5000/v2/', { http_proxy: `http://${host}` })
  assert.equal(body.toString(), 'by proxy')
  assert.equal(heard[0]?.path, 'http://registry.test:5000/v2/')
})

test('a cancel ends a request', async () => {
  const silent = await serve(() => undefined)
  const cancel = new AbortController()
  const transport = openTransport({}, cancel.signal)
  const asked = transport({ method: 'GET', url: new URL(`http://${silent.host}/`), headers: {}, trust: {} })
  setTimeout(() => cancel.abort(), 20)
  await assert.rejects(asked, { name: 'AbortError' })
})
