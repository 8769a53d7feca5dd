import { noFindings } from '../core/findings.ts'
import { type InputName, type Inputs, inputNames, isSecret } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import { parseSettings } from '../payload/settings.ts'

/**
 * Returns every secret value that the inputs hold, to be masked before anything else happens. An input with several
 * entries is never a value as a whole: its names and brackets would be masked in the whole job. (`registry-auth` is YAML,
 * which is masked when it is read.)
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
