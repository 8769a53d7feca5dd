import { readFile } from 'node:fs/promises'
import { at } from '../core/context.ts'
import { parseJson } from '../core/json.ts'
import { type Digest, parseDigest } from '../image/digest.ts'
import { imageIdFile, metadataFile } from './command.ts'

/** The metadata that buildx reports about a build. */
export interface Metadata {
  /** The digest of the index, or of the manifest if there is only one. */
  readonly digest: Digest | undefined
  readonly imageId: Digest | undefined
  readonly warnings: readonly BuildWarning[]
  /** The content of the metadata file. */
  readonly raw: Readonly<Record<string, unknown>>
}

/** A warning of a Dockerfile check. */
interface BuildWarning {
  /** The message, with the name of the check in front: `FromAsCasing: …`. */
  readonly text: string
  /** The documentation of the check. */
  readonly url: string | undefined
  /** The line of the Dockerfile, counted from 1. */
  readonly line: number | undefined
}

/** Reads the files that buildx wrote; a missing file counts as empty. */
export async function readMetadata(directory: string): Promise<Metadata> {
  const [metadata, imageId] = await Promise.all(
    [metadataFile(directory), imageIdFile(directory)].map(path => readFile(path, 'utf8').catch(() => '')),
  )
  return parseMetadata(metadata ?? '', imageId ?? '')
}

export function parseMetadata(metadata: string, imageId: string): Metadata {
  const parsed = parseJson(metadata)
  const raw = (
    typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : {}
  ) as Record<string, unknown>
  const warnings = raw['buildx.build.warnings']
  return {
    digest: parseDigest(raw['containerimage.digest']),
    imageId: parseDigest(imageId.trim()) ?? parseDigest(raw['containerimage.config.digest']),
    warnings: Array.isArray(warnings) ? warnings.map(readWarning) : [],
    raw,
  }
}

/** Parses BuildKit's VertexWarning, whose texts are base64 and whose lines are counted from 1. */
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
