import type { Context } from '../core/context.ts'
import { type Findings, noFindings } from '../core/findings.ts'
import { mayUseSecrets, trustOf } from '../github/trust.ts'
import { parseReference, repositoryName } from '../image/reference.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { boolean } from '../inputs/values.ts'
import { attributes, isBoolean, isTrue } from './attributes.ts'

/** What a build produces. */
export type Result =
  /** A method of the frontend, such as `check`: nothing is built. */
  | { readonly kind: 'call'; readonly method: string }
  | {
      readonly kind: 'image'
      readonly push: boolean
      readonly load: boolean
      /** What `--output` takes, one each. */
      readonly outputs: readonly string[]
      /** `push-by-digest=true`: pushed without a tag; a later step merges several such images into one index. */
      readonly byDigest: boolean
    }

/** Reads `push`, `load`, `outputs` and `call`. Pushes unless one of the others asks for something else. */
export function planResult(inputs: Inputs, context: Context, findings: Findings): Result {
  const outputs = list(inputs.outputs, 'outputs', findings, { wholeLines: true, keepQuotes: true })
  const load = boolean(inputs, 'load', findings, false)
  const method = inputs.call === 'build' ? '' : inputs.call
  const elsewhere = load || outputs.length > 0 || method !== ''
  const asked = inputs.push === '' ? undefined : boolean(inputs, 'push', findings, true)
  if (method !== '') {
    refuseWithCall({ push: asked === true, load, outputs: outputs.length > 0 }, method, findings)
    return { kind: 'call', method }
  }
  const allowed = mayPush(inputs, context, findings)
  const kept = allowed ? outputs : outputs.filter(each => !readExporter(each, false).pushes)
  const push = allowed && (asked ?? !elsewhere)
  return { kind: 'image', push, load, outputs: kept, byDigest: kept.some(asksForDigest) }
}

/** Whether the image is pushed by digest, without a tag. */
export const isByDigest = (result: Result): boolean => result.kind === 'image' && result.byDigest

const asksForDigest = (output: string): boolean => isOn(attributes(output)['push-by-digest'])

/** Whether a switch is on; BuildKit reads one without a value as on. */
export const isOn = (value: string | undefined): boolean =>
  value !== undefined && (value === '' || isTrue(value))

export const isOff = (value = ''): boolean => isBoolean(value) && !isTrue(value)

function refuseWithCall(given: Readonly<Record<string, boolean>>, method: string, findings: Findings): void {
  for (const input of (['push', 'load', 'outputs'] as const).filter(name => given[name])) {
    findings.problems.push({
      input,
      cause: `\`${input}\` is given together with \`call: ${method}\`, which builds nothing.`,
      remedy: `Leave out \`${input}\` or \`call\`.`,
    })
  }
}

/** A run that anybody can start has no right to push, or has it only where the workflow says `push: true`. */
function mayPush(inputs: Inputs, context: Context, findings: Findings): boolean {
  const trust = trustOf(context)
  if (trust === 'own' || mayUseSecrets(inputs, context)) return true
  if (inputs.push === '' || boolean(inputs, 'push', noFindings(), true))
    findings.warnings.push(untrusted[trust])
  return false
}

const untrusted = {
  stranger: 'Anybody can have started this run: nothing is pushed unless `push: true` says so.',
  'fork-with-secrets': 'This run is for a fork: nothing is pushed unless `push: true` says so.',
  fork: 'This pull request comes from a fork, which gets no secrets: nothing is pushed.',
  dependabot: 'This pull request comes from Dependabot, which gets no secrets: nothing is pushed.',
} as const

/** One thing that a build exports. */
export interface Exporter {
  readonly type: string
  readonly attributes: Readonly<Record<string, string>>
  /** It writes to a registry. */
  readonly pushes: boolean
  /** Where it comes from: a value of `--output`, or a flag that stands for one. */
  readonly from: { readonly output: string } | '--push' | '--load'
}

