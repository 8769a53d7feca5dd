/** How to connect and log in to the server, and how to verify its host key. */
export interface SshPlan {
  /** A host name or an IP address; IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly authentication: Authentication
  readonly hostKey: HostKeyTrust
  readonly jump?: Jump
}

/** A jump host. It accepts the same credentials as the server and has its own host key. */
interface Jump {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly hostKey: HostKeyTrust
}

export type Authentication =
  /** With a password too, for a server that requires both or does not accept the key. */
  | { readonly kind: 'key'; readonly key: string; readonly passphrase?: string; readonly password?: string }
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'agent'; readonly socket: string }

export type HostKeyTrust =
  /** The lines of a known_hosts file. */
  | { readonly kind: 'known-hosts'; readonly lines: string }
  /**
   * Fingerprints (`SHA256:…`), any of which the host key may have. `host` is the jump host that the input gives them
   * for.
   */
  | { readonly kind: 'fingerprint'; readonly fingerprints: readonly string[]; readonly host?: string }
  | { readonly kind: 'insecure' }
