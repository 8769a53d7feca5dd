import type { World } from '../core/runtime.ts'
import { type Reference, registryOf } from '../image/reference.ts'
import type { Client } from './client.ts'
import type { RegistryPlan } from './plan.ts'

/** What opens a registry for the server's pull: a login, or a token that may pull and nothing else. */
export type ServerCredential =
  | { readonly registry: string; readonly username: string; readonly password: string }
  | { readonly registry: string; readonly token: string }

/**
 * What the server is offered for its pull, the next where the registry refuses the one before: a login of its own and
 * nothing else where one was given, else a token that may only pull, else the login of this run. A token is asked for
 * here, as late as possible: some live for a minute.
 */
export async function serverCredentials(
  { logins, server }: Pick<RegistryPlan, 'logins' | 'server'>,
  pulled: Reference | undefined,
  client: Pick<Client, 'pullToken'> | undefined,
  { log }: Pick<World, 'log'>,
): Promise<readonly (ServerCredential | undefined)[]> {
  if (pulled === undefined) return [undefined]
  const registry = registryOf(pulled)
  if (server !== undefined) return [{ registry, ...server }]
  const login = logins.find(each => each.registry === registry)
  // docker may reach a registry that this process does not: then the login does, as the token would have.
  const token = await client?.pullToken(registry, pulled.repository).catch(() => undefined)
  if (token === undefined) return [login]
  log.mask(token)
  return [{ registry, token }, login]
}

/** Makes an attempt with each offer in turn, for as long as the registry refuses what is offered. */
export async function offerInTurn<T>(
  offers: readonly (ServerCredential | undefined)[],
  attempt: (offer: ServerCredential | undefined) => Promise<T>,
  isRefused: (result: T) => boolean,
  log: Pick<World['log'], 'warning'>,
): Promise<T> {
  const [first, ...others] = offers
  const result = await attempt(first)
  if (others.length === 0 || !isRefused(result)) return result
  const [next] = others
  const whose =
    next !== undefined && 'username' in next ? `the login of \`${next.username}\`` : 'its own logins'
  log.warning(
    `The registry refused the server's pull with a token that may only pull, which may have expired while the deploy waited or pulled. The server tries again with ${whose}. \`server-registry-username\` and \`server-registry-password\` give it a read-only login.`,
  )
  return await offerInTurn(others, attempt, isRefused, log)
}
