/** How to reach the server, and how to know that it is the right one. */
export interface SshPlan {
  /** A name or an address; IPv6 without its brackets. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly authentication: Authentication
  readonly hostKey: HostKeyTrust
  readonly jump?: Jump
}

/** A host to go through; it takes the same login as the server, and has a host key of its own. */
interface Jump {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly hostKey: HostKeyTrust
}

export type Authentication =
  /** The password too, for a server that asks for both, or does not know the key. */
  | { readonly kind: 'key'; readonly key: string; readonly passphrase?: string; readonly password?: string }
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'agent'; readonly socket: string }

export type HostKeyTrust =
  /** Lines as in a known_hosts file. */
  | { readonly kind: 'known-hosts'; readonly lines: string }
  /** `SHA256:…` of a host key; any of them will do. `host` is how their lines in the input name a jump host. */
  | { readonly kind: 'fingerprint'; readonly fingerprints: readonly string[]; readonly host?: string }
  | { readonly kind: 'insecure' }
