import { createDecipheriv } from 'node:crypto'
import { readWireStrings, uint32, wireString } from './wire.ts'

/** OpenSSH's private key format (PROTOCOL.key in its source). The public key in it is never encrypted. */
interface OpenSshKey {
  readonly cipher: string
  /** `none` or `bcrypt`. */
  readonly kdf: string
  readonly kdfOptions: Buffer
  readonly publicKey: Buffer
  readonly privatePart: Buffer
  /** The authentication tag of an AEAD cipher, which follows the private part. */
  readonly tag: Buffer
}

const magic = Buffer.from('openssh-key-v1\0')

/** Parses an OpenSSH private key. Undefined if the bytes have another format or are incomplete. */
export function readOpenSshKey(bytes: Buffer): OpenSshKey | undefined {
  if (!bytes.subarray(0, magic.length).equals(magic)) return undefined
  const [cipher, kdf, kdfOptions] = readWireStrings(bytes, 3, magic.length)?.values ?? []
  const keys = readWireStrings(bytes, 3, magic.length)?.end ?? 0
  const [publicKey, privatePart] = readWireStrings(bytes, 2, keys + 4)?.values ?? []
  const end = readWireStrings(bytes, 2, keys + 4)?.end
  if (cipher === undefined || kdf === undefined || kdfOptions === undefined) return undefined
  if (publicKey === undefined || privatePart === undefined) return undefined
  const tag = bytes.subarray(end)
  return { cipher: cipher.toString(), kdf: kdf.toString(), kdfOptions, publicKey, privatePart, tag }
}

/** Formats an unencrypted OpenSSH private key as PEM. The private part includes its check numbers. */
export function writeOpenSshKey(publicKey: Buffer, privatePart: Buffer): string {
  const bytes = Buffer.concat([
    magic,
    ...['none', 'none', ''].map(wireString),
    uint32(1),
    wireString(publicKey),
    wireString(privatePart),
  ])
  return pemBlock('OPENSSH PRIVATE KEY', bytes.toString('base64'))
}

/**
 * Formats base64 text as a PEM block, in lines of 70 characters for OpenSSH's format and 64 for all others (RFC 7468).
 */
export function pemBlock(label: string, base64: string, headers = ''): string {
  const lines = base64.replace(label === 'OPENSSH PRIVATE KEY' ? /.{1,70}/g : /.{1,64}/g, '$&\n')
  return `-----BEGIN ${label}-----\n${headers}${lines}-----END ${label}-----\n`
}

/** Builds a private part: two equal check numbers, the fields, and the padding 1, 2, 3… to a multiple of 8 bytes. */
export function privatePartOf(...fields: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat([Buffer.alloc(8), ...fields])
  const padding = (8 - (content.length % 8)) % 8
  return Buffer.concat([content, Buffer.from(Array.from({ length: padding }, (_, index) => index + 1))])
}

interface Cipher {
  /** The name of the cipher in OpenSSL. */
  readonly name: string
  readonly key: number
  readonly iv: number
}

/** The ciphers of `ssh-keygen -Z`. */
const ciphers: Readonly<Record<string, Cipher>> = {
  'aes128-ctr': { name: 'aes-128-ctr', key: 16, iv: 16 },
  'aes192-ctr': { name: 'aes-192-ctr', key: 24, iv: 16 },
  'aes256-ctr': { name: 'aes-256-ctr', key: 32, iv: 16 },
  'aes128-cbc': { name: 'aes-128-cbc', key: 16, iv: 16 },
  'aes192-cbc': { name: 'aes-192-cbc', key: 24, iv: 16 },
  'aes256-cbc': { name: 'aes-256-cbc', key: 32, iv: 16 },
  '3des-cbc': { name: 'des-ede3-cbc', key: 24, iv: 8 },
  'aes128-gcm@openssh.com': { name: 'aes-128-gcm', key: 16, iv: 12 },
  'aes256-gcm@openssh.com': { name: 'aes-256-gcm', key: 32, iv: 12 },
  // Two keys of 32 bytes. The first one encrypts the content, from block 1 on (PROTOCOL.chacha20poly1305).
  'chacha20-poly1305@openssh.com': { name: 'chacha20', key: 64, iv: 0 },
}

export const isKnownCipher = (cipher: string): boolean => Object.hasOwn(ciphers, cipher)

/** Decrypts the private part. Undefined if the passphrase is wrong. */
export async function decrypt(key: OpenSshKey, passphrase: string): Promise<Buffer | undefined> {
  const cipher = ciphers[key.cipher]
  const salt = readWireStrings(key.kdfOptions, 1)
  if (cipher === undefined || salt?.values[0] === undefined) return undefined
  const rounds = key.kdfOptions.readUInt32BE(salt.end)
  const secret = await deriveSecret(passphrase, salt.values[0], rounds, cipher.key + cipher.iv)
  const clear = decipher(cipher, secret, key)
  return clear?.subarray(0, 4).equals(clear.subarray(4, 8)) ? clear : undefined
}

function decipher(cipher: Cipher, secret: Buffer, { privatePart, tag }: OpenSshKey): Buffer | undefined {
  const stream = cipher.name === 'chacha20'
  const iv = stream ? Buffer.from('01000000000000000000000000000000', 'hex') : secret.subarray(cipher.key)
  const decoder = createDecipheriv(cipher.name, secret.subarray(0, stream ? 32 : cipher.key), iv)
  decoder.setAutoPadding(false)
  if ('setAuthTag' in decoder && cipher.name.endsWith('gcm')) {
    ;(decoder as ReturnType<typeof createDecipheriv> & { setAuthTag(tag: Buffer): void }).setAuthTag(tag)
  }
  try {
    return Buffer.concat([decoder.update(privatePart), decoder.final()])
  } catch {
    return undefined
  }
}

async function deriveSecret(
  passphrase: string,
  salt: Buffer,
  rounds: number,
  length: number,
): Promise<Buffer> {
  const { pbkdf } = await import('bcrypt-pbkdf')
  const secret = Buffer.alloc(length)
  const password = Buffer.from(passphrase)
  if (pbkdf(password, password.length, salt, salt.length, secret, length, rounds) !== 0) {
    throw new Error('bcrypt_pbkdf does not accept these parameters')
  }
  return secret
}
