import { parseGoBoolean } from '../inputs/values.ts'
import { annotationLines } from './labels.ts'
import type { ImagePlan } from './plan.ts'

/** The outputs of docker/metadata-action, by name, except its bake files. */
export type MetadataOutputs = Readonly<
  Record<'version' | 'tags' | 'tag-names' | 'labels' | 'annotations' | 'json', string>
>

export function metadataOutputs(plan: ImagePlan, exportsIndex: boolean): MetadataOutputs {
  const annotations = annotationLines(plan.annotations, exportsIndex)
  return {
    version: plan.version,
    tags: plan.tags.join('\n'),
    'tag-names': plan.tagNames.join('\n'),
    labels: plan.labels.join('\n'),
    annotations: annotations.join('\n'),
    json: JSON.stringify({
      tags: plan.tags,
      'tag-names': plan.tagNames,
      labels: Object.fromEntries(plan.labels.map(splitLabel)),
      annotations,
    }),
  }
}

/**
 * Returns the outputs as variables `DOCKER_METADATA_OUTPUT_…` for the build and later steps; none if
 * DOCKER_METADATA_SET_OUTPUT_ENV is false.
 */
export function metadataVariables(
  outputs: MetadataOutputs,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  if (parseGoBoolean(env['DOCKER_METADATA_SET_OUTPUT_ENV'] ?? '') === false) return {}
  const variable = (name: string): string =>
    `DOCKER_METADATA_OUTPUT_${name.replaceAll('-', '_').toUpperCase()}`
  const fitting = Object.entries(outputs).filter(([, value]) => Buffer.byteLength(value) < maxVariableBytes)
  return Object.fromEntries(fitting.map(([name, value]) => [variable(name), value]))
}

/** Linux starts no program with a variable of more than 128 KiB; every later step of the job would fail. */
const maxVariableBytes = 127 * 1024

function splitLabel(label: string): [string, string] {
  const equals = label.indexOf('=')
  return [label.slice(0, equals), label.slice(equals + 1)]
}
