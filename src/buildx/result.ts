import type { Context } from '../core/context.ts'
import { type Findings, noFindings } from '../core/findings.ts'
import { mayUseSecrets, trustOf } from '../github/trust.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { boolean } from '../inputs/values.ts'
import { attributes, isTrue } from './attributes.ts'

/** What becomes of what is built. */
export type Result =
  /** A method of the frontend is called, such as `check`: nothing is built. */
  | { readonly kind: 'call'; readonly method: string }
  | {
      readonly kind: 'image'
      readonly push: boolean
      readonly load: boolean
      /** What `--output` takes, one each. */
      readonly outputs: readonly string[]
      /** `push-by-digest=true`: nothing gets a tag; a later step makes one index of several such images. */
      readonly byDigest: boolean
    }

/** Reads `push`, `load`, `outputs` and `call`. An image is pushed unless something else is to become of it. */
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
  const kept = allowed ? outputs : outputs.filter(each => !isPushed(each))
  const push = allowed && (asked ?? !elsewhere)
  return { kind: 'image', push, load, outputs: kept, byDigest: kept.some(asksForDigest) }
}

/** An image of its own is pushed under its digest alone. */
export const isByDigest = (result: Result): boolean => result.kind === 'image' && result.byDigest

export const asksForDigest = (output: string): boolean => isOn(attributes(output)['push-by-digest'])

/** BuildKit takes a switch without a value for one that is on. */
const isOn = (value: string | undefined): boolean => value !== undefined && (value === '' || isTrue(value))

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
  'fork-with-secrets': 'This run is for a fork: nothing is pushed unless `push: true` says so.',
  fork: 'This pull request comes from a fork, which gets no secrets: nothing is pushed.',
  dependabot: 'This pull request comes from Dependabot, which gets no secrets: nothing is pushed.',
} as const

/** Whether the image reaches a registry, by `push` or by an exporter of its own. */
export function pushes(result: Result): boolean {
  if (result.kind === 'call') return false
  return result.push || result.outputs.some(isPushed)
}

function isPushed(output: string): boolean {
  const { type, push } = attributes(output)
  return type === 'registry' || (type === 'image' && isOn(push))
}

/** Whether an exporter of the type is used; `--load` is one of type `docker`, `dest` alone one of type `local`. */
export function exportsTo(result: Result, type: string): boolean {
  if (result.kind === 'call') return false
  if (type === 'docker' && result.load) return true
  return result.outputs.some(output => exporterType(output) === type)
}

/** buildx takes an output that is no list of attributes for a path, and `-` for a tar. */
export function exporterType(output: string): string {
  if (output === '-') return 'tar'
  return output.includes('=') ? (attributes(output)['type'] ?? '') : 'local'
}