/**
 * Lists what a build exports, as buildx makes it of `--push`, `--load` and each `--output`. What is pushed comes last:
 * BuildKit merges the answers of its exporters into one, in their order, and the digest of the last one stays.
 */
function exporters(result: Result): Exporter[] {
  if (result.kind === 'call') return []
  const written = result.outputs.map(output => readExporter(output, result.push))
  return [
    ...(result.load && !written.some(isLoaded) ? [load] : []),
    ...written.filter(({ pushes }) => !pushes),
    ...written.filter(({ pushes }) => pushes),
    ...(result.push && !written.some(isImage) ? [push] : []),
  ]
}

const load: Exporter = { type: 'docker', attributes: {}, pushes: false, from: '--load' }
const push: Exporter = { type: 'image', attributes: {}, pushes: true, from: '--push' }

/** Parses an `--output`. `--push` also pushes the image of each `--output`. */
function readExporter(output: string, push: boolean): Exporter {
  const type = exporterType(output)
  const given = attributes(output)
  const pushes = type === 'registry' || (type === 'image' && (push || isOn(given['push'])))
  return { type, attributes: given, pushes, from: { output } }
}

/** Returns the type of an output. buildx reads a value without attributes as a path, and `-` as a tar on stdout. */
function exporterType(output: string): string {
  if (output === '-') return 'tar'
  return output.includes('=') ? (attributes(output)['type'] ?? '') : 'local'
}

export const isImage = ({ type }: Exporter): boolean => type === 'image' || type === 'registry'

/** Whether it loads an image into an engine; with `dest` it writes a file. */
export const isLoaded = ({ type, attributes }: Exporter): boolean =>
  type === 'docker' && (attributes['dest'] ?? '') === ''

/** Whether the engine's own builder leaves the image in the engine's store: an image that it pushes, it does. */
export const isStored = (exporter: Exporter): boolean =>
  isLoaded(exporter) || (isImage(exporter) && !isOff(exporter.attributes['store']))

/**
 * Lists what a builder is asked to export. The engine's own stores what it pushes, and is not asked to load it as well:
 * both at once store one name twice, and fail in a race ("already exists").
 */
export function exportersOf(result: Result, isEngine: boolean): Exporter[] {
  const all = exporters(result)
  const stored = isEngine && all.some(each => each !== load && isStored(each))
  return stored ? all.filter(each => each !== load) : all
}

/** Whether the image reaches a registry, by `push` or by an exporter of its own. */
export const pushes = (result: Result): boolean => exporters(result).some(each => each.pushes)

/** Whether an exporter of the type is used; `--load` is one of type `docker`, `dest` alone one of type `local`. */
export const exportsTo = (result: Result, type: string): boolean =>
  exporters(result).some(each => each.type === type)

/** Returns the image names in the outputs of a build (`name=`). */
export function outputNames(result: Result): string[] {
  if (result.kind === 'call') return []
  const names = result.outputs.map(attributes).flatMap(({ type = '', name = '' }) => {
    return type === 'image' || type === 'registry' ? name.split(',') : []
  })
  return names.map(name => name.trim()).filter(name => name !== '')
}

/** Adds the repositories as the name of each output that is pushed by digest and has none. */
export function nameOutputs<R extends Result>(result: R, repositories: readonly string[]): R {
  if (result.kind === 'call' || repositories.length === 0) return result
  const name = `"name=${repositories.join(',')}"`
  const outputs = result.outputs.map(output =>
    asksForDigest(output) && attributes(output)['name'] === undefined ? `${output},${name}` : output,
  )
  return { ...result, outputs }
}

/** Returns the repository of a reference; invalid text stays as it is, to be rejected later. */
export function withoutTag(text: string): string {
  const reference = parseReference(text)
  return 'reason' in reference ? text : repositoryName(reference)
}

/** Adds docker's default tag to a reference without one. */
export function withTag(text: string): string {
  const reference = parseReference(text)
  return 'reason' in reference || reference.tag !== undefined ? text : `${text}:latest`
}
