import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Environment } from '../../../src/core/runtime.ts'
import { type Client, type ClientOptions, openClient } from '../../../src/registry/client.ts'
import { scriptedRunner } from '../buildx/scripted-runner.ts'

export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
}

/** A running HTTP server, and the requests that it has received. */
export interface TestServer {
  readonly host: string
  readonly received: ReceivedRequest[]
}

/** Serves on a free port of 127.0.0.1 until the tests of the file have ended. */
export async function serve(answer: RequestListener, server: Server = createServer()): Promise<TestServer> {
  const received: ReceivedRequest[] = []
  server.on('request', (request: IncomingMessage, response) => {
    received.push({
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization,
    })
    answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

/** Opens a client with short waits. Loopback addresses are insecure registries, as in docker. */
export function client(options: Partial<ClientOptions> = {}, env: Environment = {}): Client {
  return openClient(scriptedRunner('exit 1', env).runtime, {
    logins: [],
    config: { directory: '/nowhere' },
    insecure: { hosts: [], cidrs: ['127.0.0.0/8'] },
    waits: [1, 1],
    lagWaits: [1, 1, 1],
    ...options,
  })
}

export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** Makes a self-signed certificate for a host name and 127.0.0.1 with openssl. */
export function certificate(name: string) {
  const folder = join(mkdtempSync(join(tmpdir(), 'slipway-tls-')), name)
  mkdirSync(folder)
  const [key, cert] = [join(folder, 'own.key'), join(folder, 'ca.crt')]
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'pipe',
  })
  return { key: readFileSync(key), cert: readFileSync(cert), folder }
}
