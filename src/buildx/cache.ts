import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { attributes } from './attributes.ts'

/** A build cache, from one entry of `cache-from` or `cache-to`. */
export interface CacheEntry {
  /** `registry`, `gha`, `local`, `inline`, `s3`, `azblob`. */
  readonly type: string
  /** The value for buildx. */
  readonly text: string
  /**
   * The cache has scopes, but the user set none. Without a scope, two images of one repository would overwrite each
   * other's cache.
   */
  readonly scopeMissing: boolean
}

/** Reads `cache-from` and `cache-to`. A failed cache write only warns. */
export function planCache(inputs: Inputs, findings: Findings) {
  const entries = (input: 'cache-from' | 'cache-to') =>
    list(inputs[input], input, findings, { wholeLines: true }).map(readEntry)
  return {
    cacheFrom: entries('cache-from'),
    cacheTo: entries('cache-to').map(ignoreErrors),
  }
}

/**
 * Parses an entry. buildx reads an entry without attributes as a registry reference; it is expanded to the long form,
 * so that attributes can be appended.
 */
function readEntry(entry: string): CacheEntry {
  const text = entry.includes('=') ? entry : `type=registry,ref=${entry}`
  const parsed = attributes(text)
  const type = parsed['type'] ?? ''
  return { type, text, scopeMissing: type === 'gha' && parsed['scope'] === undefined }
}

/** Adds `ignore-error`, except to an inline cache, which is part of the image. */
function ignoreErrors(entry: CacheEntry): CacheEntry {
  const unchanged = entry.type === 'inline' || attributes(entry.text)['ignore-error'] !== undefined
  return unchanged ? entry : { ...entry, text: `${entry.text},ignore-error=true` }
}

/**
 * Returns the values of `--cache-from`: the scope of this image first, then the default scope, which another workflow
 * may have filled.
 */
export const cacheFromArguments = (entries: readonly CacheEntry[], scope: string): string[] =>
  entries.flatMap(({ text, scopeMissing }) => (scopeMissing ? [`${text},scope=${scope}`, text] : [text]))

/** Returns the values of `--cache-to`. */
export const cacheToArguments = (entries: readonly CacheEntry[], scope: string): string[] =>
  entries.map(({ text, scopeMissing }) => (scopeMissing ? `${text},scope=${scope}` : text))

/**
 * Returns the cache scope of an image and the target or platform of this build: `ghcr.io/me/app`,
 * `ghcr.io/me/app-worker`. Commas are replaced, because a comma would end the attribute.
 */
export function cacheScope(image: string, parts: readonly (string | undefined)[]): string {
  return [image || 'build', ...parts]
    .filter(part => part !== undefined)
    .join('-')
    .replaceAll(',', '-')
}
