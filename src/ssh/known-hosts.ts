import { createHmac, timingSafeEqual } from 'node:crypto'
import { publicKeyType } from './wire.ts'

/** A line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
interface KnownHost {
  /** Its number in the text, from 1. */
  readonly line: number
  readonly marker: 'none' | 'revoked' | 'cert-authority'
  /** The names, with wildcards and negations; or one hashed name. */
  readonly hosts: string
  readonly key: Buffer
}

export interface HostKeyVerdict {
  readonly verdict: 'match' | 'mismatch' | 'unknown' | 'revoked'
  /** The keys that are known for this host, when the one that was shown is not among them. */
  readonly known: readonly Buffer[]
  /** Lines for this host that cannot be used: we do not take part in host certificates. */
  readonly authorities: readonly number[]
}

/**
 * Judges the key that a server showed. As in OpenSSH, a line for another key of the same host makes it a
 * mismatch, whatever the type, and on a port of its own a host may also be known without that port.
 */
export function matchHostKey(lines: string, host: string, port: number, key: Buffer): HostKeyVerdict {
  const all = parseKnownHosts(lines).hosts
  const here = all.filter(({ hosts }) => namesOf(host, port).some(name => matches(hosts, name)))
  const elsewhere = all.filter(({ hosts }) => matches(hosts, host.toLowerCase()))
  const authorities = here.filter(({ marker }) => marker === 'cert-authority').map(({ line }) => line)
  const plain = here.filter(({ marker }) => marker === 'none')
  const has = (list: readonly KnownHost[]) => list.some(known => known.key.equals(key))
  if (has([...here, ...elsewhere].filter(({ marker }) => marker === 'revoked'))) {
    return { verdict: 'revoked', known: [], authorities }
  }
  if (has(plain)) return { verdict: 'match', known: [], authorities }
  if (plain.length > 0) return { verdict: 'mismatch', known: plain.map(known => known.key), authorities }
  const portless = has(elsewhere.filter(({ marker }) => marker === 'none'))
  return { verdict: portless ? 'match' : 'unknown', known: [], authorities }
}

/** The types of the keys that are known for a host: to be asked for first, as the server shows only one. */
export function knownKeyTypes(lines: string, host: string, port: number): string[] {
  const names = [...namesOf(host, port), host.toLowerCase()]
  const known = parseKnownHosts(lines).hosts.filter(
    ({ hosts, marker }) => marker === 'none' && names.some(name => matches(hosts, name)),
  )
  return [...new Set(known.map(({ key }) => publicKeyType(key)))]
}

/** The line that makes a key known. */
export const knownHostsLine = (host: string, port: number, key: Buffer): string =>
  `${port === 22 ? host : `[${host}]:${port}`} ${publicKeyType(key)} ${key.toString('base64')}`

/** The lines that can be read, and the numbers of those that cannot. */
export function parseKnownHosts(text: string): { hosts: KnownHost[]; unreadable: number[] } {
  const hosts: KnownHost[] = []
  const unreadable: number[] = []
  for (const [index, content] of text.split(/\r\n|\n|\r/).entries()) {
    const line = index + 1
    if (/^\s*(#|$)/.test(content)) continue
    const known = parseLine(content.trim(), line)
    if (known === undefined) unreadable.push(line)
    else hosts.push(known)
  }
  return { hosts, unreadable }
}

function parseLine(content: string, line: number): KnownHost | undefined {
  const [, mark, hosts, type, base64] =
    /^(?:@(revoked|cert-authority)\s+)?([^\s@]\S*)\s+(\S+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(content) ?? []
  if (hosts === undefined || base64 === undefined) return undefined
  const key = Buffer.from(base64, 'base64')
  if (publicKeyType(key) !== type) return undefined
  return { line, marker: (mark ?? 'none') as KnownHost['marker'], hosts, key }
}

/** The names a host has in the file; OpenSSH writes no port for 22, people do. */
function namesOf(host: string, port: number): string[] {
  const name = host.toLowerCase()
  const withPort = `[${name}]:${port}`
  return port === 22 ? [name, withPort] : [withPort]
}

/** Whether a line's names mean this one: any of them does, and none that is negated. */
function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name)
  const patterns = hosts.toLowerCase().split(',')
  const hit = (pattern: string) => wildcard(pattern).test(name)
  if (patterns.some(pattern => pattern.startsWith('!') && hit(pattern.slice(1)))) return false
  return patterns.some(pattern => !pattern.startsWith('!') && hit(pattern))
}

/** `*` and `?` are the only wildcards; brackets stand for themselves. */
function wildcard(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('?', '.')
    .replace(/\*+/g, '.*')
  return new RegExp(`^${text}$`)
}

/** `|1|salt|hash`: HMAC-SHA1 of the name with the salt as its key, both in base64. */
function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = hosts.split('|')
  const expected = Buffer.from(hash, 'base64')
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return version === '1' && expected.length === actual.length && timingSafeEqual(expected, actual)
}
