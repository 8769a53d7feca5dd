import type { Findings } from '../findings.ts'
import type { Context } from '../github/context.ts'
import { trustOf } from '../github/trust.ts'
import type { Inputs } from '../inputs.ts'
import { list } from '../lists.ts'
import { boolean } from '../values.ts'
import { attributes } from './attributes.ts'

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
  const push = mayPush(asked, context, findings) && (asked ?? !elsewhere)
  return { kind: 'image', push, load, outputs }
}

function refuseWithCall(given: Readonly<Record<string, boolean>>, method: string, findings: Findings): void {
  for (const input of (['push', 'load', 'outputs'] as const).filter(name => given[name])) {
    findings.problems.push({
      input,
      cause: `\`${input}\` is given together with \`call: ${method}\`, which builds nothing.`,
      remedy: `Leave out \`${input}\` or \`call\`.`,
    })
  }
}

/** A run that strangers can start has no right to push, or has it only to be asked for in so many words. */
function mayPush(asked: boolean | undefined, context: Context, findings: Findings): boolean {
  const trust = trustOf(context)
  if (trust === 'own') return true
  if (trust === 'fork-with-secrets') {
    if (asked === undefined) findings.warnings.push(forkWithSecrets)
    return asked === true
  }
  if (asked !== false) findings.warnings.push(untrusted[trust])
  return false
}

const forkWithSecrets =
  'This pull_request_target run is for a fork: nothing is pushed unless `push: true` says so.'

const untrusted = {
  fork: 'This pull request comes from a fork, which gets no secrets: the image is built and not pushed.',
  dependabot: 'This run was started by Dependabot, which gets no secrets: the image is built and not pushed.',
} as const

/** Whether the image reaches a registry, by `push` or by an exporter of its own. */
export function pushes(result: Result): boolean {
  if (result.kind === 'call') return false
  return (
    result.push ||
    result.outputs.some(output => {
      const { type, push } = attributes(output)
      return type === 'registry' || (type === 'image' && push === 'true')
    })
  )
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
