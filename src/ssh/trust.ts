import type { Problem } from '../core/errors.ts'
import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { boolean } from '../inputs/values.ts'
import type { Location } from './address.ts'
import { parseKnownHosts } from './known-hosts.ts'
import type { HostKeyTrust } from './plan.ts'

/** The command that gives the lines for `ssh-known-hosts`. */
const keyscan = ({ host, port }: Location): string => `ssh-keyscan ${port === 22 ? '' : `-p ${port} `}${host}`

/** Reads how the host key is to be known; exactly one way. What is wrong goes to the findings. */
export function planHostKey(inputs: Inputs, server: Location, findings: Findings): HostKeyTrust | undefined {
  const { 'ssh-known-hosts': lines, 'ssh-fingerprint': prints } = inputs
  const insecure = planOptOut(inputs, findings)
  const given = [
    ...(lines === '' ? [] : ['`ssh-known-hosts`']),
    ...(prints === '' ? [] : ['`ssh-fingerprint`']),
    ...(insecure ? ['`ssh-insecure-skip-host-key-check`'] : []),
  ]
  if (given.length !== 1) findings.problems.push(given.length === 0 ? missing(server) : tooMany(given))
  if (lines !== '') return planKnownHosts(lines, server, findings)
  if (prints !== '') return planFingerprints(prints, server, findings)
  return insecure ? { kind: 'insecure' } : undefined
}

const missing = (server: Location): Problem => ({
  input: 'ssh-known-hosts',
  cause: `Nothing says which host key ${server.host} has: \`ssh-known-hosts\` and \`ssh-fingerprint\` are empty.`,
  remedy: `Give the output of \`${keyscan(server)}\` as \`ssh-known-hosts\` (a variable will do, it is no secret).`,
})

const tooMany = (given: readonly string[]): Problem => ({
  input: 'ssh-known-hosts',
  cause: `${given.join(' and ')} are given, and only one of them can decide about the host key.`,
  remedy: 'Leave one.',
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

function planFingerprints(text: string, server: Location, findings: Findings): HostKeyTrust | undefined {
  const fingerprints: string[] = []
  for (const entry of text.split(/[\n,]/).map(part => part.trim())) {
    const print = readFingerprint(entry)
    if (print !== undefined) fingerprints.push(print)
    else if (entry !== '') findings.problems.push(noFingerprint(entry, server))
  }
  return fingerprints.length > 0 ? { kind: 'fingerprint', fingerprints } : undefined
}

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
