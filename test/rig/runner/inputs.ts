import { type Contexts, expand } from './expressions.ts'
import type { Manifest } from './manifest.ts'

/** A step's inputs as the action receives them. */
export interface StepInputs {
  /** `INPUT_*`. */
  readonly variables: Record<string, string>
  /** Warnings that GitHub's runner itself prints about the `with:` block. */
  readonly warnings: readonly string[]
}

/**
 * Returns the `INPUT_*` variables of a `with:` block. A given input overrides its default even if it is empty. An
 * undeclared input is passed on with a warning. Names are case-insensitive.
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

/** Returns the variable of an input: upper case, with underscores for spaces. Hyphens stay. */
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
