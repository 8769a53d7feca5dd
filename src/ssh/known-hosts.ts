import { createHmac } from 'node:crypto'
import { publicKeyType } from './wire.ts'

/** A line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
interface KnownHost {
  /** The line number, from 1. */
  readonly line: number
  readonly marker: 'none' | 'revoked' | 'cert-authority'
  /** A list of names with wildcards and negations, or one hashed name. */
  readonly hosts: string
  readonly key: Buffer
}

interface HostKeyVerdict {
  readonly verdict: 'match' | 'mismatch' | 'unknown' | 'revoked'
  /** For a mismatch: the known keys of this host. */
  readonly known: readonly Buffer[]
  /**
   * The numbers of the `@cert-authority` lines for this host. Slipway ignores them: it does not support host
   * certificates.
   */
  readonly authorities: readonly number[]
}

/**
 * Checks the key that a server presented. As in OpenSSH, a different key for the same host is a mismatch, whatever its
 * type, and a host on a non-standard port also matches lines without a port.
 */
export function matchHostKey(lines: string, host: string, port: number, key: Buffer): HostKeyVerdict {
  const all = parseKnownHosts(lines).hosts
  const exact = all.filter(known => isFor(known, host, port))
  const portless = all.filter(known => matches(known.hosts, host.toLowerCase()))
  const authorities = exact.filter(({ marker }) => marker === 'cert-authority').map(({ line }) => line)
  const plain = exact.filter(({ marker }) => marker === 'none')
  const has = (list: readonly KnownHost[]) => list.some(known => known.key.equals(key))
  if (has([...exact, ...portless].filter(({ marker }) => marker === 'revoked'))) {
    return { verdict: 'revoked', known: [], authorities }
  }
  if (has(plain)) return { verdict: 'match', known: [], authorities }
  if (plain.length > 0) return { verdict: 'mismatch', known: plain.map(known => known.key), authorities }
  const known = has(portless.filter(({ marker }) => marker === 'none'))
  return { verdict: known ? 'match' : 'unknown', known: [], authorities }
}

/** Returns the types of the known keys of a host. They are offered first, because the server presents only one key. */
export function knownKeyTypes(lines: string, host: string, port: number): string[] {
  const known = parseKnownHosts(lines).hosts.filter(
    line => line.marker === 'none' && (isFor(line, host, port) || matches(line.hosts, host.toLowerCase())),
  )
  return [...new Set(known.map(({ key }) => publicKeyType(key)))]
}

/** Formats the known_hosts line of a key. */
export const knownHostsLine = (host: string, port: number, key: Buffer): string =>
  `${port === 22 ? host : `[${host}]:${port}`} ${publicKeyType(key)} ${key.toString('base64')}`

/** Parses known_hosts. Returns the entries, and the numbers of the lines that cannot be parsed. */
export function parseKnownHosts(text: string): { hosts: KnownHost[]; unreadable: number[] } {
  const hosts: KnownHost[] = []
  const unreadable: number[] = []
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1
    if (/^[ \t]*(?:#|\r?$)/.test(content)) continue
    const known = parseLine(content, line)
    if (known === undefined) unreadable.push(line)
    else hosts.push(known)
  }
  return { hosts, unreadable }
}

/** Parses one line as OpenSSH does: spaces and tabs separate the fields, and other white space in base64 is ignored. */
function parseLine(content: string, line: number): KnownHost | undefined {
  const [, mark, hosts, type, text = ''] =
    /^[ \t]*(?:@(revoked|cert-authority)[ \t]+)?([^ \t@][^ \t]*)[ \t]+([^ \t]+)[ \t]+([^ \t]+)/.exec(
      content,
    ) ?? []
  const base64 = text.replace(/[\r\v\f]/g, '')
  const key = Buffer.from(base64, 'base64')
  if (hosts === undefined || key.toString('base64') !== base64 || publicKeyType(key) !== type)
    return undefined
  return { line, marker: (mark ?? 'none') as KnownHost['marker'], hosts, key }
}

/**
 * Reports whether an entry is for this host and port. OpenSSH writes no port for 22, but people do: `[host]:22`
 * therefore matches port 22 too, but only literally, not by a wildcard or a hash.
 */
function isFor({ hosts }: KnownHost, host: string, port: number): boolean {
  const name = host.toLowerCase()
  const withPort = `[${name}]:${port}`
  if (port !== 22) return matches(hosts, withPort)
  const patterns = hosts.toLowerCase().split(',')
  const isNegated = patterns.some(pattern => isNegation(pattern, name) || isNegation(pattern, withPort))
  return matches(hosts, name) || (patterns.includes(withPort) && !isNegated)
}

/** Reports whether any pattern of an entry matches the name, and no negated one does. */
function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name)
  const patterns = hosts.toLowerCase().split(',')
  return (
    patterns.some(pattern => wildcard(pattern).test(name)) &&
    !patterns.some(pattern => isNegation(pattern, name))
  )
}

const isNegation = (pattern: string, name: string): boolean =>
  pattern.startsWith('!') && wildcard(pattern.slice(1)).test(name)

/** Compiles a pattern. The only wildcards are `*` and `?`; brackets are literal. */
function wildcard(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('?', '.')
    .replace(/\*+/g, '.*')
  return new RegExp(`^${text}$`)
}

/**
 * Compares a name with a hashed one, which must be exactly `|1|salt|hash`: the HMAC-SHA1 of the name with a salt of 20
 * bytes as the key, both in base64.
 */
function matchesHash(hosts: string, name: string): boolean {
  const salt = Buffer.from(hosts.split('|')[2] ?? '', 'base64')
  const hash = createHmac('sha1', salt).update(name).digest('base64')
  return salt.length === 20 && hosts === `|1|${salt.toString('base64')}|${hash}`
}
