import type { Problem } from '../core/errors.ts'
import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { boolean } from '../inputs/values.ts'
import { type Address, isBadAddress, type Location, parseAddress } from './address.ts'
import { parseKnownHosts } from './known-hosts.ts'
import type { HostKeyTrust } from './plan.ts'

/** The command that gives the lines for `ssh-known-hosts`. */
const keyscan = ({ host, port }: Location): string => `ssh-keyscan ${port === 22 ? '' : `-p ${port} `}${host}`

/** How the host keys of the server and of the jump host are known. */
interface HostKeys {
  readonly server: HostKeyTrust
  /** Undefined without a jump host. */
  readonly jump: HostKeyTrust | undefined
}

/** Parses the one input that says which host keys to trust. Adds problems to the findings. */
export function planHostKeys(
  inputs: Inputs,
  server: Location,
  jump: Location | undefined,
  findings: Findings,
): HostKeys | undefined {
  const { 'ssh-known-hosts': lines, 'ssh-fingerprint': prints } = inputs
  const insecure = planOptOut(inputs, findings)
  const given = [
    ...(lines === '' ? [] : ['`ssh-known-hosts`']),
    ...(prints === '' ? [] : ['`ssh-fingerprint`']),
    ...(insecure ? ['`ssh-insecure-skip-host-key-check`'] : []),
  ]
  if (given.length !== 1) findings.problems.push(given.length === 0 ? missing(server) : tooMany(given))
  if (lines === '' && prints !== '') return planFingerprints(prints, server, jump, findings)
  const trust = lines === '' ? insecurely(insecure) : planKnownHosts(lines, server, findings)
  return trust && { server: trust, jump: jump && trust }
}

const insecurely = (insecure: boolean): HostKeyTrust | undefined =>
  insecure ? { kind: 'insecure' } : undefined

const missing = (server: Location): Problem => ({
  input: 'ssh-known-hosts',
  cause: `No host key is given for ${server.host}: \`ssh-known-hosts\` and \`ssh-fingerprint\` are empty.`,
  remedy: `Set \`ssh-known-hosts\` to the output of \`${keyscan(server)}\` (a variable is enough: it is not secret).`,
})

const tooMany = (given: readonly string[]): Problem => ({
  input: 'ssh-known-hosts',
  cause: `${given.join(' and ')} are given, and only one of them can decide about the host key.`,
  remedy: 'Remove one of them.',
})

function planOptOut(inputs: Inputs, findings: Findings): boolean {
  const insecure = boolean(inputs, 'ssh-insecure-skip-host-key-check', findings, false)
  if (insecure) {
    findings.warnings.push(
      '`ssh-insecure-skip-host-key-check` is on: whoever answers in the place of the server gets all that is sent there.',
    )
  }
  return insecure
}

function planKnownHosts(lines: string, server: Location, findings: Findings): HostKeyTrust | undefined {
  const { hosts, unreadable } = parseKnownHosts(lines)
  const numbers = unreadable.join(', ')
  if (hosts.length > 0) {
    if (numbers !== '') findings.warnings.push(`\`ssh-known-hosts\`: cannot read line ${numbers}, left out.`)
    return { kind: 'known-hosts', lines }
  }
  const bareKey = /^(ssh|ecdsa)-\S+ AAAA/m.test(lines)
  const print = /^SHA256:\S+$/m.test(lines)
  findings.problems.push({
    input: 'ssh-known-hosts',
    cause: `\`ssh-known-hosts\` has no line of the form \`host type key\`${bareKey ? ': the host is missing' : ''}.`,
    remedy: print
      ? 'This looks like a fingerprint: give it as `ssh-fingerprint`.'
      : `Give the output of \`${keyscan(server)}\`.`,
  })
  return undefined
}

