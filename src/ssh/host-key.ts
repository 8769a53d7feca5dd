import type { Problem } from '../core/errors.ts'
import type { Location } from './address.ts'
import { knownHostsLine, knownKeyTypes, matchHostKey } from './known-hosts.ts'
import type { HostKeyTrust } from './plan.ts'
import { fingerprint, publicKeyType } from './wire.ts'

/** Returns what is wrong with the host key of a server; undefined if it is trusted. */
export function refuseHostKey(trust: HostKeyTrust, server: Location, key: Buffer): Problem | undefined {
  if (trust.kind === 'insecure') return undefined
  if (trust.kind === 'fingerprint') {
    return trust.fingerprints.includes(fingerprint(key)) ? undefined : otherFingerprint(trust, server, key)
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
    cause: `The host key of ${server.host} (port ${server.port}) is not in \`ssh-known-hosts\`: it showed ${show(key)}${certificates}.`,
    remedy: `If that is its key (${compare(server)}), add this line: ${knownHostsLine(server.host, server.port, key)}`,
  }
}

function mismatch(server: Location, key: Buffer, known: readonly Buffer[]): Problem {
  return {
    input: 'ssh-known-hosts',
    cause:
      `${server.host} (port ${server.port}) showed another host key than \`ssh-known-hosts\` has: ${show(key)} ` +
      `instead of ${known.map(show).join(' or ')}. Someone may be posing as the server, or it was installed anew.`,
    remedy: `Only if the server's key did change (${compare(server)}), replace its lines by: ${knownHostsLine(server.host, server.port, key)}`,
  }
}

const revoked = (server: Location, key: Buffer): Problem => ({
  input: 'ssh-known-hosts',
  cause: `${server.host} (port ${server.port}) showed a host key that \`ssh-known-hosts\` marks as @revoked: ${show(key)}.`,
  remedy: 'Give the server a new host key, and add its line.',
})

function otherFingerprint(
  { fingerprints, host }: { readonly fingerprints: readonly string[]; readonly host?: string },
  server: Location,
  key: Buffer,
): Problem {
  return {
    input: 'ssh-fingerprint',
    cause:
      `${server.host} (port ${server.port}) showed another host key than \`ssh-fingerprint\` says: ${show(key)} ` +
      `instead of ${fingerprints.join(' or ')}. Someone may be posing as the server, or it was installed anew.`,
    remedy: `If that is its key (${compare(server)}), set \`ssh-fingerprint: ${host === undefined ? '' : `${host} `}${fingerprint(key)}\`.`,
  }
}

/** The signature algorithms for each type of host key, the best first; `ssh-rsa` is left out, as it signs with SHA-1. */
const algorithms: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/**
 * The algorithms to ask for, in the order of preference: a server shows one key only, so the types that are known
 * come first. The others follow, so that a server without a known key shows what it has.
 */
export function hostKeyAlgorithms(trust: HostKeyTrust, { host, port }: Location): string[] {
  const known = trust.kind === 'known-hosts' ? knownKeyTypes(trust.lines, host, port) : []
  return [...new Set([...known, ...Object.keys(algorithms)])].flatMap(type => algorithms[type] ?? [])
}

/** The algorithms for the types not seen so far: a fingerprint does not tell which type it is of. */
export const otherAlgorithms = (seen: readonly string[]): string[] =>
  Object.entries(algorithms).flatMap(([type, names]) => (seen.includes(type) ? [] : names))
