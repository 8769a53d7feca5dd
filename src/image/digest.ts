import { createHash } from 'node:crypto'

declare const checked: unique symbol

/** The digest of a manifest or a blob: `sha256:` and 64 hexadecimal digits. Text from outside becomes one here, or nowhere. */
export type Digest = `sha256:${string}` & { readonly [checked]: true }

const pattern = /^sha256:[a-f0-9]{64}$/

export const isDigest = (text: unknown): text is Digest => typeof text === 'string' && pattern.test(text)

/** Reads what a registry, buildx, a server or a user names as a digest; undefined when it is none. */
export const parseDigest = (text: unknown): Digest | undefined => (isDigest(text) ? text : undefined)

export const digestOfBytes = (bytes: Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest
