import type { Problem } from '../core/errors.ts'
import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { boolean } from '../inputs/values.ts'
import { type Address, isBadAddress, type Location, parseAddress } from './address.ts'
import { parseKnownHosts } from './known-hosts.ts'
import type { HostKeyTrust } from './plan.ts'

/** Returns the command that prints the lines for `ssh-known-hosts`. */
const keyscan = ({ host, port }: Location): string => `ssh-keyscan ${port === 22 ? '' : `-p ${port} `}${host}`

/** How to verify the host keys of the server and of the jump host. */
interface HostKeys {
  readonly server: HostKeyTrust
  /** Undefined without a jump host. */
  readonly jump: HostKeyTrust | undefined
}

/** Parses the input that says which host keys to trust. Exactly one must be set. Adds problems to the findings. */
export function planHostKeys(
  inputs: Inputs,
  server: Location,
  jump: Location | undefined,
  findings: Findings,
): HostKeys | undefined {
  const { 'ssh-known-hosts': lines, 'ssh-fingerprint': fingerprints } = inputs
  const insecure = planOptOut(inputs, findings)
  const given = [
    ...(lines === '' ? [] : ['`ssh-known-hosts`']),
    ...(fingerprints === '' ? [] : ['`ssh-fingerprint`']),
    ...(insecure ? ['`ssh-insecure-skip-host-key-check`'] : []),
  ]
  if (given.length !== 1) findings.problems.push(given.length === 0 ? missing(server) : tooMany(given))
  if (lines === '' && fingerprints !== '') return planFingerprints(fingerprints, server, jump, findings)
  const trust = lines === '' ? anyKey(insecure) : planKnownHosts(lines, server, findings)
  return trust && { server: trust, jump: jump && trust }
}

const anyKey = (insecure: boolean): HostKeyTrust | undefined => (insecure ? { kind: 'insecure' } : undefined)

const missing = (server: Location): Problem => ({
  input: 'ssh-known-hosts',
  cause: `There is no host key for ${server.host}: \`ssh-known-hosts\` and \`ssh-fingerprint\` are empty.`,
  remedy: `Set \`ssh-known-hosts\` to the output of \`${keyscan(server)}\` (a variable is enough: it is not secret).`,
})

const tooMany = (given: readonly string[]): Problem => ({
  input: 'ssh-known-hosts',
  cause: `${given.join(' and ')} are set, but only one of them can verify the host key.`,
  remedy: 'Keep only one of them.',
})

function planOptOut(inputs: Inputs, findings: Findings): boolean {
  const insecure = boolean(inputs, 'ssh-insecure-skip-host-key-check', findings, false)
  if (insecure) {
    findings.warnings.push(
      '`ssh-insecure-skip-host-key-check` is on: anybody who can impersonate the server gets everything that is sent to it.',
    )
  }
  return insecure
}

function planKnownHosts(lines: string, server: Location, findings: Findings): HostKeyTrust | undefined {
  const { hosts, unreadable } = parseKnownHosts(lines)
  const numbers = unreadable.join(', ')
  if (hosts.length > 0) {
    if (numbers !== '')
      findings.warnings.push(
        `\`ssh-known-hosts\`: ignored line ${numbers}, not of the form \`host type key\`.`,
      )
    return { kind: 'known-hosts', lines }
  }
  const bareKey = /^(ssh|ecdsa)-\S+ AAAA/m.test(lines)
  const looksLikeFingerprint = /^SHA256:\S+$/m.test(lines)
  findings.problems.push({
    input: 'ssh-known-hosts',
    cause: `\`ssh-known-hosts\` has no line of the form \`host type key\`${bareKey ? ': the host is missing' : ''}.`,
    remedy: looksLikeFingerprint
      ? 'This looks like a fingerprint: move it to `ssh-fingerprint`.'
      : `Set it to the output of \`${keyscan(server)}\`.`,
  })
  return undefined
}

