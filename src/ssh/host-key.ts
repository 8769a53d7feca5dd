import type { Problem } from '../core/errors.ts'
import type { Location } from './address.ts'
import { knownHostsLine, knownKeyTypes, matchHostKey } from './known-hosts.ts'
import type { HostKeyTrust } from './plan.ts'
import { fingerprint, publicKeyType } from './wire.ts'

/** Checks the host key of a server. Returns the problem, or undefined if the key is trusted. */
export function checkHostKey(trust: HostKeyTrust, server: Location, key: Buffer): Problem | undefined {
  if (trust.kind === 'insecure') return undefined
  if (trust.kind === 'fingerprint') {
    return trust.fingerprints.includes(fingerprint(key)) ? undefined : wrongFingerprint(trust, server, key)
  }
  const { verdict, known, authorities } = matchHostKey(trust.lines, server.host, server.port, key)
  if (verdict === 'match') return undefined
  if (verdict === 'unknown') return unknown(server, key, authorities)
  return verdict === 'mismatch' ? mismatch(server, key, known) : revoked(server, key)
}

const show = (key: Buffer): string => `${publicKeyType(key)} ${fingerprint(key)}`

const compare = ({ host }: Location): string =>
  `compare on ${host} itself (\`for f in /etc/ssh/ssh_host_*.pub; do ssh-keygen -lf $f; done\`)`

function unknown(server: Location, key: Buffer, authorities: readonly number[]): Problem {
  const certificates =
    authorities.length === 0 ? '' : '; host certificates (`@cert-authority`) are not supported'
  return {
    input: 'ssh-known-hosts',
    cause: `The host key of ${server.host} (port ${server.port}) is not in \`ssh-known-hosts\`: the server presented ${show(key)}${certificates}.`,
    remedy: `If that is the key of the server (${compare(server)}), add this line: ${knownHostsLine(server.host, server.port, key)}`,
  }
}

function mismatch(server: Location, key: Buffer, known: readonly Buffer[]): Problem {
  return {
    input: 'ssh-known-hosts',
    cause:
      `${server.host} (port ${server.port}) presented a different host key than \`ssh-known-hosts\` has: ${show(key)} ` +
      `instead of ${known.map(show).join(' or ')}. Someone may be impersonating the server, or the server was reinstalled.`,
    remedy: `Only if the server's key really changed (${compare(server)}), replace its lines with: ${knownHostsLine(server.host, server.port, key)}`,
  }
}

const revoked = (server: Location, key: Buffer): Problem => ({
  input: 'ssh-known-hosts',
  cause: `${server.host} (port ${server.port}) presented a host key that \`ssh-known-hosts\` marks as @revoked: ${show(key)}.`,
  remedy: 'Generate a new host key on the server, and add its line.',
})

function wrongFingerprint(
  { fingerprints, host }: { readonly fingerprints: readonly string[]; readonly host?: string },
  server: Location,
  key: Buffer,
): Problem {
  return {
    input: 'ssh-fingerprint',
    cause:
      `${server.host} (port ${server.port}) presented a different host key than \`ssh-fingerprint\` has: ${show(key)} ` +
      `instead of ${fingerprints.join(' or ')}. Someone may be impersonating the server, or the server was reinstalled.`,
    remedy: `If that is the key of the server (${compare(server)}), set \`ssh-fingerprint: ${host === undefined ? '' : `${host} `}${fingerprint(key)}\`.`,
  }
}

/** The signature algorithms of each host key type, best first. `ssh-rsa` is omitted because it signs with SHA-1. */
const algorithms: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/**
 * Returns the host key algorithms to offer, in order of preference. A server presents only one key, so the types in
 * known_hosts come first. The others follow, so that a server without a known key still presents one for the error
 * message.
 */
export function hostKeyAlgorithms(trust: HostKeyTrust, { host, port }: Location): string[] {
  const known = trust.kind === 'known-hosts' ? knownKeyTypes(trust.lines, host, port) : []
  return [...new Set([...known, ...Object.keys(algorithms)])].flatMap(type => algorithms[type] ?? [])
}

/** Returns the algorithms of the key types not seen yet: a fingerprint does not reveal the type of its key. */
export const otherAlgorithms = (seen: readonly string[]): string[] =>
  Object.entries(algorithms).flatMap(([type, names]) => (seen.includes(type) ? [] : names))
