/** The contexts that an expression can refer to (`github`, `runner`, …), with their properties. */
export type Contexts = Readonly<Record<string, unknown>>

/**
 * Expands `${{ … }}` if it is a context property or a literal; defaults in `action.yml` use nothing else. Throws on any
 * other expression, so that none silently evaluates to something different than on GitHub.
 */
export function expand(text: string, contexts: Contexts): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    evaluate(expression.trim(), contexts),
  )
}

function evaluate(expression: string, contexts: Contexts): string {
  const literal = /^'((?:[^']|'')*)'$/.exec(expression)
  if (literal?.[1] !== undefined) return literal[1].replaceAll("''", "'")
  if (!/^[a-z_][\w-]*(\.[\w-]+)*$/i.test(expression)) throw new Error(`unsupported expression: ${expression}`)
  const [context = '', ...path] = expression.split('.')
  if (!(context in contexts)) throw new Error(`unrecognized named-value: ${context}`)
  return asText(path.reduce(property, contexts[context]))
}

function property(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as Record<string, unknown>)[key]
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? 'Object' : String(value)
}

/** Reports whether a step with this `if:` runs after steps with this conclusion. */
export function conditionHolds(condition: string, conclusion: 'success' | 'failure' | 'cancelled'): boolean {
  const bare = condition.replace(/^\$\{\{(.*)\}\}$/s, '$1').trim()
  if (bare === 'always()') return true
  const status = /^(!?)(success|failure|cancelled)\(\)$/.exec(bare)
  if (status === null) throw new Error(`unsupported condition: ${condition}`)
  return (status[2] === conclusion) !== (status[1] === '!')
}
