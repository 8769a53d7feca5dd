import assert from 'node:assert/strict'
import { createServer as createProxy } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, connect, createServer as createSocks } from 'node:net'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { localRun } from '../../../src/core/process.ts'
import { openTransport } from '../../../src/registry/transport.ts'
import { dockerTrust, isUnknownAuthority } from '../../../src/registry/trust.ts'
import { certificate, serve } from './registry.ts'

const never = new AbortController().signal

const made = certificate('registry.test')
const directory = dirname(made.folder)
const secure = await serve((_, response) => response.end('hello'), createServer(made))

const get = (url: string, env = {}, trust = {}) =>
  openTransport(env, never)({ method: 'GET', url: new URL(url), headers: {}, trust })

test('a certificate of an unknown authority is refused', async () => {
  await assert.rejects(get(`https://${secure.host}/`), error => isUnknownAuthority(error))
})

test("an authority in docker's directory for the registry is trusted", async () => {
  const trust = await dockerTrust('registry.test', directory)
  assert.equal((await get(`https://${secure.host}/`, {}, trust)).body.toString(), 'hello')
  assert.deepEqual(await dockerTrust('other.test', directory), {})
})

for (const [known, expected] of [
  [true, 'hello'],
  [false, ''],
] as const) {
  test(`GitHub's API with ${known ? "an authority of this machine's list" : 'an unknown authority'}`, async () => {
    // Node reads the machine's list of authorities only once, so this runs in a separate process.
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

test('`check-url` trusts an authority of this machine, as curl does', async () => {
  const checking = JSON.stringify(new URL('../../../src/check/check.ts', import.meta.url).href)
  const script = `const { check } = await import(${checking})
    const plan = { url: new URL('https://${secure.host}/'), status: [[200, 200]], contains: 'hello', timeout: 1 }
    console.log(JSON.stringify(await check(plan, () => {}, new AbortController().signal)))`
  for (const [file, passed] of [
    [join(made.folder, 'ca.crt'), true],
    ['/dev/null', false],
  ] as const) {
    const run = localRun({ PATH: process.env['PATH'] ?? '', SSL_CERT_FILE: file, SSL_CERT_DIR: '/nowhere' })
    const ended = await run({ file: process.execPath, args: ['--input-type=module', '--eval', script] })
    assert.equal(JSON.parse(ended.stdout).passed, passed, ended.stdout)
  }
})

/** Serves an HTTP proxy that connects to the TLS server of this file for every host name. */
async function proxy(status = 200) {
  const server = createProxy()
  const requests: string[] = []
  server.on('connect', (request, socket) => {
    requests.push(`${request.url} ${request.headers['proxy-authorization']}`)
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const [host = '', port] = secure.host.split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    return socket.on('error', () => upstream.destroy())
  })
  const { host, received } = await serve((_, response) => response.end('by proxy'), server)
  return { host, received, requests }
}

test('TLS is tunnelled through a proxy, and the certificate must match the host', async () => {
  const { host, requests } = await proxy()
  const env = { HTTPS_PROXY: `http://me:p%40ss@${host}` }
  const trust = await dockerTrust('registry.test', directory)
  assert.equal((await get('https://registry.test/', env, trust)).body.toString(), 'hello')
  assert.deepEqual(requests, [`registry.test:443 Basic ${Buffer.from('me:p@ss').toString('base64')}`])
  await assert.rejects(get('https://other.test/', env, trust), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})

test('the refusal of a proxy is reported with its status', async () => {
  const { host } = await proxy(407)
  await assert.rejects(
    get('https://registry.test/', { HTTPS_PROXY: `http://${host}` }),
    /refused to connect.*407/,
  )
})

test('a plain HTTP request goes to the proxy with the full URL', async () => {
  const { host, received } = await proxy()
  const { body } = await get('http://registry.test:5000/v2/', { http_proxy: `http://${host}` })
  assert.equal(body.toString(), 'by proxy')
  assert.equal(received[0]?.path, 'http://registry.test:5000/v2/')
})

test('cancelling the run aborts a request', async () => {
  const silent = await serve(() => undefined)
  const cancel = new AbortController()
  const transport = openTransport({}, cancel.signal)
  const answer = transport({ method: 'GET', url: new URL(`http://${silent.host}/`), headers: {}, trust: {} })
  setTimeout(() => cancel.abort(), 20)
  await assert.rejects(answer, { name: 'AbortError' })
})

const slow: readonly { name: string; drips: boolean; expected: RegExp }[] = [
  { name: 'that arrives byte by byte', drips: true, expected: /did not answer within 0\.3 seconds/ },
  { name: 'that stops', drips: false, expected: /did not answer within 0\.2 seconds/ },
]

for (const { name, drips, expected } of slow) {
  test(`an answer ${name} has a deadline`, async () => {
    const { host } = await serve((_, response) => {
      response.writeHead(200).write('a')
      const drip = drips ? setInterval(() => response.write('a'), 20) : undefined
      response.on('close', () => clearInterval(drip))
    })
    const transport = openTransport({}, never, { idle: drips ? 5_000 : 200, total: drips ? 300 : 5_000 })
    const answer = transport({ method: 'GET', url: new URL(`http://${host}/`), headers: {}, trust: {} })
    await assert.rejects(answer, expected)
  })
}

/** Serves a SOCKS proxy that connects to the servers of this file for every host name. */
async function socks(login?: string) {
  const requests: string[] = []
  const server = createSocks(socket => {
    const steps = login === undefined ? ['hello', 'ask'] : ['hello', 'login', 'ask']
    socket.on('error', () => undefined)
    socket.on('data', data => {
      const step = steps.shift()
      if (step === 'hello') return void socket.write(Buffer.from([5, login === undefined ? 0 : 2]))
      if (step === 'login') {
        const name = data.subarray(2, 2 + (data[1] ?? 0)).toString()
        return void socket.write(Buffer.from([1, name === login ? 0 : 1]))
      }
      if (step === undefined) return
      const [length = 0] = data.subarray(4)
      const port = data.readUInt16BE(5 + length)
      requests.push(`${data.subarray(5, 5 + length)}:${port}`)
      const [host = '', serverPort] = (port === 443 ? secure : plain).host.split(':')
      socket.removeAllListeners('data')
      const upstream = connect(Number(serverPort), host, () => {
        socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 80]))
        upstream.pipe(socket).pipe(upstream)
      })
      upstream.on('error', () => socket.destroy())
      socket.on('close', () => upstream.destroy())
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  after(() => server.close())
  return { requests, host: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const plain = await serve((_, response) => response.end('in the clear'))

test('TLS and plain HTTP go through a SOCKS proxy, which resolves the name', async () => {
  const { host, requests } = await socks()
  const env = { HTTPS_PROXY: `socks5://${host}`, HTTP_PROXY: `socks5h://${host}` }
  const trust = await dockerTrust('registry.test', directory)
  assert.equal((await get('https://registry.test/', env, trust)).body.toString(), 'hello')
  assert.equal((await get('http://registry.test:5000/', env)).body.toString(), 'in the clear')
  assert.deepEqual(requests, ['registry.test:443', 'registry.test:5000'])
})

test('a SOCKS proxy gets the login of its URL, and refuses a wrong one', async () => {
  const { host } = await socks('me')
  const ask = (user: string) => get('http://registry.test/', { HTTP_PROXY: `socks5://${user}:x@${host}` })
  await assert.rejects(ask('you'), /refused its login/)
  const { host: again } = await socks('me')
  const { body } = await get('http://registry.test/', { HTTP_PROXY: `socks5://me:x@${again}` })
  assert.equal(body.toString(), 'in the clear')
})

test('an unsupported kind of proxy is reported', async () => {
  const env = { HTTP_PROXY: 'socks4://proxy:1080' }
  await assert.rejects(get('http://registry.test/', env), /socks4:.*is not `http:/)
})
