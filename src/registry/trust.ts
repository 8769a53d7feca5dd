import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import type { InsecureRegistries } from '../docker/docker.ts'
import { inNetwork } from './proxy.ts'

/** Options of node:tls about certificates; `{}` means Node's own list of authorities, with NODE_EXTRA_CA_CERTS. */
export interface Trust {
  readonly ca?: string[]
  readonly cert?: string
  readonly key?: string
  readonly rejectUnauthorized?: false
}

/** Docker's directory of registry certificates: https://docs.docker.com/engine/security/certificates/ */
const dockerCertificates = '/etc/docker/certs.d'

/** Reads docker's certificates for a registry: `*.crt` are authorities, `*.cert` and `*.key` the client's. */
export async function dockerTrust(host: string, directory = dockerCertificates): Promise<Trust> {
  const folder = join(directory, host)
  const names = (await readdir(folder).catch(() => [])).sort()
  const contents = async (suffix: string) =>
    await Promise.all(
      names.filter(name => name.endsWith(suffix)).map(name => readFile(join(folder, name), 'utf8')),
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

/** Adds the machine's own authorities, which docker uses. Reading them is slow, so this happens only when needed. */
export const withSystemAuthorities = (trust: Trust): Trust => ({
  ...trust,
  ca: [...(trust.ca ?? getCACertificates('default')), ...getCACertificates('system')],
})

/** Reports whether a connection failed because the certificate's authority is unknown. */
export const isUnknownAuthority = (error: unknown): boolean =>
  /^(?:UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(?:_LOCALLY)?)|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT)$/.test(
    String((error as NodeJS.ErrnoException).code),
  )

/** Reports whether a connection failed because of the certificate, for any reason. */
export const isCertificateError = (error: unknown): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(String((error as NodeJS.ErrnoException).code))

/** Reports whether a connection failed because the host does not speak TLS. */
export const isNotTls = (error: unknown): boolean =>
  /EPROTO|ERR_SSL_|ECONNRESET|WRONG_VERSION_NUMBER/.test(String((error as NodeJS.ErrnoException).code))

/** Reports whether docker also uses a registry without TLS: on this machine, or in its `insecure-registries`. */
export function isInsecure(host: string, { hosts, cidrs }: InsecureRegistries): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  if (name === 'localhost' || name === '::1' || hosts.includes(host)) return true
  return cidrs.some(network => inNetwork(name, network))
}
