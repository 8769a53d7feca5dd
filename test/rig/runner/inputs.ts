import { type Contexts, expand } from './expressions.ts'
import type { Manifest } from './manifest.ts'

/** The inputs of a step, as an action sees them. */
export interface StepInputs {
  /** `INPUT_*`. */
  readonly variables: Record<string, string>
  /** What GitHub's runner itself has to say of the `with:` block. */
  readonly warnings: readonly string[]
}

/**
 * Makes the variables of a `with:` block: an input that is given wins over its default even when it is empty; one that
 * is not declared is passed on all the same, with a warning; names know no case.
 */
export function stepInputs(
  manifest: Manifest,
  given: Readonly<Record<string, string | number | boolean>>,
  contexts: Contexts,
): StepInputs {
  const names = new Map([...manifest.inputs.keys()].map(name => [name.toLowerCase(), name]))
  const values = new Map(
    Object.entries(given).map(([name, value]) => [names.get(name.toLowerCase()) ?? name, String(value)]),
  )
  const warnings = warningsOf(manifest, [...values.keys()])
  for (const [name, input] of manifest.inputs) {
    if (!values.has(name)) values.set(name, expand(input.default, contexts))
  }
  return {
    variables: Object.fromEntries([...values].map(([name, value]) => [variableOf(name), value])),
    warnings,
  }
}

/** Upper case, blanks as underscores; hyphens stay. */
const variableOf = (name: string): string => `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`

function warningsOf({ inputs }: Manifest, given: readonly string[]): string[] {
  const list = (names: readonly string[]) => names.map(name => `'${name}'`).join(', ')
  const unexpected = given.filter(name => !inputs.has(name))
  const deprecated = given.flatMap(name => {
    const message = inputs.get(name)?.deprecation
    return message === undefined ? [] : [`Input '${name}' has been deprecated with message: ${message}`]
  })
  if (unexpected.length === 0) return deprecated
  return [
    `Unexpected input(s) ${list(unexpected)}, valid inputs are [${list([...inputs.keys()])}]`,
    ...deprecated,
  ]
}
