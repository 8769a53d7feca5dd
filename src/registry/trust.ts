import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import type { InsecureRegistries } from '../docker/docker.ts'
import { inNetwork } from './proxy.ts'

/** Whom a TLS connection believes, as node:tls takes it; `{}` is Node's own list, with NODE_EXTRA_CA_CERTS. */
export interface Trust {
  readonly ca?: string[]
  readonly cert?: string
  readonly key?: string
  readonly rejectUnauthorized?: false
}

/** Where docker has the certificates for a registry: https://docs.docker.com/engine/security/certificates/ */
const dockerCertificates = '/etc/docker/certs.d'

/** Reads what docker knows of a registry's certificates: `*.crt` are authorities, `*.cert` and `*.key` are ours. */
export async function dockerTrust(host: string, directory = dockerCertificates): Promise<Trust> {
  const folder = join(directory, host)
  const names = (await readdir(folder).catch(() => [])).sort()
  const contents = async (end: string) =>
    await Promise.all(
      names.filter(name => name.endsWith(end)).map(name => readFile(join(folder, name), 'utf8')),
    )
  const [authorities = [], [cert] = [], [key] = []] = await Promise.all(
    ['.crt', '.cert', '.key'].map(contents),
  )
  return {
    ...(authorities.length > 0 ? { ca: [...getCACertificates('default'), ...authorities] } : {}),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

/** With the machine's own list too, which docker goes by; reading it takes a while, so only once it is needed. */
export const withSystem = (trust: Trust): Trust => ({
  ...trust,
  ca: [...(trust.ca ?? getCACertificates('default')), ...getCACertificates('system')],
})

/** Whether a failed connection failed for want of a known authority. */
export const isUntrusted = (error: unknown): boolean =>
  /^(?:UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(?:_LOCALLY)?)|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT)$/.test(
    String((error as NodeJS.ErrnoException).code),
  )

/** Whether a failed connection failed for its certificate, whatever is wrong with it. */
export const isDistrust = (error: unknown): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(String((error as NodeJS.ErrnoException).code))

/** Whether the other side does not speak TLS at all. */
export const isPlain = (error: unknown): boolean =>
  /EPROTO|ERR_SSL_|ECONNRESET|WRONG_VERSION_NUMBER/.test(String((error as NodeJS.ErrnoException).code))

/** Tells whether docker also talks to a registry without TLS: on this machine, or in its `insecure-registries`. */
export function isInsecure(host: string, { hosts, cidrs }: InsecureRegistries): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  if (name === 'localhost' || name === '::1' || hosts.includes(host)) return true
  return cidrs.some(network => inNetwork(name, network))
}
