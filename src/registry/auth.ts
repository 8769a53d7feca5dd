import { at } from '../core/context.ts'
import { Failure } from '../core/errors.ts'
import { parseJson } from '../core/json.ts'
import type { Credential } from './credentials.ts'
import { follow, type Send } from './endpoints.ts'
import type { HttpResponse } from './transport.ts'

/** How a registry wants to know who asks: RFC 9110, 11.6.1, and the token specification of the distribution project. */
type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | undefined }

/** What a request is for. */
interface Scope {
  readonly registry: string
  /** Where its API begins. */
  readonly base: URL
  /** Empty: the registry itself. */
  readonly repository: string
  readonly actions: string
}

/** What one token is for, in several repositories of a registry. */
type TokenScopes = Omit<Scope, 'repository'> & { readonly repositories: readonly string[] }

export interface Authorizer {
  /** The `Authorization` for a request, as far as one is known; undefined: ask without. */
  readonly known: (scope: Scope) => Promise<string | undefined>
  /** Answers a challenge: a header to come again with, else the refusal to hand on. */
  readonly answer: (scope: Scope, refusal: HttpResponse) => Promise<Answer>
  /** Returns a fresh token for a scope, requested with the login; undefined without a login, or if the registry issues none. */
  readonly token: (scopes: TokenScopes) => Promise<string | undefined>
}

type Answer =
  | { readonly kind: 'header'; readonly header: string }
  | { readonly kind: 'refusal'; readonly response: HttpResponse }

/** Gets and keeps tokens, one for each scope; looks for a credential when a registry first asks for one. */
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
    async known(scope) {
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
 * Reads the `WWW-Authenticate` headers, which Node joins: of several challenges the one with a token, as docker has
 * it. Undefined when they ask for nothing that we can give.
 */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const challenges = readChallenges(header ?? '')
  const tokens = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && hasRealm(parameters))
  if (tokens !== undefined) {
    const { realm = '', service } = tokens.parameters
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

/** Each challenge with its own parameters: both are separated by commas, and a name with `=` behind it is a parameter. */
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

/** https://distribution.github.io/distribution/spec/auth/token/; without a credential, what everybody may do. */
async function bearer(
  send: Send,
  challenge: Bearer,
  scope: TokenScopes,
  credential: Credential | undefined,
): Promise<Answer> {
  const realm = new URL(challenge.realm)
  if (credential !== undefined && !maySee(realm, scope.base)) throw inTheClear(scope.registry, realm)
  const texts = scope.repositories.map(repository => `repository:${repository}:${scope.actions}`)
  const response = await follow(
    send,
    credential?.kind === 'identity'
      ? identityRequest(challenge, texts, credential.token)
      : {
          method: 'GET',
          url: tokenUrl(challenge, texts),
          headers: credential === undefined ? {} : { authorization: basicHeader(credential) },
        },
  )
  const token = response.status === 200 ? readToken(response.body) : undefined
  // Some registries report an error with status 200.
  if (token === undefined)
    return { kind: 'refusal', response: response.status === 200 ? { ...response, status: 401 } : response }
  return { kind: 'header', header: `Bearer ${token}` }
}

/** Without TLS a login goes nowhere but to a registry that docker itself speaks to without TLS. */
const maySee = (realm: URL, base: URL): boolean =>
  realm.protocol === 'https:' || (base.protocol === 'http:' && base.hostname === realm.hostname)

const inTheClear = (registry: string, realm: URL): Failure =>
  new Failure('preflight', {
    input: 'registry',
    cause: `${registry} wants its login sent to ${realm.origin}, where everybody on the way can read it.`,
    remedy: 'Have the registry name an `https://` address as its realm.',
  })

/** Where the token for scopes (`repository:me/app:pull,push`) is had; without one it says no more than who this is. */
export function tokenUrl({ realm, service }: Bearer, scopes: readonly string[]): URL {
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  return url
}

/** https://distribution.github.io/distribution/spec/auth/oauth/ */
function identityRequest({ realm, service = '' }: Bearer, scopes: readonly string[], token: string) {
  const asked = scopes.length === 0 ? {} : { scope: scopes.join(' ') }
  const form = { grant_type: 'refresh_token', refresh_token: token, service, ...asked, client_id: 'slipway' }
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
  // It becomes a header, and a line of the order for the server.
  return typeof token === 'string' && /^[ -~]+$/.test(token) ? token : undefined
}
