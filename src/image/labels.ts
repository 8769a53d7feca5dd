import { at, type Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { filler, globalExpressions } from './expressions.ts'
import type { PlannedTags } from './planned-tags.ts'
import { parseReference, type Reference } from './reference.ts'
import { type Trigger, validDate } from './trigger.ts'

/** The labels and annotations of an image. Both contain the same eight automatic entries. */
interface Descriptions {
  /** `key=value`, sorted by key. */
  readonly labels: readonly string[]
  readonly annotations: Annotations
}

export interface Annotations {
  /** `key=value`, sorted by key, for the levels in `levels`. */
  readonly plain: readonly string[]
  /** Lines with an explicit level (`index:key=value`). */
  readonly levelled: readonly string[]
  /** The levels from DOCKER_METADATA_ANNOTATIONS_LEVELS; empty: all levels that the build exports. */
  readonly levels: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

const level = '(?:manifest|index|manifest-descriptor|index-descriptor)(?:\\[[^\\]]*\\])?'
const levelled = new RegExp(`^${level}(?:,${level})*:`)

/** Returns the automatic labels and annotations, overridden by those of the inputs. */
export function describe(
  inputs: Inputs,
  context: Context,
  trigger: Trigger,
  planned: PlannedTags,
  env: Environment,
  findings: Findings,
): Descriptions {
  const automatic = openContainerLabels(context, trigger, planned.version, env)
  const fromInput = (input: 'labels' | 'annotations'): string[] => {
    const fill = filler(input, findings, true)
    const expressions = globalExpressions(trigger)
    return list(inputs[input], input, findings, { comments: true, wholeLines: true })
      .map(line => fill(substituteMeta(line, planned), expressions))
      .filter(line => line !== '')
  }
  const annotations = fromInput('annotations')
  return {
    labels: merge([...automatic, ...fromInput('labels')]),
    annotations: {
      plain: merge([...automatic, ...annotations.filter(line => !levelled.test(line))]),
      levelled: annotations.filter(line => levelled.test(line)),
      levels: (env['DOCKER_METADATA_ANNOTATIONS_LEVELS'] ?? '')
        .split(',')
        .map(name => name.trim())
        .filter(Boolean),
    },
  }
}

/**
 * Returns the labels of https://specs.opencontainers.org/image-spec/annotations, from the event alone. If the event has
 * no repository, description and license are omitted, because empty labels would override those of the Dockerfile.
 */
function openContainerLabels(
  context: Context,
  trigger: Trigger,
  version: string,
  env: Environment,
): string[] {
  const repository = at(context.payload, 'repository')
  const field = (fallback: string | undefined, ...path: string[]): string | undefined => {
    const value = at(repository, ...path)
    return typeof value === 'string' ? value : fallback
  }
  const page = field(`${context.serverUrl}/${context.repository}`, 'html_url')
  const unknown = repository === undefined ? undefined : ''
  return Object.entries({
    title: field(context.repository.split('/')[1], 'name'),
    description: field(unknown, 'description'),
    url: page,
    source: page,
    version,
    created: created(trigger, env).toISOString(),
    revision: trigger.sha,
    licenses: field(unknown, 'license', 'spdx_id'),
  }).flatMap(([name, value]) => (value === undefined ? [] : [`org.opencontainers.image.${name}=${value}`]))
}

/** Returns the date of the commit if it is known, so that the same commit always yields the same labels. */
function created({ commitDate, now }: Trigger, env: Environment): Date {
  const epoch = env['SOURCE_DATE_EPOCH'] ?? ''
  const fixed = /^[0-9]+$/.test(epoch) ? validDate(Number(epoch) * 1000) : undefined
  return fixed ?? commitDate ?? now
}

/** Keeps the last line of each key, and sorts the lines by key. */
function merge(lines: readonly string[]): string[] {
  const values = new Map(
    lines.map(line => {
      const [key = '', ...value] = line.split('=')
      return [key.trim(), value.join('=')]
    }),
  )
  // Compared by code units: the first locale-aware comparison takes 5 ms, and labels have no order in an image.
  return [...values].sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, value]) => `${key}=${value}`)
}

/**
 * Replaces `{{meta.version}}` and `{{meta.tags}}` (separated by commas) in `build-args`, `labels` and `annotations`.
 * They correspond to `steps.meta.outputs.…` of docker/metadata-action.
 */
export function substituteMeta(
  text: string,
  { version, tags }: Pick<PlannedTags, 'version' | 'tags'>,
): string {
  return text
    .replace(/\{\{\s*meta\.version\s*\}\}/g, () => version)
    .replace(/\{\{\s*meta\.tags\s*\}\}/g, () => tags.join(','))
}

/**
 * Returns the values of `docker buildx build --annotation`. BuildKit rejects annotations for an index if the build
 * exports none. If it exports one, registries such as ghcr.io read the description from the index.
 */
export function annotationLines({ plain, levelled, levels }: Annotations, exportsIndex: boolean): string[] {
  const defaultLevels = exportsIndex ? ['manifest', 'index'] : ['manifest']
  const lines = (levels.length > 0 ? levels : defaultLevels).flatMap(level =>
    plain.map(line => `${level}:${line}`),
  )
  return [...lines, ...levelled]
}

const revisionLabel = 'org.opencontainers.image.revision='

/**
 * Returns the commit in the image's label, which can differ from the run's (`metadata-context: git`,
 * DOCKER_METADATA_PR_HEAD_SHA).
 */
export const revisionOf = ({ labels }: Pick<Descriptions, 'labels'>): string =>
  labels.find(line => line.startsWith(revisionLabel))?.slice(revisionLabel.length) ?? ''

/**
 * Returns the tag by which a later run finds the image of this commit: a tag that contains the short commit, with any
 * prefix and suffix. The later run checks the label of the image to be sure that it is from this commit.
 */
export function commitTag(
  image: Pick<PlannedTags, 'tags'> & Pick<Descriptions, 'labels'>,
): Reference | undefined {
  const short = revisionOf(image).slice(0, 7)
  if (short.length < 7) return undefined
  const references = image.tags
    .map(parseReference)
    .filter((parsed): parsed is Reference => 'registry' in parsed)
  return references.find(({ tag = '' }) => tag.includes(short))
}
