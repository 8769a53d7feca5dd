import { at } from '../core/context.ts'
import { Failure } from '../core/errors.ts'
import { parseJson } from '../core/json.ts'
import type { Credential } from './credentials.ts'
import { follow, type Send } from './endpoints.ts'
import type { HttpResponse } from './transport.ts'

/** The authentication that a registry demands: RFC 9110, 11.6.1, and the distribution project's token specification. */
type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | undefined }

/** What a request needs access to. */
interface Scope {
  readonly registry: string
  /** The base URL of the registry's API. */
  readonly base: URL
  /** Empty for the registry itself (`/v2/`). */
  readonly repository: string
  readonly actions: string
}

/** The scopes of one token, which may cover several repositories of a registry. */
type TokenScopes = Omit<Scope, 'repository'> & { readonly repositories: readonly string[] }

export interface Authorizer {
  /** Returns the `Authorization` header for a request; undefined if the registry has asked for none, or refuses it. */
  readonly headerFor: (scope: Scope) => Promise<string | undefined>
  /** Answers a challenge: returns the header to retry with, or the response to report as the refusal. */
  readonly answer: (scope: Scope, refusal: HttpResponse) => Promise<Answer>
  /** Requests a fresh token with the login; returns undefined without a login, or if the registry issues no tokens. */
  readonly token: (scopes: TokenScopes) => Promise<string | undefined>
}

type Answer =
  | { readonly kind: 'header'; readonly header: string }
  | { readonly kind: 'refusal'; readonly response: HttpResponse }

/** Requests tokens and caches one per scope. Looks up a registry's credential only when the registry asks for it. */
export function openAuthorizer(
  send: Send,
  credentialFor: (registry: string) => Promise<Credential | undefined>,
): Authorizer {
  const challenges = new Map<string, Challenge>()
  const answers = new Map<string, Promise<Answer>>()
  const keyOf = ({ registry, repository, actions }: Scope) => `${registry} ${repository} ${actions}`
  const fresh = (scope: Scope, challenge: Challenge, refusal: HttpResponse | undefined) => {
    const answer = credentialFor(scope.registry).then(credential =>
      challenge.scheme === 'basic'
        ? basic(credential, refusal)
        : bearer(send, challenge, scopesOf(scope), credential),
    )
    answers.set(keyOf(scope), answer)
    answer.catch(() => answers.delete(keyOf(scope)))
    return answer
  }
  return {
    async headerFor(scope) {
      const challenge = challenges.get(scope.registry)
      if (challenge === undefined) return undefined
      const answer = await (answers.get(keyOf(scope)) ?? fresh(scope, challenge, undefined))
      return answer.kind === 'header' ? answer.header : undefined
    },
    async answer(scope, refusal) {
      const challenge = parseChallenge(refusal.headers['www-authenticate'])
      if (challenge === undefined) return { kind: 'refusal', response: refusal }
      challenges.set(scope.registry, challenge)
      return await fresh(scope, challenge, refusal)
    },
    async token(scopes) {
      const challenge = challenges.get(scopes.registry)
      const credential = await credentialFor(scopes.registry)
      if (challenge?.scheme !== 'bearer' || credential === undefined) return undefined
      const answer = await bearer(send, challenge, scopes, credential)
      return answer.kind === 'header' ? answer.header.replace(/^Bearer /, '') : undefined
    },
  }
}

const scopesOf = ({ repository, ...scope }: Scope): TokenScopes => ({
  ...scope,
  repositories: repository === '' ? [] : [repository],
})

/**
 * Parses the `WWW-Authenticate` headers, which Node joins into one. Prefers Bearer if there are several challenges, as
 * docker does. Returns undefined if no scheme is supported.
 */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const challenges = readChallenges(header ?? '')
  const withToken = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && hasRealm(parameters))
  if (withToken !== undefined) {
    const { realm = '', service } = withToken.parameters
    return { scheme: 'bearer', realm, service }
  }
  return challenges.some(({ scheme }) => scheme === 'basic') ? { scheme: 'basic' } : undefined
}

