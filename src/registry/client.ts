import { registryWaits } from '../core/retry.ts'
import type { World } from '../core/runtime.ts'
import type { InsecureRegistries } from '../docker/docker.ts'
import { type Authorizer, openAuthorizer } from './authorize.ts'
import type { DockerConfig } from './config.ts'
import { credentialFor } from './credentials.ts'
import { type Endpoints, openEndpoints } from './endpoints.ts'
import { insist } from './insist.ts'
import type { Login } from './plan.ts'
import { type HttpResponse, openTransport } from './transport.ts'

/** Speaks the registries' HTTP API (the OCI distribution specification). */
export interface Client {
  readonly send: (request: ApiRequest) => Promise<HttpResponse>
}

export interface ApiRequest {
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
}

/** Nothing is asked yet: each registry is met when it is first spoken to. */
export function openClient(world: Pick<World, 'env' | 'cancelled' | 'run'>, options: ClientOptions): Client {
  const transport = openTransport(world.env, world.cancelled)
  const endpoints = openEndpoints(transport, options.insecure)
  const source = { logins: options.logins, directory: options.config.directory }
  const authorizer = openAuthorizer(endpoints.send, registry => credentialFor(world.run, registry, source))
  return {
    send: request =>
      insist(
        request.registry,
        () => ask(request, authorizer, endpoints),
        request.once ? [] : (options.waits ?? registryWaits),
        world.cancelled,
      ),
  }
}

/** Asks, and once more with an answer to the registry's challenge. A token that has expired is replaced that way too. */
async function ask(request: ApiRequest, authorizer: Authorizer, endpoints: Endpoints): Promise<HttpResponse> {
  const base = await endpoints.base(request.registry)
  const response = await follow(request, base, await authorizer.known(request), endpoints.send)
  if (response.status !== 401) return response
  const answer = await authorizer.answer(request, response)
  if (answer.kind === 'refusal') return answer.response
  return await follow(request, base, answer.header, endpoints.send)
}

/** Blobs may lie elsewhere; the authorization is for the registry alone. */
async function follow(
  { method, registry: _, repository, path, headers, body }: ApiRequest,
  base: string,
  authorization: string | undefined,
  send: Endpoints['send'],
): Promise<HttpResponse> {
  let url = new URL(path, repository === '' ? `${base}/v2/` : `${base}/v2/${repository}/`)
  for (let hops = 0; ; hops++) {
    const own = authorization !== undefined && url.origin === new URL(base).origin
    const response = await send({
      method,
      url,
      headers: { 'user-agent': 'slipway', ...headers, ...(own ? { authorization } : {}) },
      ...(body === undefined ? {} : { body }),
    })
    const { location } = response.headers
    const moved = [301, 302, 303, 307, 308].includes(response.status) && location !== undefined
    if (!moved || (method !== 'GET' && method !== 'HEAD') || hops >= 5) return response
    url = new URL(location, url)
  }
}
