import { at, type Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import type { Environment } from '../core/runtime.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { attributes, isBoolean, isTrue } from './attributes.ts'
import { exportsTo, type Result } from './result.ts'

/**
 * Reads `provenance`, `sbom` and `attests` into what `--attest` takes. Without a word about provenance it is what
 * docker/build-push-action makes it: `max` for a public repository, `min` and inside the image for a private one,
 * none for an image that is loaded. `provenance: false` leaves an image without any index entry of its own.
 */
export function planAttestations(
  inputs: Inputs,
  context: Context,
  { result, env }: { readonly result: Result; readonly env: Environment },
  findings: Findings,
): string[] {
  const given = list(inputs.attests, 'attests', findings, { wholeLines: true })
  const others = given.filter(each => {
    const { type } = attributes(each)
    return !(type === 'provenance' && inputs.provenance !== '') && !(type === 'sbom' && inputs.sbom !== '')
  })
  const asked = [
    ...(inputs.provenance === '' ? [] : [attest('provenance', withBuilderId(inputs.provenance, context))]),
    ...(inputs.sbom === '' ? [] : [attest('sbom', inputs.sbom)]),
    ...others.map(resolveSwitches),
  ]
  if (asked.some(each => attributes(each)['type'] === 'provenance')) return asked
  return [...byDefault(context, result, env), ...asked]
}

function byDefault(context: Context, result: Result, env: Environment): string[] {
  const off = isTrue(env['BUILDX_NO_DEFAULT_ATTESTATIONS'] ?? '')
  if (off || result.kind === 'call' || exportsTo(result, 'docker')) return []
  if (!result.push && result.outputs.length === 0) return []
  const open = at(context.payload, 'repository', 'private') === false
  return [attest('provenance', withBuilderId(open ? 'mode=max' : 'mode=min,inline-only=true', context))]
}

const attest = (type: string, value: string): string => resolveSwitches(`type=${type},${value}`)

/** Rewrites a boolean as `disabled=`, the only form that buildx reads. */
const resolveSwitches = (text: string): string =>
  text
    .split(',')
    .map(cell => (isBoolean(cell) ? `disabled=${!isTrue(cell)}` : cell))
    .join(',')

/** Adds the URL of this run as the builder ID. */
function withBuilderId(value: string, context: Context): string {
  if (isBoolean(value)) return isTrue(value) ? builderId(context) : 'false'
  return attributes(value)['builder-id'] === undefined ? `${value},${builderId(context)}` : value
}

const builderId = ({ serverUrl, repository, runId, runAttempt }: Context): string =>
  `builder-id=${serverUrl}/${repository}/actions/runs/${runId}/attempts/${runAttempt}`

/** Whether the index gets entries for attestations (`unknown/unknown` in some listings). */
export const isAttested = (attests: readonly string[]): boolean =>
  attests.some(each => attributes(each)['disabled'] !== 'true')
