import { createHash } from 'node:crypto'

declare const checked: unique symbol

/**
 * The digest of a manifest or a blob: `sha256:` and 64 hexadecimal digits. Only this file turns text from outside into
 * a Digest.
 */
export type Digest = `sha256:${string}` & { readonly [checked]: true }

const pattern = /^sha256:[a-f0-9]{64}$/

export const isDigest = (text: unknown): text is Digest => typeof text === 'string' && pattern.test(text)

/** Parses a digest from a registry, buildx, a server or a user; undefined if it is not a valid digest. */
export const parseDigest = (text: unknown): Digest | undefined => (isDigest(text) ? text : undefined)

export const digestOfBytes = (bytes: Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest
