import type { Context } from '../core/context.ts'
import { type Findings, noFindings } from '../core/findings.ts'
import { mayUseSecrets, trustOf } from '../github/trust.ts'
import { parseReference, repositoryName } from '../image/reference.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { boolean } from '../inputs/values.ts'
import { attributes, isBoolean, isTrue } from './attributes.ts'

/** The result that the inputs request from a build. */
export type Result =
  /** A method of the Dockerfile frontend, such as `check`, which builds nothing. */
  | { readonly kind: 'call'; readonly method: string }
  | {
      readonly kind: 'image'
      readonly push: boolean
      readonly load: boolean
      /** The values of `--output`. */
      readonly outputs: readonly string[]
      /** `push-by-digest=true`: push without a tag. A later step merges several such images into one index. */
      readonly byDigest: boolean
    }

/** Parses `push`, `load`, `outputs` and `call`. Without `push`, the image is pushed unless another of them is set. */
export function planResult(inputs: Inputs, context: Context, findings: Findings): Result {
  const outputs = list(inputs.outputs, 'outputs', findings, { wholeLines: true, keepQuotes: true })
  const load = boolean(inputs, 'load', findings, false)
  const method = inputs.call === 'build' ? '' : inputs.call
  const pushInput = inputs.push === '' ? undefined : boolean(inputs, 'push', findings, true)
  if (method !== '') {
    rejectWithCall({ push: pushInput === true, load, outputs: outputs.length > 0 }, method, findings)
    return { kind: 'call', method }
  }
  const allowed = mayPush(inputs, context, findings)
  const kept = allowed ? outputs : outputs.filter(output => !readExporter(output, false).pushes)
  const push = allowed && (pushInput ?? !(load || outputs.length > 0))
  return { kind: 'image', push, load, outputs: kept, byDigest: kept.some(pushesByDigest) }
}

/** Reports whether the image is pushed by digest, without a tag. */
export const isByDigest = (result: Result): boolean => result.kind === 'image' && result.byDigest

const pushesByDigest = (output: string): boolean => isOn(attributes(output)['push-by-digest'])

/** Reports whether a boolean attribute is on. As in BuildKit, an attribute without a value is on. */
export const isOn = (value: string | undefined): boolean =>
  value !== undefined && (value === '' || isTrue(value))

export const isOff = (value = ''): boolean => isBoolean(value) && !isTrue(value)

function rejectWithCall(set: Readonly<Record<string, boolean>>, method: string, findings: Findings): void {
  for (const input of (['push', 'load', 'outputs'] as const).filter(name => set[name])) {
    findings.problems.push({
      input,
      cause: `\`${input}\` is set together with \`call: ${method}\`, which builds nothing.`,
      remedy: `Remove \`${input}\` or \`call\`.`,
    })
  }
}

/**
 * Reports whether this run may push; warns if it may not. A run that anybody can start may not push, unless it gets
 * secrets and the workflow sets `push: true`.
 */
function mayPush(inputs: Inputs, context: Context, findings: Findings): boolean {
  const trust = trustOf(context)
  if (trust === 'own' || mayUseSecrets(inputs, context)) return true
  if (inputs.push === '' || boolean(inputs, 'push', noFindings(), true))
    findings.warnings.push(untrusted[trust])
  return false
}

const untrusted = {
  anyone: 'Anybody can start this run, so Slipway pushes nothing. To push anyway, set `push: true`.',
  'fork-with-secrets': 'This run is for a fork, so Slipway pushes nothing. To push anyway, set `push: true`.',
  fork: 'This pull request comes from a fork and gets no secrets, so Slipway pushes nothing.',
  dependabot: 'This pull request comes from Dependabot and gets no secrets, so Slipway pushes nothing.',
} as const

/** One exporter of a build. */
export interface Exporter {
  readonly type: string
  readonly attributes: Readonly<Record<string, string>>
  /** The exporter writes to a registry. */
  readonly pushes: boolean
  /** The origin of the exporter: a value of `--output`, or the flag that implies it. */
  readonly from: { readonly output: string } | '--push' | '--load'
}

/**
 * Lists the exporters that buildx derives from `--push`, `--load` and each `--output`. Exporters that push come last:
 * BuildKit merges the responses of all exporters in order, and the digest of the last one remains.
 */
function exporters(result: Result): Exporter[] {
  if (result.kind === 'call') return []
  const explicit = result.outputs.map(output => readExporter(output, result.push))
  return [
    ...(result.load && !explicit.some(isLoaded) ? [load] : []),
    ...explicit.filter(({ pushes }) => !pushes),
    ...explicit.filter(({ pushes }) => pushes),
    ...(result.push && !explicit.some(isImage) ? [push] : []),
  ]
}

const load: Exporter = { type: 'docker', attributes: {}, pushes: false, from: '--load' }
const push: Exporter = { type: 'image', attributes: {}, pushes: true, from: '--push' }

/** Parses a value of `--output`. `--push` also pushes the image of each `--output`. */
function readExporter(output: string, push: boolean): Exporter {
  const type = exporterType(output)
  const parsed = attributes(output)
  const pushes = type === 'registry' || (type === 'image' && (push || isOn(parsed['push'])))
  return { type, attributes: parsed, pushes, from: { output } }
}

/** Returns the type of an output. buildx reads a value without attributes as a path, and `-` as a tar on stdout. */
function exporterType(output: string): string {
  if (output === '-') return 'tar'
  return output.includes('=') ? (attributes(output)['type'] ?? '') : 'local'
}

export const isImage = ({ type }: Exporter): boolean => type === 'image' || type === 'registry'

/** Reports whether an exporter loads the image into an engine; with `dest` it writes a file instead. */
export const isLoaded = ({ type, attributes }: Exporter): boolean =>
  type === 'docker' && (attributes['dest'] ?? '') === ''

/** Reports whether the engine's own builder stores the image in the engine, which it also does with a pushed image. */
export const isStored = (exporter: Exporter): boolean =>
  isLoaded(exporter) || (isImage(exporter) && !isOff(exporter.attributes['store']))

/**
 * Lists the exporters to request from a builder. The engine's own builder stores what it pushes, so `--load` is omitted
 * there: both together store the same name twice and can fail in a race ("already exists").
 */
export function exportersOf(result: Result, isEngine: boolean): Exporter[] {
  const all = exporters(result)
  const stored = isEngine && all.some(exporter => exporter !== load && isStored(exporter))
  return stored ? all.filter(exporter => exporter !== load) : all
}

/** Reports whether the build pushes an image, by `push` or by an output. */
export const pushes = (result: Result): boolean => exporters(result).some(exporter => exporter.pushes)

/** Reports whether the build does nothing but push, so that an image in the registry can replace its result. */
export function onlyPushes(result: Result): boolean {
  const all = exporters(result)
  return all.length > 0 && all.every(exporter => exporter.pushes)
}

/** Reports whether the build uses an exporter of a type. `--load` has the type `docker`, a bare path `local`. */
export const exportsTo = (result: Result, type: string): boolean =>
  exporters(result).some(exporter => exporter.type === type)

/** Returns the image names in the outputs of a build (`name=`). */
export function outputNames(result: Result): string[] {
  if (result.kind === 'call') return []
  const names = result.outputs.map(attributes).flatMap(({ type = '', name = '' }) => {
    return type === 'image' || type === 'registry' ? name.split(',') : []
  })
  return names.map(name => name.trim()).filter(name => name !== '')
}

/** Adds the repositories as `name=` to each output that is pushed by digest and has no name. */
export function nameOutputs<R extends Result>(result: R, repositories: readonly string[]): R {
  if (result.kind === 'call' || repositories.length === 0) return result
  const name = `"name=${repositories.join(',')}"`
  const outputs = result.outputs.map(output =>
    pushesByDigest(output) && attributes(output)['name'] === undefined ? `${output},${name}` : output,
  )
  return { ...result, outputs }
}

/** Returns the repository of a reference. Invalid text is returned unchanged and rejected later. */
export function withoutTag(text: string): string {
  const reference = parseReference(text)
  return 'reason' in reference ? text : repositoryName(reference)
}

/** Adds docker's default tag, `latest`, to a reference without a tag. */
export function withTag(text: string): string {
  const reference = parseReference(text)
  return 'reason' in reference || reference.tag !== undefined ? text : `${text}:latest`
}
