import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { attributes } from './attributes.ts'

/** A place that layers are cached in. */
export interface CacheEntry {
  /** `registry`, `gha`, `local`, `inline`, `s3`, `azblob`. */
  readonly type: string
  /** As buildx takes it. */
  readonly text: string
  /** The user gave no scope where there can be one; two images of a repository would overwrite each other. */
  readonly scopeMissing: boolean
}

/** Reads `cache-from` and `cache-to`. A cache that cannot be written is no reason to fail. */
export function planCache(inputs: Inputs, findings: Findings) {
  const entries = (input: 'cache-from' | 'cache-to') =>
    list(inputs[input], input, findings, { wholeLines: true }).map(readEntry)
  return {
    cacheFrom: entries('cache-from'),
    cacheTo: entries('cache-to').map(ignoreErrors),
  }
}

/** buildx takes an entry without attributes for a reference in a registry; what is added needs them. */
function readEntry(entry: string): CacheEntry {
  const text = entry.includes('=') ? entry : `type=registry,ref=${entry}`
  const given = attributes(text)
  const type = given['type'] ?? ''
  return { type, text, scopeMissing: type === 'gha' && given['scope'] === undefined }
}

/** An inline cache is part of the image and has no export of its own. */
function ignoreErrors(entry: CacheEntry): CacheEntry {
  const decided = entry.type === 'inline' || attributes(entry.text)['ignore-error'] !== undefined
  return decided ? entry : { ...entry, text: `${entry.text},ignore-error=true` }
}

/** What `--cache-from` takes: the own scope first, then the default one, where another workflow may have written. */
export const cacheFromArguments = (entries: readonly CacheEntry[], scope: string): string[] =>
  entries.flatMap(({ text, scopeMissing }) => (scopeMissing ? [`${text},scope=${scope}`, text] : [text]))

/** What `--cache-to` takes. */
export const cacheToArguments = (entries: readonly CacheEntry[], scope: string): string[] =>
  entries.map(({ text, scopeMissing }) => (scopeMissing ? `${text},scope=${scope}` : text))

/** One for each image and target: `ghcr.io/me/app`, `ghcr.io/me/app-worker`. A comma would end the attribute. */
export function cacheScope(image: string, target: string | undefined): string {
  return [image || 'build', target]
    .filter(part => part !== undefined)
    .join('-')
    .replaceAll(',', '-')
}