/** Binds each fingerprint to one host: the key of a jump host must not be good for the server. */
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
    .map(part => ({ part, host: hostOf(part), print: readFingerprint(part) }))
  for (const { part, host, print } of entries) {
    if (print === undefined) findings.problems.push(noFingerprint(part, server))
    else if (host !== undefined && !isAt(host, server) && !(jump && isAt(host, jump)))
      findings.problems.push(nobodysFingerprint(part, jump))
  }
  const printsOf = (location: Location, unnamed: boolean) =>
    entries.flatMap(({ host, print }) =>
      print !== undefined && (host === undefined ? unnamed : isAt(host, location)) ? [print] : [],
    )
  const own = printsOf(server, true)
  const jumps = jump === undefined ? [] : printsOf(jump, false)
  if (jump !== undefined && jumps.length === 0) findings.problems.push(noJumpFingerprint(jump))
  if (own.length === 0) {
    if (entries.every(({ print }) => print !== undefined)) findings.problems.push(noServerFingerprint(server))
    return undefined
  }
  return {
    server: { kind: 'fingerprint', fingerprints: own },
    jump: jump && { kind: 'fingerprint', fingerprints: jumps, host: jump.host },
  }
}

/** The host in front of a fingerprint: `gate.example.com SHA256:…`. `ssh-keygen -l` puts the size of the key there. */
function hostOf(entry: string): Address | undefined {
  const [, word] = /^(\S+)\s+SHA256:\S+$/i.exec(entry) ?? []
  if (word === undefined || /^\d+$/.test(word)) return undefined
  // `[name]:port` is how known_hosts has it.
  const address = parseAddress(word.replace(/^\[([^\]:]+)\]/, '$1'))
  return isBadAddress(address) ? { host: word } : address
}

const isAt = ({ host, port }: Address, location: Location): boolean =>
  host === location.host && (port === undefined || port === location.port)

const nobodysFingerprint = (entry: string, jump: Location | undefined): Problem => ({
  input: 'ssh-fingerprint',
  cause: `\`ssh-fingerprint\` has \`${entry}\`, which names neither the host of \`ssh-host\` nor that of \`ssh-jump\`.`,
  remedy: `Write the host as in ${jump === undefined ? '`ssh-host`' : '`ssh-host` or `ssh-jump`'}, without the user.`,
})

const noJumpFingerprint = (jump: Location): Problem => ({
  input: 'ssh-fingerprint',
  cause: `\`ssh-fingerprint\` has none for the jump host ${jump.host}: a fingerprint counts for one host only.`,
  remedy:
    `Add the line \`${jump.host} SHA256:…\` (\`${keyscan(jump)} | ssh-keygen -lf -\` prints the fingerprint), or give ` +
    'the lines of both hosts as `ssh-known-hosts`.',
})

const noServerFingerprint = (server: Location): Problem => ({
  input: 'ssh-fingerprint',
  cause: `\`ssh-fingerprint\` has none for the server ${server.host}: a fingerprint counts for one host only.`,
  remedy: `Add what \`${keyscan(server)} | ssh-keygen -lf -\` prints: SHA256: and 43 characters.`,
})

/** With or without its prefix and its padding, and as `ssh-keygen -l` prints it among other words. */
function readFingerprint(entry: string): string | undefined {
  const hash =
    /(?:^|\s)SHA256:([A-Za-z0-9+/]{43})=?(?:\s|$)/i.exec(entry)?.[1] ??
    /^([A-Za-z0-9+/]{43})=?$/.exec(entry)?.[1]
  return hash === undefined ? undefined : `SHA256:${hash}`
}

function noFingerprint(entry: string, server: Location): Problem {
  const md5 = /(?:^|\s|MD5:)(?:[0-9a-f]{2}:){15}[0-9a-f]{2}(?:\s|$)/i.test(entry)
  return {
    input: 'ssh-fingerprint',
    cause: `\`ssh-fingerprint\` is \`${entry}\`, ${md5 ? 'an MD5 hash, which proves nothing today' : 'no SHA-256 fingerprint'}.`,
    remedy: `Take what \`${keyscan(server)} | ssh-keygen -lf -\` prints: SHA256: and 43 characters.`,
  }
}
