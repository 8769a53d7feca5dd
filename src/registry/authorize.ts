import { type Challenge, parseChallenge, tokenUrl } from './challenge.ts'
import type { Credential } from './credentials.ts'
import type { Send } from './endpoints.ts'
import type { HttpResponse } from './transport.ts'

/** Whom a request is for. */
export interface Asked {
  readonly registry: string
  /** Empty: no more is asked than who this is. */
  readonly repository: string
  readonly actions: string
}

export interface Authorizer {
  /** The `Authorization` for a request, as far as one is known; undefined: ask without. */
  readonly known: (asked: Asked) => Promise<string | undefined>
  /** Answers a challenge: a header to come again with, else the refusal to hand on. */
  readonly answer: (asked: Asked, refusal: HttpResponse) => Promise<Answer>
}

export type Answer =
  | { readonly kind: 'header'; readonly header: string }
  | { readonly kind: 'refusal'; readonly response: HttpResponse }

/** Gets and keeps tokens, one for each scope; a credential is looked for when a registry first asks for one. */
export function openAuthorizer(
  send: Send,
  credentialFor: (registry: string) => Promise<Credential | undefined>,
): Authorizer {
  const challenges = new Map<string, Challenge>()
  const answers = new Map<string, Promise<Answer>>()
  const keyOf = ({ registry, repository, actions }: Asked) => `${registry} ${repository} ${actions}`
  const fresh = (asked: Asked, challenge: Challenge, refusal: HttpResponse | undefined) => {
    const found = credentialFor(asked.registry).then(credential =>
      challenge.scheme === 'basic'
        ? basic(credential, refusal)
        : bearer(send, challenge, scopeOf(asked), credential),
    )
    answers.set(keyOf(asked), found)
    found.catch(() => answers.delete(keyOf(asked)))
    return found
  }
  return {
    async known(asked) {
      const challenge = challenges.get(asked.registry)
      if (challenge === undefined) return undefined
      const answer = await (answers.get(keyOf(asked)) ?? fresh(asked, challenge, undefined))
      return answer.kind === 'header' ? answer.header : undefined
    },
    async answer(asked, refusal) {
      const challenge = parseChallenge(refusal.headers['www-authenticate'])
      if (challenge === undefined) return { kind: 'refusal', response: refusal }
      challenges.set(asked.registry, challenge)
      return await fresh(asked, challenge, refusal)
    },
  }
}

const scopeOf = ({ repository, actions }: Asked): string | undefined =>
  repository === '' ? undefined : `repository:${repository}:${actions}`

function basic(credential: Credential | undefined, refusal: HttpResponse | undefined): Answer {
  if (credential?.kind === 'password') return { kind: 'header', header: basicHeader(credential) }
  return { kind: 'refusal', response: refusal ?? { status: 401, headers: {}, body: Buffer.alloc(0) } }
}

const basicHeader = ({ username, password }: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** https://distribution.github.io/distribution/spec/auth/token/; without a credential, what everybody may do. */
async function bearer(
  send: Send,
  challenge: Extract<Challenge, { scheme: 'bearer' }>,
  scope: string | undefined,
  credential: Credential | undefined,
): Promise<Answer> {
  const response =
    credential?.kind === 'identity'
      ? await exchangeIdentity(send, challenge, scope, credential.token)
      : await send({
          method: 'GET',
          url: tokenUrl(challenge, scope),
          headers: credential === undefined ? {} : { authorization: basicHeader(credential) },
        })
  const token = response.status === 200 ? readToken(response.body) : undefined
  // Some say what is wrong with status 200.
  if (token === undefined)
    return { kind: 'refusal', response: response.status === 200 ? { ...response, status: 401 } : response }
  return { kind: 'header', header: `Bearer ${token}` }
}

/** https://distribution.github.io/distribution/spec/auth/oauth/ */
async function exchangeIdentity(
  send: Send,
  { realm, service = '' }: Extract<Challenge, { scheme: 'bearer' }>,
  scope: string | undefined,
  token: string,
): Promise<HttpResponse> {
  const asked = scope === undefined ? {} : { scope }
  const form = { grant_type: 'refresh_token', refresh_token: token, service, ...asked, client_id: 'slipway' }
  return await send({
    method: 'POST',
    url: new URL(realm),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(new URLSearchParams(form).toString()),
  })
}

function readToken(body: Buffer): string | undefined {
  const { token, access_token: other } = JSON.parse(body.toString('utf8')) as Record<string, unknown>
  const found = token ?? other
  return typeof found === 'string' ? found : undefined
}
