import { at, type Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import type { Environment } from '../core/runtime.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { attributes, isBoolean, isTrue } from './attributes.ts'
import { exportsTo, type Result } from './result.ts'

/**
 * Returns the values of `--attest` from `provenance`, `sbom` and `attests`. If no input configures the provenance, the
 * default is that of docker/build-push-action: `mode=max` for a public repository, `mode=min,inline-only=true` for a
 * private one, none for an image that is only loaded. With `provenance: false`, the index gets no provenance entry.
 */
export function planAttestations(
  inputs: Inputs,
  context: Context,
  { result, env }: { readonly result: Result; readonly env: Environment },
  findings: Findings,
): string[] {
  const fromInput = list(inputs.attests, 'attests', findings, { wholeLines: true })
  const others = fromInput.filter(attestation => {
    const { type } = attributes(attestation)
    return !(type === 'provenance' && inputs.provenance !== '') && !(type === 'sbom' && inputs.sbom !== '')
  })
  const requested = [
    ...(inputs.provenance === '' ? [] : [attest('provenance', withBuilderId(inputs.provenance, context))]),
    ...(inputs.sbom === '' ? [] : [attest('sbom', inputs.sbom)]),
    ...others.map(normalizeBooleans),
  ]
  if (requested.some(attestation => attributes(attestation)['type'] === 'provenance')) return requested
  return [...defaultAttestations(context, result, env), ...requested]
}

function defaultAttestations(context: Context, result: Result, env: Environment): string[] {
  const off = isTrue(env['BUILDX_NO_DEFAULT_ATTESTATIONS'] ?? '')
  if (off || result.kind === 'call' || exportsTo(result, 'docker')) return []
  if (!result.push && result.outputs.length === 0) return []
  const isPublic = at(context.payload, 'repository', 'private') === false
  return [attest('provenance', withBuilderId(isPublic ? 'mode=max' : 'mode=min,inline-only=true', context))]
}

const attest = (type: string, value: string): string => normalizeBooleans(`type=${type},${value}`)

/** Rewrites a bare boolean as `disabled=`, the only form that buildx accepts. */
const normalizeBooleans = (text: string): string =>
  text
    .split(',')
    .map(field => (isBoolean(field) ? `disabled=${!isTrue(field)}` : field))
    .join(',')

/** Adds the URL of this run as the builder ID. */
function withBuilderId(value: string, context: Context): string {
  if (isBoolean(value)) return isTrue(value) ? builderId(context) : 'false'
  return attributes(value)['builder-id'] === undefined ? `${value},${builderId(context)}` : value
}

const builderId = ({ serverUrl, repository, runId, runAttempt }: Context): string =>
  `builder-id=${serverUrl}/${repository}/actions/runs/${runId}/attempts/${runAttempt}`

/** Reports whether the index gets entries for attestations (`unknown/unknown` in some listings). */
export const isAttested = (attests: readonly string[]): boolean =>
  attests.some(attestation => attributes(attestation)['disabled'] !== 'true')
