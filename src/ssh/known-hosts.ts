import { createHmac } from 'node:crypto'
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

interface HostKeyVerdict {
  readonly verdict: 'match' | 'mismatch' | 'unknown' | 'revoked'
  /** The keys that are known for this host, when the one that was shown is not among them. */
  readonly known: readonly Buffer[]
  /** Lines for this host that cannot be used: we do not take part in host certificates. */
  readonly authorities: readonly number[]
}

/**
 * Judges the key that a server showed. As in OpenSSH, a line for another key of the same host makes it a mismatch,
 * whatever the type, and on a port of its own a host may also be known without that port.
 */
export function matchHostKey(lines: string, host: string, port: number, key: Buffer): HostKeyVerdict {
  const all = parseKnownHosts(lines).hosts
  const here = all.filter(known => isFor(known, host, port))
  const portless = all.filter(known => matches(known.hosts, host.toLowerCase()))
  const authorities = here.filter(({ marker }) => marker === 'cert-authority').map(({ line }) => line)
  const plain = here.filter(({ marker }) => marker === 'none')
  const has = (list: readonly KnownHost[]) => list.some(known => known.key.equals(key))
  if (has([...here, ...portless].filter(({ marker }) => marker === 'revoked'))) {
    return { verdict: 'revoked', known: [], authorities }
  }
  if (has(plain)) return { verdict: 'match', known: [], authorities }
  if (plain.length > 0) return { verdict: 'mismatch', known: plain.map(known => known.key), authorities }
  const known = has(portless.filter(({ marker }) => marker === 'none'))
  return { verdict: known ? 'match' : 'unknown', known: [], authorities }
}

/** The types of the keys that are known for a host: to be asked for first, as the server shows only one. */
export function knownKeyTypes(lines: string, host: string, port: number): string[] {
  const known = parseKnownHosts(lines).hosts.filter(
    line => line.marker === 'none' && (isFor(line, host, port) || matches(line.hosts, host.toLowerCase())),
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
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1
    if (/^[ \t]*(?:#|\r?$)/.test(content)) continue
    const known = parseLine(content, line)
    if (known === undefined) unreadable.push(line)
    else hosts.push(known)
  }
  return { hosts, unreadable }
}

/** As OpenSSH reads it: blanks and tabs part the fields, and other white space inside of base64 is nothing. */
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

/** OpenSSH writes no port for 22, people do: so a `[host]:22` counts there too, but only where it is written out. */
function isFor({ hosts }: KnownHost, host: string, port: number): boolean {
  const name = host.toLowerCase()
  const withPort = `[${name}]:${port}`
  if (port !== 22) return matches(hosts, withPort)
  const patterns = hosts.toLowerCase().split(',')
  const isNegated = patterns.some(pattern => isNegation(pattern, name) || isNegation(pattern, withPort))
  return matches(hosts, name) || (patterns.includes(withPort) && !isNegated)
}

/** Whether a line's names mean this one: any of them does, and none that is negated. */
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

/** `*` and `?` are the only wildcards; brackets stand for themselves. */
function wildcard(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('?', '.')
    .replace(/\*+/g, '.*')
  return new RegExp(`^${text}$`)
}

/** `|1|salt|hash` and no more: HMAC-SHA1 of the name with a salt of 20 bytes as its key, both in base64. */
function matchesHash(hosts: string, name: string): boolean {
  const salt = Buffer.from(hosts.split('|')[2] ?? '', 'base64')
  const hash = createHmac('sha1', salt).update(name).digest('base64')
  return salt.length === 20 && hosts === `|1|${salt.toString('base64')}|${hash}`
}
