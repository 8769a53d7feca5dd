/** What an expression can name: `github`, `runner`, … with the values below them. */
export type Contexts = Readonly<Record<string, unknown>>

/**
 * Fills in `${{ … }}` where it names a context's value or a literal, which is all that a default in `action.yml` has
 * use for. Throws on any other expression, so that nothing is silently evaluated otherwise than on GitHub.
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

/** Whether a step with this `if:` runs after steps that ended so. */
export function holds(condition: string, conclusion: 'success' | 'failure' | 'cancelled'): boolean {
  const bare = condition.replace(/^\$\{\{(.*)\}\}$/s, '$1').trim()
  if (bare === 'always()') return true
  const status = /^(!?)(success|failure|cancelled)\(\)$/.exec(bare)
  if (status === null) throw new Error(`unsupported condition: ${condition}`)
  return (status[2] === conclusion) !== (status[1] === '!')
}
