import { isIPv6 as isAddress6 } from 'node:net'
import { domainToASCII } from 'node:url'

/** Where an SSH server is, as far as one input says it. */
export interface Address {
  /** A name or an address; IPv6 without its brackets. */
  readonly host: string
  readonly user?: string
  readonly port?: number
}

/** Why a text is no address; `shown` is what of it may be shown (it may hold a password). */
interface BadAddress {
  readonly reason: string
  readonly shown: string
}

export const isBadAddress = (address: Address | BadAddress): address is BadAddress => 'reason' in address

/** Reads `host`, `user@host`, `user@host:port`, `[v6]:port` and a bare IPv6 address; `ssh://` in front is dropped. */
export function parseAddress(text: string): Address | BadAddress {
  const bare = text.replace(/^ssh:\/\//i, '').replace(/\/$/, '')
  const at = bare.lastIndexOf('@')
  const user = at < 0 ? undefined : bare.slice(0, at)
  const reason = reasonAgainst(bare, user)
  if (reason !== undefined) return { reason, shown: withoutPassword(text) }
  const location = parseLocation(bare.slice(at + 1))
  if (typeof location === 'string') return { reason: location, shown: text }
  return { ...location, ...(user === undefined ? {} : { user }) }
}

/** `user:password@host` with the password left out. */
const withoutPassword = (text: string): string => text.replace(/^((?:ssh:\/\/)?[^:]*):.*@/is, '$1:…@')

/** A server on the network, as its host key is looked up too. */
export interface Location {
  readonly host: string
  readonly port: number
}

/** `host:port` for people; an IPv6 address in brackets. */
export const formatLocation = ({ host, port }: Location): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

/** `user@host:port` for people, without the port that everybody has. */
export const formatTarget = ({ user, host, port }: Location & { readonly user: string }): string =>
  `${user}@${formatLocation({ host, port }).replace(/:22$/, '')}`

function reasonAgainst(text: string, user: string | undefined): string | undefined {
  if (/[\s,]/.test(text)) return 'names more than one host, or has a blank in it'
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'is a URL'
  if (user?.includes(':')) return 'holds a password'
  if (user === '') return 'has no user in front of its `@`'
  return undefined
}

/** Saves the 3 ms that Node takes to compile its pattern for addresses. */
const isIPv6 = (text: string): boolean => text.includes(':') && isAddress6(text)

/** The part behind the user; a text is the reason why it is none. */
function parseLocation(text: string): { host: string; port?: number } | string {
  if (isIPv6(text)) return { host: text.toLowerCase() }
  const parts = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>.*))?$/.exec(text)?.groups
  if (parts === undefined) return 'is neither `host`, `user@host:port` nor `[v6]:port`'
  const host = parts['v6'] === undefined ? hostName(parts['name'] ?? '') : address6(parts['v6'])
  if (host === undefined) return 'has no valid host name or address in it'
  if (parts['port'] === undefined) return { host }
  const port = parsePort(parts['port'])
  return port === undefined ? 'has a port that is not a number from 1 to 65535' : { host, port }
}

const address6 = (text: string): string | undefined => (isIPv6(text) ? text.toLowerCase() : undefined)

/** Lower case, as known_hosts has it; names in other scripts as DNS knows them. */
function hostName(text: string): string | undefined {
  const name = /^[\x21-\x7e]*$/.test(text) ? text.toLowerCase() : domainToASCII(text)
  return /^[a-z0-9_][a-z0-9_.-]*$/.test(name) ? name : undefined
}

export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? port : undefined
}
