/**
 * Looks up a variable for Compose's interpolation. This file implements what an image reference needs: `$NAME`,
 * `${NAME}`, `${NAME:-default}` and the similar operators, nested defaults, and `$$` for a dollar sign.
 * https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
 */
export type Lookup = (name: string) => string | undefined

const nameAt = /[A-Za-z_][A-Za-z0-9_]*/y

/** Returns the names of the variables in a text, those in defaults included, in order and without duplicates. */
export function variablesOf(template: string): string[] {
  const seen = new Set<string>()
  interpolate(template, name => {
    seen.add(name)
    return undefined
  })
  return [...seen]
}

/** Replaces the variables of a text. A variable that is not set and has no default becomes empty. */
export function interpolate(template: string, lookup: Lookup): string {
  const { text } = walk(template, 0, lookup, false)
  return text
}

/** Interpolates from `start` to the end of the template, or to the brace that closes a default. */
function walk(
  template: string,
  start: number,
  lookup: Lookup,
  inBraces: boolean,
): { text: string; end: number } {
  let text = ''
  let at = start
  while (at < template.length && !(inBraces && template[at] === '}')) {
    const found = template[at] === '$' ? variable(template, at + 1, lookup) : undefined
    text += found?.text ?? template[at]
    at = found?.end ?? at + 1
  }
  return { text, end: at }
}

function variable(template: string, at: number, lookup: Lookup): { text: string; end: number } | undefined {
  if (template[at] === '$') return { text: '$', end: at + 1 }
  const braced = template[at] === '{'
  nameAt.lastIndex = braced ? at + 1 : at
  const name = nameAt.exec(template)?.[0]
  if (name === undefined) return undefined
  const end = (braced ? at + 1 : at) + name.length
  if (!braced) return { text: lookup(name) ?? '', end }
  return withDefault(template, end, name, lookup)
}

/** Interpolates the rest after a name in braces: `}`, or an operator and a text up to the closing brace. */
function withDefault(template: string, at: number, name: string, lookup: Lookup) {
  const operator = /^:?[-?+]/.exec(template.slice(at, at + 2))?.[0] ?? ''
  const value = lookup(name)
  const other = walk(template, at + operator.length, lookup, true)
  return { text: choose(operator, value, other.text), end: other.end + 1 }
}

function choose(operator: string, value: string | undefined, other: string): string {
  const set = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
  if (operator.endsWith('-')) return set ? (value ?? '') : other
  if (operator.endsWith('+')) return set ? other : ''
  return value ?? ''
}

/** An assignment in an env file: `NAME=value`, `export NAME='value'`. Quoted values may contain line breaks. */
const assignment =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*(?:'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\n]*))/gm

/** Returns the variables of an env file. The last assignment of a name wins. */
export function readEnvFile(text: string): Map<string, string> {
  return new Map(
    [...text.replace(/^\uFEFF/, '').matchAll(assignment)].map(([, name = '', single, double, bare = '']) => [
      name,
      single ?? double?.replace(/\\(["\\$])/g, '$1') ?? bare.replace(/(?:^|\s)#.*$/, '').trim(),
    ]),
  )
}
