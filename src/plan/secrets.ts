import { noFindings } from '../core/findings.ts'
import { type InputName, type Inputs, inputNames, isSecret } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { parseSettings } from '../payload/settings.ts'

/**
 * Returns every secret value of the inputs, so that the caller can mask them before anything else happens. Of an input
 * with several entries it returns the values only: the names and brackets around them must not be masked in the whole
 * job. The passwords of `registry-auth`, which is YAML, are masked when it is parsed.
 */
export const secretsOf = (inputs: Inputs): string[] =>
  inputNames.filter(isSecret).flatMap(name => valuesOf(name, inputs))

function valuesOf(name: InputName, inputs: Inputs): string[] {
  if (name === 'registry-auth') return []
  if (name === 'env') return parseSettings(inputs.env, noFindings()).map(({ value }) => value)
  if (name !== 'secrets') return [inputs[name]]
  const entries = list(inputs.secrets, 'secrets', noFindings(), { wholeLines: true, keepBlanks: true })
  return entries.map(entry => entry.slice(entry.indexOf('=') + 1))
}
