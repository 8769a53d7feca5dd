import { type Attempt, lagWaits, registryWaits, retry } from '../core/retry.ts'
import type { Runtime } from '../core/runtime.ts'
import type { InsecureRegistries } from '../docker/docker.ts'
import { type Authorizer, openAuthorizer } from './auth.ts'
import type { DockerConfig } from './config.ts'
import { credentialFor } from './credentials.ts'
import { type Endpoints, follow, openEndpoints } from './endpoints.ts'
import type { Login } from './plan.ts'
import { type HttpResponse, openTransport } from './transport.ts'
import { withRetries } from './with-retries.ts'

/** A client of the registries' HTTP API (the OCI distribution specification). */
export interface Client {
  readonly send: (request: ApiRequest) => Promise<HttpResponse>
  /** Returns a fresh token that may only pull from these repositories; undefined if the registry issues no tokens. */
  readonly pullToken: (registry: string, repositories: readonly string[]) => Promise<string | undefined>
  /** Retries with growing waits, as a registry may show a push only seconds later. */
  readonly retryStale: <T>(attempt: () => Promise<Attempt<T>>) => Promise<T>
}

interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly registry: string
  /** Empty for the registry itself (`/v2/`). */
  readonly repository: string
  /** A path below `/v2/<repository>/`, or an absolute URL from a response of the registry. */
  readonly path: string
  /** The actions that the token is requested for. */
  readonly actions: '' | 'pull' | 'pull,push'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Never retries the request. */
  readonly once?: true
}

export interface ClientOptions {
  readonly logins: readonly Login[]
  readonly config: Pick<DockerConfig, 'directory'>
  /** The registries that docker uses without TLS or without checking the certificate. */
  readonly insecure: InsecureRegistries | Promise<InsecureRegistries>
  /** Waits before the retries of a failed request, in milliseconds. */
  readonly waits?: readonly number[]
  /** Waits before the retries of `retryStale`, in milliseconds. */
  readonly lagWaits?: readonly number[]
}

/** Opens a client. It contacts a registry only at the first request to it. */
export function openClient(
  runtime: Pick<Runtime, 'env' | 'cancelled' | 'run' | 'log'>,
  options: ClientOptions,
): Client {
  const transport = openTransport(runtime.env, runtime.cancelled)
  const endpoints = openEndpoints(transport, options.insecure)
  const source = { logins: options.logins, directory: options.config.directory }
  const authorizer = openAuthorizer(endpoints.send, registry => credentialFor(runtime.run, registry, source))
  const { waits = registryWaits, lagWaits: lag = lagWaits } = options
  return {
    send: request =>
      withRetries(
        request.registry,
        () => ask(request, authorizer, endpoints),
        request.once ? [] : waits,
        runtime.cancelled,
      ),
    pullToken: async (registry, repositories) => {
      const request = { method: 'GET', registry, repository: '', path: '', actions: '', once: true } as const
      // The challenge of the registry names the URL that issues its tokens.
      await ask(request, authorizer, endpoints)
      const base = new URL(await endpoints.base(registry))
      return await authorizer.token({ registry, base, repositories, actions: 'pull' })
    },
    retryStale: attempt => retry(attempt, runtime.log.line, { waits: lag, signal: runtime.cancelled }),
  }
}

/** Sends a request, and after a 401 once more with an answer to the challenge, which also replaces an expired token. */
async function ask(request: ApiRequest, authorizer: Authorizer, endpoints: Endpoints): Promise<HttpResponse> {
  const { registry, repository, actions } = request
  const scope = { registry, base: new URL(await endpoints.base(registry)), repository, actions }
  const response = await perform(request, scope.base, await authorizer.headerFor(scope), endpoints.send)
  if (response.status !== 401) return response
  const answer = await authorizer.answer(scope, response)
  if (answer.kind === 'refusal') return answer.response
  return await perform(request, scope.base, answer.header, endpoints.send)
}

/** Sends one request. Follows redirects of reads (blobs may be on another host); a write goes only to the registry. */
async function perform(
  { method, repository, path, headers, body }: ApiRequest,
  base: URL,
  authorization: string | undefined,
  send: Endpoints['send'],
): Promise<HttpResponse> {
  const url = new URL(path, new URL(repository === '' ? '/v2/' : `/v2/${repository}/`, base))
  if (url.origin !== base.origin) throw new Error(`it points to ${url.origin}`)
  const request = {
    method,
    url,
    headers: {
      'user-agent': 'slipway',
      ...headers,
      ...(authorization === undefined ? {} : { authorization }),
    },
    ...(body === undefined ? {} : { body }),
  }
  return method === 'GET' || method === 'HEAD' ? await follow(send, request) : await send(request)
}
