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

/** Speaks the registries' HTTP API (the OCI distribution specification). */
export interface Client {
  readonly send: (request: ApiRequest) => Promise<HttpResponse>
  /** A fresh token that may pull from these repositories and nothing else; undefined where the registry gives none. */
  readonly pullToken: (registry: string, repositories: readonly string[]) => Promise<string | undefined>
  /** Asks again, with growing waits, what a registry may be seconds behind with. */
  readonly again: <T>(attempt: () => Promise<Attempt<T>>) => Promise<T>
}

interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly registry: string
  /** Empty: the registry itself. */
  readonly repository: string
  /** Below `/v2/<repository>/`, or a whole URL that the registry itself gave. */
  readonly path: string
  /** What the request needs: a token is asked for no more. */
  readonly actions: '' | 'pull' | 'pull,push'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** It is not asked again, whatever the fault. */
  readonly once?: true
}

export interface ClientOptions {
  readonly logins: readonly Login[]
  readonly config: Pick<DockerConfig, 'directory'>
  /** May be known later: whom docker believes without a certificate. */
  readonly insecure: InsecureRegistries | Promise<InsecureRegistries>
  /** Waits before repetitions, in milliseconds. */
  readonly waits?: readonly number[]
  /** The same, of what a registry is behind with. */
  readonly lagWaits?: readonly number[]
}

/** Nothing is asked yet: each registry is met when it is first spoken to. */
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
      // The challenge of the registry says where its tokens are had.
      await ask(request, authorizer, endpoints)
      const base = new URL(await endpoints.base(registry))
      return await authorizer.token({ registry, base, repositories, actions: 'pull' })
    },
    again: attempt => retry(attempt, runtime.log.line, { waits: lag, signal: runtime.cancelled }),
  }
}

/** Sends a request, and repeats it once with an answer to the registry's challenge, which also replaces an expired token. */
async function ask(request: ApiRequest, authorizer: Authorizer, endpoints: Endpoints): Promise<HttpResponse> {
  const { registry, repository, actions } = request
  const scope = { registry, base: new URL(await endpoints.base(registry)), repository, actions }
  const response = await perform(request, scope.base, await authorizer.known(scope), endpoints.send)
  if (response.status !== 401) return response
  const answer = await authorizer.answer(scope, response)
  if (answer.kind === 'refusal') return answer.response
  return await perform(request, scope.base, answer.header, endpoints.send)
}

/** Blobs may lie elsewhere; what changes something goes to the registry alone, wherever it points. */
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
