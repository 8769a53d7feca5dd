import { at, type Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { filler, globalExpressions } from './expressions.ts'
import type { PlannedTags } from './planned-tags.ts'
import { parseReference, type Reference } from './reference.ts'
import { type Trigger, validDate } from './trigger.ts'

/** Labels and annotations. Both start with the same eight automatic ones. */
interface Descriptions {
  /** `key=value`, by key. */
  readonly labels: readonly string[]
  readonly annotations: Annotations
}

export interface Annotations {
  /** `key=value`, by key, for the levels below. */
  readonly plain: readonly string[]
  /** Lines that name their level themselves (`index:key=value`). */
  readonly levelled: readonly string[]
  /** What DOCKER_METADATA_ANNOTATIONS_LEVELS says; empty: whatever is exported. */
  readonly levels: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

const level = '(?:manifest|index|manifest-descriptor|index-descriptor)(?:\\[[^\\]]*\\])?'
const levelled = new RegExp(`^${level}(?:,${level})*:`)

/** Makes the automatic labels and annotations and lets the given ones override them. */
export function describe(
  inputs: Inputs,
  context: Context,
  trigger: Trigger,
  planned: PlannedTags,
  env: Environment,
  findings: Findings,
): Descriptions {
  const automatic = openContainerLabels(context, trigger, planned.version, env)
  const given = (input: 'labels' | 'annotations'): string[] => {
    const fill = filler(input, findings, true)
    const expressions = globalExpressions(trigger)
    return list(inputs[input], input, findings, { comments: true, wholeLines: true })
      .map(line => fill(substituteMeta(line, planned), expressions))
      .filter(line => line !== '')
  }
  const annotations = given('annotations')
  return {
    labels: merge([...automatic, ...given('labels')]),
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
 * Makes https://specs.opencontainers.org/image-spec/annotations from the event alone. If the event has no repository,
 * description and licence are left out, because an empty label would override the Dockerfile's.
 */
function openContainerLabels(
  context: Context,
  trigger: Trigger,
  version: string,
  env: Environment,
): string[] {
  const repository = at(context.payload, 'repository')
  const said = (fallback: string | undefined, ...path: string[]): string | undefined => {
    const value = at(repository, ...path)
    return typeof value === 'string' ? value : fallback
  }
  const page = said(`${context.serverUrl}/${context.repository}`, 'html_url')
  const unknown = repository === undefined ? undefined : ''
  return Object.entries({
    title: said(context.repository.split('/')[1], 'name'),
    description: said(unknown, 'description'),
    url: page,
    source: page,
    version,
    created: created(trigger, env).toISOString(),
    revision: trigger.sha,
    licenses: said(unknown, 'license', 'spdx_id'),
  }).flatMap(([name, value]) => (value === undefined ? [] : [`org.opencontainers.image.${name}=${value}`]))
}

/** Returns the date of the commit if it is known, so that the same commit gives the same labels and layers. */
function created({ commitDate, now }: Trigger, env: Environment): Date {
  const epoch = env['SOURCE_DATE_EPOCH'] ?? ''
  const fixed = /^[0-9]+$/.test(epoch) ? validDate(Number(epoch) * 1000) : undefined
  return fixed ?? commitDate ?? now
}

/** Keeps one line for each key, the last one given, sorted by key. */
function merge(lines: readonly string[]): string[] {
  const values = new Map(
    lines.map(line => {
      const [key = '', ...value] = line.split('=')
      return [key.trim(), value.join('=')]
    }),
  )
  // By code units: the first comparison by language costs 5 ms, and labels have no order in an image.
  return [...values].sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, value]) => `${key}=${value}`)
}

/**
 * Fills in `{{meta.version}}` and `{{meta.tags}}` (split by commas), in `build-args`, `labels` and `annotations`: they
 * take the place of `steps.meta.outputs.…`.
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
 * Returns the annotations as `docker buildx build --annotation` takes them. BuildKit refuses one for an index if none is
 * exported; if one is, registries such as ghcr.io read the description from it.
 */
export function annotationLines({ plain, levelled, levels }: Annotations, exportsIndex: boolean): string[] {
  const usual = exportsIndex ? ['manifest', 'index'] : ['manifest']
  const lines = (levels.length > 0 ? levels : usual).flatMap(level => plain.map(line => `${level}:${line}`))
  return [...lines, ...levelled]
}

const revisionLabel = 'org.opencontainers.image.revision='

/** Returns the commit on the image's label, which is not always the run's own (`metadata-context: git`, DOCKER_METADATA_PR_HEAD_SHA). */
export const revisionOf = ({ labels }: Pick<Descriptions, 'labels'>): string =>
  labels.find(line => line.startsWith(revisionLabel))?.slice(revisionLabel.length) ?? ''

/**
 * Returns the tag by which a later run finds the image of this commit: one that contains the commit, with any prefix and
 * suffix. The label of the image found there tells whether it really is of this commit.
 */
export function commitTag(
  image: Pick<PlannedTags, 'tags'> & Pick<Descriptions, 'labels'>,
): Reference | undefined {
  const short = revisionOf(image).slice(0, 7)
  if (short.length < 7) return undefined
  const found = image.tags.map(parseReference).filter((each): each is Reference => 'registry' in each)
  return found.find(({ tag = '' }) => tag.includes(short))
}
