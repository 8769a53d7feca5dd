import type { Runtime } from '../core/runtime.ts'
import { type Reference, registryOf } from '../image/reference.ts'
import type { Client } from './client.ts'
import type { RegistryPlan } from './plan.ts'

/** What opens a registry for the server's pull: a login, or a token that may pull and nothing else. */
export type ServerCredential =
  | { readonly registry: string; readonly username: string; readonly password: string }
  | { readonly registry: string; readonly token: string }

/** One for each registry; none: the server's own logins have to do. */
export type ServerCredentials = readonly ServerCredential[]

/**
 * Returns what the server is offered for its pulls, the next where a registry refuses the one before: in each registry
 * that it pulls from a login of its own and nothing else where one was given, else a token that may only pull, else the
 * login of this run. Tokens are asked for here, as late as possible: some live for a minute.
 */
export async function serverCredentials(
  plan: Pick<RegistryPlan, 'logins' | 'server'>,
  pulled: readonly Reference[],
  client: Pick<Client, 'pullToken'> | undefined,
  { log }: Pick<Runtime, 'log'>,
): Promise<readonly [ServerCredentials, ...ServerCredentials[]]> {
  const registries = [...Map.groupBy(pulled, registryOf)]
  const offers = await Promise.all(
    registries.map(async ([registry, references], place) => {
      // `server-registry-…` names the login of the first registry only.
      if (plan.server !== undefined && place === 0) return { first: { registry, ...plan.server } }
      const login = plan.logins.find(each => each.registry === registry)
      const repositories = [...new Set(references.map(({ repository }) => repository))]
      // docker may reach a registry that this process does not: then the login does, as the token would have.
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

/** Tries each credential in turn until the registry accepts one. */
export async function offerInTurn<T>(
  offers: readonly [ServerCredentials, ...ServerCredentials[]],
  attempt: (offer: ServerCredentials) => Promise<T>,
  isRefused: (result: T) => boolean,
  log: Pick<Runtime['log'], 'warning'>,
): Promise<T> {
  const [first, next, ...others] = offers
  const result = await attempt(first)
  if (next === undefined || !isRefused(result)) return result
  const users = next.flatMap(each => ('username' in each ? [`\`${each.username}\``] : []))
  const whose = users.length > 0 ? `the login of ${[...new Set(users)].join(' and ')}` : 'its own logins'
  log.warning(
    `The registry refused the server's pull with a token that may only pull, which may have expired while the deploy waited or pulled. The server tries again with ${whose}. \`server-registry-username\` and \`server-registry-password\` give it a read-only login.`,
  )
  return await offerInTurn([next, ...others], attempt, isRefused, log)
}
