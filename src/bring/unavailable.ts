import type { Findings } from '../findings.ts'
import type { InputName, Inputs } from '../inputs.ts'

/** Declared in action.yml, and not built yet: whoever gives one must not think that it was heeded. */
const unavailable: readonly InputName[] = [
  'files',
  'env',
  'run-before',
  'run-after',
  'host-before',
  'host-after',
  'check-url',
]

export function refuseUnavailable(inputs: Inputs, { problems }: Findings): void {
  for (const input of unavailable.filter(name => inputs[name] !== '')) {
    problems.push({
      input,
      cause: `\`${input}\` is not available in this version.`,
      remedy: 'Leave it out; a later version has it.',
    })
  }
  if (/^true$/i.test(inputs['allow-older'])) {
    problems.push({
      input: 'allow-older',
      cause: '`allow-older` is not available in this version: nothing is held back yet.',
      remedy: 'Leave it out.',
    })
  }
}
