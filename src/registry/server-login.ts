import type { Problem } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import { type Reference, registryOf } from '../image/reference.ts'
import type { Client } from './client.ts'
import type { Login, ServerLogin } from './plan.ts'

/** A registry credential for the server's pull: a login, or a pull-only token. */
export type ServerCredential =
  | { readonly registry: string; readonly username: string; readonly password: string }
  | { readonly registry: string; readonly token: string }

/** One per registry. If there is none, the server pulls with its own logins. */
export type ServerCredentials = readonly ServerCredential[]

/**
 * Returns the server's own login with its registry: the only one that the images of the release are in, or the one that
 * `registry` names. Undefined if neither tells which one it is for, because a password is not sent by guess.
 */
export function bindServerLogin(server: ServerLogin, release: readonly Reference[]): Login | undefined {
  const registries = [...new Set(release.map(registryOf))]
  const [first] = registries
  const registry = registries.length === 1 ? first : registries.find(each => each === server.registry)
  return registry === undefined ? undefined : { ...server, registry }
}

/** Returns the problem if the server's own login cannot be bound to a registry. */
export function serverLoginProblem(
  server: ServerLogin | undefined,
  release: readonly Reference[],
): Problem | undefined {
  if (server === undefined || release.length === 0 || bindServerLogin(server, release)) return undefined
  return {
    input: 'server-registry-username',
    cause: `\`server-registry-username\` is given, but the server pulls from ${[...new Set(release.map(registryOf))].join(' and ')}, and nothing says which of them it is for.`,
    remedy:
      'Name the registry with `registry`. For the others, the server gets a token or the login of this run.',
  }
}

/**
 * Returns the credentials for the server's pulls, followed by those to try if a registry refuses the first. For each
 * registry: only the server's own login if one is given, otherwise a pull-only token and then this run's login. Tokens
 * are requested here, as late as possible, because some expire after a minute.
 */
export async function serverCredentials(
  plan: { readonly logins: readonly Login[]; readonly server?: Login | undefined },
  pulled: readonly Reference[],
  client: Pick<Client, 'pullToken'> | undefined,
  { log }: Pick<Runtime, 'log'>,
): Promise<readonly [ServerCredentials, ...ServerCredentials[]]> {
  const registries = [...Map.groupBy(pulled, registryOf)]
  const offers = await Promise.all(
    registries.map(async ([registry, references]) => {
      if (plan.server?.registry === registry) return { first: plan.server }
      const login = plan.logins.find(each => each.registry === registry)
      const repositories = [...new Set(references.map(({ repository }) => repository))]
      // Docker may reach a registry that this process cannot: without a token, the server gets the login.
      const token = await client?.pullToken(registry, repositories).catch(() => undefined)
      if (token === undefined) return { first: login }
      log.mask(token)
      return { first: { registry, token }, next: login }
    }),
  )
  const first = offers.flatMap(offer => offer.first ?? [])
  return offers.some(offer => 'next' in offer)
    ? [first, offers.flatMap(offer => ('next' in offer ? (offer.next ?? []) : (offer.first ?? [])))]
    : [first]
}

/** Tries each set of credentials in turn until the registries accept one; returns the last result. */
export async function tryInTurn<T>(
  offers: readonly [ServerCredentials, ...ServerCredentials[]],
  attempt: (offer: ServerCredentials) => Promise<T>,
  isRefused: (result: T) => boolean,
  log: Pick<Runtime['log'], 'warning'>,
): Promise<T> {
  const [first, next, ...others] = offers
  const result = await attempt(first)
  if (next === undefined || !isRefused(result)) return result
  const users = next.flatMap(each => ('username' in each ? [`\`${each.username}\``] : []))
  const fallback = users.length > 0 ? `the login of ${[...new Set(users)].join(' and ')}` : 'its own logins'
  log.warning(
    `The registry refused the server's pull with a pull-only token, which may have expired while the deploy waited or pulled. The server tries again with ${fallback}. \`server-registry-username\` and \`server-registry-password\` give it a read-only login.`,
  )
  return await tryInTurn([next, ...others], attempt, isRefused, log)
}
