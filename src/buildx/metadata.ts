import { readFile } from 'node:fs/promises'
import { at } from '../core/context.ts'
import { parseJson } from '../core/json.ts'
import { type Digest, parseDigest } from '../image/digest.ts'
import { imageIdFile, metadataFile } from './command.ts'

/** What buildx reports about a build. */
export interface Metadata {
  /** The digest of the index, or of the manifest if there is only one. */
  readonly digest: Digest | undefined
  readonly imageId: Digest | undefined
  readonly warnings: readonly BuildWarning[]
  /** The whole file. */
  readonly raw: Readonly<Record<string, unknown>>
}

/** A warning of a Dockerfile check. */
interface BuildWarning {
  /** With the name of the check in front: `FromAsCasing: …`. */
  readonly text: string
  /** Where the check is explained. */
  readonly url: string | undefined
  /** Counted from 1. */
  readonly line: number | undefined
}

/** Reads the files that the build wrote; a missing file counts as empty. */
export async function readMetadata(directory: string): Promise<Metadata> {
  const [metadata, imageId] = await Promise.all(
    [metadataFile(directory), imageIdFile(directory)].map(path => readFile(path, 'utf8').catch(() => '')),
  )
  return parseMetadata(metadata ?? '', imageId ?? '')
}

export function parseMetadata(metadata: string, imageId: string): Metadata {
  const found = parseJson(metadata)
  const raw = (typeof found === 'object' && found !== null && !Array.isArray(found) ? found : {}) as Record<
    string,
    unknown
  >
  const warnings = raw['buildx.build.warnings']
  return {
    digest: parseDigest(raw['containerimage.digest']),
    imageId: parseDigest(imageId.trim()) ?? parseDigest(raw['containerimage.config.digest']),
    warnings: Array.isArray(warnings) ? warnings.map(readWarning) : [],
    raw,
  }
}

/** BuildKit's VertexWarning: texts are base64, lines are counted from 1. */
function readWarning(warning: unknown): BuildWarning {
  const start = at(warning, 'range', '0', 'start', 'line')
  return {
    text: decode(at(warning, 'short')).replace(/ \(line \d+\)$/, ''),
    url: text(at(warning, 'url')),
    line: typeof start === 'number' ? start : undefined,
  }
}

const decode = (value: unknown): string => Buffer.from(text(value) ?? '', 'base64').toString('utf8')

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
