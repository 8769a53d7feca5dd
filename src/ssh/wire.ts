import { createHash } from 'node:crypto'

/**
 * Encodes a `string` of SSH's binary format: the length in 32 bits, big endian, and the bytes (RFC 4251, section 5).
 */
export function wireString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint32(bytes.length), bytes])
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Reads `count` strings from `offset` on. Undefined if the bytes are incomplete. */
export function readWireStrings(bytes: Buffer, count: number, offset = 0): WireStrings | undefined {
  const values: Buffer[] = []
  let end = offset
  while (values.length < count) {
    if (end + 4 > bytes.length) return undefined
    const start = end + 4
    end = start + bytes.readUInt32BE(end)
    if (end > bytes.length) return undefined
    values.push(bytes.subarray(start, end))
  }
  return { values, end }
}

interface WireStrings {
  readonly values: readonly Buffer[]
  /** The offset after the last string. */
  readonly end: number
}

/** Returns the type in a public key (`ssh-ed25519`); empty if the bytes are not a public key. */
export const publicKeyType = (key: Buffer): string => readWireStrings(key, 1)?.values[0]?.toString() ?? ''

/** Returns the fingerprint of a public key as OpenSSH prints it: `SHA256:` and the hash in base64 without padding. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