const hasRealm = ({ realm = '' }: Parameters): boolean =>
  URL.canParse(realm) && /^https?:$/.test(new URL(realm).protocol)

interface Parameters {
  readonly realm?: string
  readonly service?: string
}

/** Splits a header into challenges and parameters. Commas separate both; a name followed by `=` is a parameter. */
function readChallenges(header: string): { scheme: string; parameters: Parameters }[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  const token = /([\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g
  for (const [, name = '', quoted, plain] of header.matchAll(token)) {
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: {} })
    else Object.assign(challenges.at(-1)?.parameters ?? {}, { [name.toLowerCase()]: value })
  }
  return challenges
}

function basic(credential: Credential | undefined, refusal: HttpResponse | undefined): Answer {
  if (credential?.kind === 'password') return { kind: 'header', header: basicHeader(credential) }
  return { kind: 'refusal', response: refusal ?? { status: 401, headers: {}, body: Buffer.alloc(0) } }
}

const basicHeader = ({ username, password }: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

type Bearer = Extract<Challenge, { scheme: 'bearer' }>

/**
 * Requests a token (https://distribution.github.io/distribution/spec/auth/token/), an anonymous one without a
 * credential.
 */
async function bearer(
  send: Send,
  challenge: Bearer,
  scope: TokenScopes,
  credential: Credential | undefined,
): Promise<Answer> {
  const realm = new URL(challenge.realm)
  if (credential !== undefined && !mayReceiveLogin(realm, scope.base))
    throw insecureRealm(scope.registry, realm)
  const scopes = scope.repositories.map(repository => `repository:${repository}:${scope.actions}`)
  const response = await follow(
    send,
    credential?.kind === 'identity'
      ? identityRequest(challenge, scopes, credential.token)
      : {
          method: 'GET',
          url: tokenUrl(challenge, scopes),
          headers: credential === undefined ? {} : { authorization: basicHeader(credential) },
        },
  )
  const token = response.status === 200 ? readToken(response.body) : undefined
  // Some registries report an error with status 200.
  if (token === undefined)
    return { kind: 'refusal', response: response.status === 200 ? { ...response, status: 401 } : response }
  return { kind: 'header', header: `Bearer ${token}` }
}

/** Sends a login without TLS only to the host of a registry that docker itself uses without TLS. */
const mayReceiveLogin = (realm: URL, base: URL): boolean =>
  realm.protocol === 'https:' || (base.protocol === 'http:' && base.hostname === realm.hostname)

const insecureRealm = (registry: string, realm: URL): Failure =>
  new Failure('preflight', {
    input: 'registry',
    cause: `${registry} asks for its login at ${realm.origin}, without TLS: anyone on the network path could read it.`,
    remedy: 'Configure an `https://` URL as the token realm of the registry.',
  })

/** Returns the URL of a token for scopes (`repository:me/app:pull,push`); without one, it only identifies the user. */
export function tokenUrl({ realm, service }: Bearer, scopes: readonly string[]): URL {
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  return url
}

/** Exchanges an identity token for an access token: https://distribution.github.io/distribution/spec/auth/oauth/ */
function identityRequest({ realm, service = '' }: Bearer, scopes: readonly string[], token: string) {
  const scope = scopes.length === 0 ? {} : { scope: scopes.join(' ') }
  const form = { grant_type: 'refresh_token', refresh_token: token, service, ...scope, client_id: 'slipway' }
  return {
    method: 'POST',
    url: new URL(realm),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(new URLSearchParams(form).toString()),
  }
}

function readToken(body: Buffer): string | undefined {
  const answer = parseJson(body.toString('utf8'))
  const token = at(answer, 'token') ?? at(answer, 'access_token')
  // The token goes into an HTTP header and into one line of the server's input, so a line break in it is rejected.
  return typeof token === 'string' && /^[ -~]+$/.test(token) ? token : undefined
}
