/**
 * A registry that issues tokens like ghcr.io: a proxy in front of an anonymous registry. Runs as a separate process:
 * `node token-server.ts CONFIGURATION`.
 */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pathToFileURL } from 'node:url'
import type { Member } from './members.ts'

export interface Configuration {
  readonly address: string
  readonly port: number
  /** The URL (`http://…`) of the anonymous registry. */
  readonly upstream: string
  readonly members: readonly Member[]
  /** The password of every member. Also the key that signs the tokens. */
  readonly password: string
}

/** The content of a token: who requested it, and for which scopes. */
interface Token {
  readonly member: string
  readonly scopes: readonly string[]
}

const sign = (text: string, key: string): string => createHmac('sha256', key).update(text).digest('base64url')

export function tokenOf(token: Token, key: string): string {
  const text = Buffer.from(JSON.stringify(token)).toString('base64url')
  return `${text}.${sign(text, key)}`
}

export function readToken(value: string | undefined, key: string): Token | undefined {
  const [text = '', signature] = value?.split('.') ?? []
  return signature === sign(text, key) ? JSON.parse(Buffer.from(text, 'base64url').toString()) : undefined
}

/** Returns the member of an Authorization header: undefined without a header, false if name or password are wrong. */
export function memberOf(
  header: string | undefined,
  { members, password }: Configuration,
): Member | undefined | false {
  if (!header) return undefined
  const [name, given] = Buffer.from(header.replace(/^Basic /i, ''), 'base64')
    .toString()
    .split(':')
  return (given === password && members.find(member => member.name === name)) || false
}

const refuse = (response: ServerResponse, status: number, code: string, message: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ errors: [{ code, message }] }))
}

function issueToken(
  url: URL,
  incoming: IncomingMessage,
  response: ServerResponse,
  configuration: Configuration,
): void {
  // Does not support OAuth token requests (POST). Clients that try them first fall back to GET.
  if (incoming.method !== 'GET') {
    incoming.resume()
    refuse(response, 405, 'UNSUPPORTED', 'GET only')
    return
  }
  const member = memberOf(incoming.headers.authorization, configuration)
  // Like ghcr.io, answers the same for a wrong password and for an unknown user.
  if (member === false) {
    refuse(response, 403, 'DENIED', 'denied')
    return
  }
  const scopes = url.searchParams.getAll('scope').flatMap(scope => scope.split(' '))
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(
    JSON.stringify({ token: tokenOf({ member: member?.name ?? '', scopes }, configuration.password) }),
  )
}

const grants = (scope: string, name: string, action: string): boolean => {
  const [type, repository, actions] = scope.split(':')
  return type === 'repository' && repository === name && (actions?.split(',').includes(action) ?? false)
}

/** Returns why a request is rejected, as status, code and message. Undefined if it is allowed. */
export function rejection(
  path: string,
  method: string,
  token: Token | undefined,
  members: readonly Member[],
): readonly [number, string, string] | undefined {
  const name = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(path)?.[1]
  const action = method === 'GET' || method === 'HEAD' ? 'pull' : 'push'
  const member = members.find(({ name }) => name === token?.member)
  if (!token || (!name && !member)) return [401, 'UNAUTHORIZED', 'authentication required']
  if (!name) return undefined
  if (!token.scopes.some(scope => grants(scope, name, action)))
    return [401, 'UNAUTHORIZED', 'authentication required']
  if (!member) return [401, 'UNAUTHORIZED', 'authentication required']
  return member.may.includes(action) ? undefined : [403, 'DENIED', member.refusal]
}

/** Returns the challenge of a 401: where to request a token, and for which scope. */
function challenge(path: string, method: string, host: string): string {
  const name = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(path)?.[1] ?? 'user/image'
  const actions = method === 'GET' || method === 'HEAD' ? 'pull' : 'pull,push'
  return `Bearer realm="http://${host}/token",service="${host}",scope="repository:${name}:${actions}"`
}

function forward(incoming: IncomingMessage, response: ServerResponse, upstream: string): void {
  const { authorization: _, ...headers } = incoming.headers
  // Keeps the client's Host header, because the registry builds the URLs of uploads from it.
  const outgoing = request(
    `${upstream}${incoming.url}`,
    { method: incoming.method ?? 'GET', headers },
    answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  outgoing.on('error', error =>
    response.headersSent ? response.destroy() : refuse(response, 502, 'UNKNOWN', error.message),
  )
  incoming.pipe(outgoing)
}

export const tokenProxy = (configuration: Configuration) =>
  createServer((incoming, response) => {
    const host = `${configuration.address}:${configuration.port}`
    const url = new URL(incoming.url ?? '/', `http://${host}`)
    const method = incoming.method ?? 'GET'
    if (url.pathname === '/token') {
      issueToken(url, incoming, response, configuration)
      return
    }
    const bearer = /^Bearer (.+)$/i.exec(incoming.headers.authorization ?? '')?.[1]
    const rejected = rejection(
      url.pathname,
      method,
      readToken(bearer, configuration.password),
      configuration.members,
    )
    if (!rejected) {
      forward(incoming, response, configuration.upstream)
      return
    }
    if (rejected[0] === 401) response.setHeader('www-authenticate', challenge(url.pathname, method, host))
    incoming.resume()
    refuse(response, ...rejected)
  })

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const configuration: Configuration = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
  tokenProxy(configuration).listen(configuration.port, configuration.address)
}
