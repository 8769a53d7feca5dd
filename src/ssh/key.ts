import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { Problem } from '../core/errors.ts'
import { isProblem, type KeyText, missingPassphrase, repairKey } from './key-text.ts'
import { decrypt, privatePartOf, readOpenSshKey, writeOpenSshKey } from './openssh-key.ts'
import { publicKeyType, wireString } from './wire.ts'

/** A decrypted private key, ready for the login. */
export interface UsableKey {
  /** Unencrypted, in a format that ssh2 reads: OpenSSH, PKCS#1 or SEC 1. */
  readonly privateKey: string
  /** In SSH's binary format, as in authorized_keys. */
  readonly publicKey: Buffer
}

/** Opens a private key of any layout, format and cipher. Returns a Problem if it cannot be used. */
export async function openKey(given: string, passphrase = ''): Promise<UsableKey | Problem> {
  const key = repairKey(given)
  if (isProblem(key)) return key
  if (key.encrypted && passphrase === '') return missingPassphrase
  const opened = key.text.startsWith('-----BEGIN OPENSSH')
    ? await openOpenSsh(key, passphrase)
    : openPem(key, passphrase)
  return isProblem(opened) ? opened : await readable(opened)
}

/** Returns the key if ssh2 reads it. OpenSSH's format has no checksum: one wrong character shows only here. */
async function readable(key: UsableKey): Promise<UsableKey | Problem> {
  const { default: ssh2 } = await import('ssh2')
  if (!(ssh2.utils.parseKey(key.privateKey) instanceof Error)) return key
  const type = publicKeyType(key.publicKey)
  return /^(?:sk-|ssh-dss)/.test(type) ? unsupported(type) : damaged
}

const wrongPassphrase: Problem = {
  input: 'ssh-passphrase',
  cause: '`ssh-passphrase` does not decrypt `ssh-key`.',
  remedy: 'Check both with `ssh-keygen -y -f KEY`, which asks for the passphrase.',
}

const damaged: Problem = {
  input: 'ssh-key',
  cause: '`ssh-key` is damaged.',
  remedy: 'Check the file with `ssh-keygen -y -f KEY`, and copy all of it.',
}

async function openOpenSsh({ text, encrypted }: KeyText, passphrase: string): Promise<UsableKey | Problem> {
  const key = readOpenSshKey(Buffer.from(text.replace(/-----[^-]*-----/g, ''), 'base64'))
  if (key === undefined) return damaged
  const clear = encrypted ? await decrypt(key, passphrase) : key.privatePart
  if (clear === undefined) return wrongPassphrase
  return { privateKey: writeOpenSshKey(key.publicKey, clear), publicKey: key.publicKey }
}

/** Opens PKCS#8, PKCS#1 and SEC 1, encrypted with any cipher that OpenSSL knows. */
function openPem({ text, encrypted }: KeyText, passphrase: string): UsableKey | Problem {
  try {
    return usable(createPrivateKey({ key: text, passphrase }))
  } catch {
    return encrypted ? wrongPassphrase : damaged
  }
}

function usable(key: KeyObject): UsableKey | Problem {
  const type = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType
  if (!['rsa', 'ec', 'ed25519'].includes(key.asymmetricKeyType ?? '')) return unsupported(type)
  const jwk = key.export({ format: 'jwk' })
  const publicKey = publicKeyOf(jwk)
  if (publicKey === undefined) return unsupported(type)
  if (jwk.kty === 'OKP') return { privateKey: ed25519(publicKey, jwk), publicKey }
  const format = { type: jwk.kty === 'RSA' ? 'pkcs1' : 'sec1', format: 'pem' } as const
  return { privateKey: key.export(format).toString(), publicKey }
}

const unsupported = (type = 'unknown'): Problem => ({
  input: 'ssh-key',
  cause: `\`ssh-key\` is a key of the type ${type}, which SSH does not use.`,
  remedy: 'Generate a key with `ssh-keygen -t ed25519`.',
})

const curves: Readonly<Record<string, string>> = {
  'P-256': 'nistp256',
  'P-384': 'nistp384',
  'P-521': 'nistp521',
}

/**
 * Encodes a public key in SSH's binary format: RFC 4253 6.6 (RSA), RFC 5656 3.1 (ECDSA), RFC 8709 4 (Ed25519).
 * Undefined if SSH does not use the type.
 */
function publicKeyOf({ kty, crv = '', n, e, x, y }: JsonWebKey): Buffer | undefined {
  const curve = curves[crv]
  if (kty === 'RSA') return wire('ssh-rsa', mpint(e), mpint(n))
  if (kty === 'OKP' && crv === 'Ed25519') return wire('ssh-ed25519', bytes(x))
  if (kty !== 'EC' || curve === undefined) return undefined
  return wire(`ecdsa-sha2-${curve}`, curve, Buffer.concat([Buffer.of(4), bytes(x), bytes(y)]))
}

function ed25519(publicKey: Buffer, { x, d }: JsonWebKey): string {
  const secret = Buffer.concat([bytes(d), bytes(x)])
  return writeOpenSshKey(publicKey, privatePartOf(wire('ssh-ed25519', bytes(x), secret, '')))
}

const wire = (...fields: readonly (string | Uint8Array)[]): Buffer => Buffer.concat(fields.map(wireString))

const bytes = (base64url = ''): Buffer => Buffer.from(base64url, 'base64url')

/**
 * Encodes a non-negative number as an SSH mpint: with a leading zero byte if its first bit is set (RFC 4251, section
 * 5).
 */
function mpint(base64url = ''): Buffer {
  const number = bytes(base64url)
  return (number[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), number]) : number
}