/** Parses the fingerprints and binds each to one host: the key of a jump host must not be accepted for the server. */
function planFingerprints(
  text: string,
  server: Location,
  jump: Location | undefined,
  findings: Findings,
): HostKeys | undefined {
  const entries = text
    .split(/[\n,]/)
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(part => ({ part, host: hostOf(part), fingerprint: parseFingerprint(part) }))
  for (const { part, host, fingerprint } of entries) {
    if (fingerprint === undefined) findings.problems.push(notFingerprint(part, server))
    else if (host !== undefined && !isAt(host, server) && !(jump && isAt(host, jump)))
      findings.problems.push(unknownHost(part, jump))
  }
  const fingerprintsOf = (location: Location, unnamed: boolean) =>
    entries.flatMap(({ host, fingerprint }) =>
      fingerprint !== undefined && (host === undefined ? unnamed : isAt(host, location)) ? [fingerprint] : [],
    )
  const ofServer = fingerprintsOf(server, true)
  const ofJump = jump === undefined ? [] : fingerprintsOf(jump, false)
  if (jump !== undefined && ofJump.length === 0) findings.problems.push(noJumpFingerprint(jump))
  if (ofServer.length === 0) {
    if (entries.every(({ fingerprint }) => fingerprint !== undefined))
      findings.problems.push(noServerFingerprint(server))
    return undefined
  }
  return {
    server: { kind: 'fingerprint', fingerprints: ofServer },
    jump: jump && { kind: 'fingerprint', fingerprints: ofJump, host: jump.host },
  }
}

/**
 * Returns the host before a fingerprint: `gate.example.com SHA256:…`. A number there is the key size, which `ssh-keygen
 * -l` prints.
 */
function hostOf(entry: string): Address | undefined {
  const [, word] = /^(\S+)\s+SHA256:\S+$/i.exec(entry) ?? []
  if (word === undefined || /^\d+$/.test(word)) return undefined
  // known_hosts writes `[name]:port`.
  const address = parseAddress(word.replace(/^\[([^\]:]+)\]/, '$1'))
  return isBadAddress(address) ? { host: word } : address
}

const isAt = ({ host, port }: Address, location: Location): boolean =>
  host === location.host && (port === undefined || port === location.port)

const unknownHost = (entry: string, jump: Location | undefined): Problem => ({
  input: 'ssh-fingerprint',
  cause: `\`ssh-fingerprint\` has \`${entry}\`, which names neither the host of \`ssh-host\` nor that of \`ssh-jump\`.`,
  remedy: `Write the host as in ${jump === undefined ? '`ssh-host`' : '`ssh-host` or `ssh-jump`'}, without the user.`,
})

const noJumpFingerprint = (jump: Location): Problem => ({
  input: 'ssh-fingerprint',
  cause: `\`ssh-fingerprint\` has no fingerprint for the jump host ${jump.host}: each one is valid for one host only.`,
  remedy:
    `Add the line \`${jump.host} SHA256:…\` (\`${keyscan(jump)} | ssh-keygen -lf -\` prints the fingerprint), or set ` +
    '`ssh-known-hosts` to the lines of both hosts instead.',
})

const noServerFingerprint = (server: Location): Problem => ({
  input: 'ssh-fingerprint',
  cause: `\`ssh-fingerprint\` has no fingerprint for the server ${server.host}: each one is valid for one host only.`,
  remedy: `Add the fingerprint that \`${keyscan(server)} | ssh-keygen -lf -\` prints: SHA256: and 43 characters.`,
})

/** Parses a fingerprint with or without its prefix and padding, also in a whole output line of `ssh-keygen -l`. */
function parseFingerprint(entry: string): string | undefined {
  const hash =
    /(?:^|\s)SHA256:([A-Za-z0-9+/]{43})=?(?:\s|$)/i.exec(entry)?.[1] ??
    /^([A-Za-z0-9+/]{43})=?$/.exec(entry)?.[1]
  return hash === undefined ? undefined : `SHA256:${hash}`
}

function notFingerprint(entry: string, server: Location): Problem {
  const md5 = /(?:^|\s|MD5:)(?:[0-9a-f]{2}:){15}[0-9a-f]{2}(?:\s|$)/i.test(entry)
  return {
    input: 'ssh-fingerprint',
    cause: `\`ssh-fingerprint\` is \`${entry}\`, ${md5 ? 'an MD5 hash, which is insecure' : 'which is not a SHA-256 fingerprint'}.`,
    remedy: `Use the fingerprint that \`${keyscan(server)} | ssh-keygen -lf -\` prints: SHA256: and 43 characters.`,
  }
}
